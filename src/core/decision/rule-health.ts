/**
 * How the rules of a policy fare: which never fire, which fire for nearly everybody, which are always held by the same
 * guardrail, and which always fire together. Counted over recorded ticks and the interventions made in the same days.
 */

export interface RuleReading {
  rule: string;
  /** Ticks on which it fired. */
  ticks: number;
  /** Accounts for which it fired at least once. */
  accounts: number;
  /** Share of the accounts that were ticked, 0-1; null: none was. */
  share: number | null;
  /** Interventions it asked for. */
  interventions: number;
  /** Of them, those that never got past the guardrails. */
  held: number;
  findings: RuleFinding[];
}

export type RuleFinding =
  | { code: 'never_fires' }
  | { code: 'fires_for_most'; share: number }
  | { code: 'always_held'; guardrail: string }
  | { code: 'always_together'; with: string };

/** One intervention as rule health looks at it. */
export interface RuleIntervention {
  ruleId: string;
  /** It was let through, whatever became of it. */
  letThrough: boolean;
  heldBy: readonly string[];
}

export const MOST_SHARE = 0.5;
/** Fewer ticks than this say nothing about a pair. */
const PAIR_TICKS = 20;
/** Nor do fewer accounts. */
const PAIR_ACCOUNTS = 3;
/** A guardrail that held fewer is no pattern. */
const HELD_INTERVENTIONS = 3;

interface Count {
  ticks: number;
  accounts: number;
  interventions: number;
  held: number;
  /** Guardrails that held every one so far; undefined: none looked at yet. */
  always: Set<string> | undefined;
}

/** Counts account by account. */
export class RuleHealth {
  readonly #rules: Map<string, Count>;
  readonly #pairs = new Map<string, { ticks: number; accounts: number }>();
  #accounts = 0;

  constructor(rules: readonly string[]) {
    this.#rules = new Map(
      rules.map((rule) => [rule, { ticks: 0, accounts: 0, interventions: 0, held: 0, always: undefined }]),
    );
  }

  /** `fired`: of each tick of one account within the days looked at. */
  addAccount(fired: readonly (readonly string[])[], interventions: readonly RuleIntervention[]): void {
    if (fired.length > 0) this.#accounts++;
    const rules = new Set<string>();
    const pairs = new Set<string>();
    for (const tick of fired) {
      for (const [i, rule] of tick.entries()) {
        const count = this.#rules.get(rule);
        if (count === undefined) continue; // a rule of an earlier policy
        count.ticks++;
        rules.add(rule);
        for (const other of tick.slice(i + 1)) this.#addPair(rule, other, pairs);
      }
    }
    for (const rule of rules) this.#rules.get(rule)!.accounts++;
    for (const pair of pairs) this.#pairs.get(pair)!.accounts++;
    for (const each of interventions) this.#addIntervention(each);
  }

  #addPair(a: string, b: string, seen: Set<string>): void {
    const pair = a < b ? `${a}\n${b}` : `${b}\n${a}`;
    const count = this.#pairs.get(pair) ?? { ticks: 0, accounts: 0 };
    count.ticks++;
    this.#pairs.set(pair, count);
    seen.add(pair);
  }

  #addIntervention({ ruleId, letThrough, heldBy }: RuleIntervention): void {
    const count = this.#rules.get(ruleId);
    if (count === undefined) return;
    count.interventions++;
    if (!letThrough) count.held++;
    const held = new Set(letThrough ? [] : heldBy);
    count.always = count.always === undefined ? held : count.always.intersection(held);
  }

  /** In the order of the policy. */
  readings(): RuleReading[] {
    return [...this.#rules].map(([rule, count]) => {
      const share = this.#accounts === 0 ? null : count.accounts / this.#accounts;
      const { ticks, accounts, interventions, held } = count;
      return { rule, ticks, accounts, share, interventions, held, findings: this.#findings(rule, count, share) };
    });
  }

  #findings(rule: string, count: Count, share: number | null): RuleFinding[] {
    if (share === null) return [];
    if (count.ticks === 0) return [{ code: 'never_fires' }];
    const findings: RuleFinding[] = [];
    if (share > MOST_SHARE) findings.push({ code: 'fires_for_most', share });
    const isPattern = count.interventions >= HELD_INTERVENTIONS && count.held === count.interventions;
    const [guardrail] = count.always ?? [];
    if (isPattern && guardrail !== undefined) findings.push({ code: 'always_held', guardrail });
    for (const [pair, { ticks, accounts }] of this.#pairs) {
      const [a, b] = pair.split('\n') as [string, string];
      if ((a !== rule && b !== rule) || ticks < PAIR_TICKS || accounts < PAIR_ACCOUNTS) continue;
      const other = a === rule ? b : a;
      if (ticks === count.ticks && ticks === this.#rules.get(other)?.ticks)
        findings.push({ code: 'always_together', with: other });
    }
    return findings;
  }
}
