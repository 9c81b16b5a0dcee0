/**
 * The choke point: which rules fire, what they trigger, what the guardrails hold, and which interventions are made.
 * Every path (daily tick, catch-up, a person asking) goes through `choose`, and its result is recorded in one transaction.
 */
import { hash } from 'node:crypto';
import { type Hold, type HoldInput, holdsOn, isCapped, isMotion } from '../guardrails/guardrails.ts';
import type { CompiledPolicy, CompiledRule } from '../policy/compiled-policy.ts';
import { EXIT_STATES, type ExitState, PRIORITIES } from '../policy/policy.ts';
import { renderReason } from '../policy/render-reason.ts';
import type { Stage } from '../records/record.ts';
import type { SkillDefinition } from '../skills/registry.ts';
import type { Day } from '../time/calendar.ts';
import type { DecisionInputs, Intervention, InterventionState } from './inputs.ts';
import { cooldownDays, cooldownFrom, placeUnderCap } from './remembered.ts';

export function skillNamed(policy: CompiledPolicy, name: string): SkillDefinition {
  const skill = policy.skillByName.get(name);
  if (skill === undefined) throw new Error(`policy was loaded with an unknown skill: ${name}`);
  return skill;
}

/** One skill that a rule asked for on this evaluation. */
export interface Trigger {
  rule: CompiledRule;
  skill: SkillDefinition;
  holds: Hold[];
  /** Why the rule fires now, in numbers; the intervention keeps the reason it was made for. */
  reason: string;
  /** The intervention it made or points to; absent only where replaying found nothing to make. */
  intervention: Intervention;
}

export interface Choice {
  fired: CompiledRule[];
  /** Rules of the stage whose condition is unknown. */
  undecided: CompiledRule[];
  exit: ExitState;
  /** By priority, then the policy's order. */
  triggers: Trigger[];
  /** Interventions that are new or changed. */
  changed: Intervention[];
}

export interface ChooseOptions {
  /** A replayed day before the account's first live evaluation: what is made then is `expired` at once. */
  replay: boolean;
}

const NOTHING: readonly number[] = [];

/** Evaluates rules and guardrails on one account. `inputs` is not changed; changed interventions are copies. */
export function choose(inputs: DecisionInputs, policy: CompiledPolicy, options: ChooseOptions): Choice {
  const fired: CompiledRule[] = [];
  const undecided: CompiledRule[] = [];
  const candidates = inputs.status === 'active' ? policy.rulesByStage[inputs.stage] : NOTHING;
  for (const index of candidates) {
    const rule = policy.rules[index]!;
    const truth = rule.condition(inputs.facts);
    if (truth === true) fired.push(rule);
    else if (truth === undefined) undecided.push(rule);
  }
  const exit = exitOf(fired);
  const atRiskRule = exit === 'at_risk_intervention' ? fired.find((rule) => rule.exit === exit)?.id : undefined;
  const desk = new Desk(inputs, policy, atRiskRule, options);
  if (fired.length > 0) {
    for (const rule of byPriority(fired)) for (const name of rule.trigger) desk.trigger(rule, skillNamed(policy, name));
  }
  desk.closeOld();
  return { fired, undecided, exit, triggers: desk.triggers, changed: desk.changed };
}

function exitOf(fired: readonly CompiledRule[]): ExitState {
  let best = EXIT_STATES.length - 1;
  for (const rule of fired) {
    if (rule.exit !== undefined) best = Math.min(best, EXIT_STATES.indexOf(rule.exit));
  }
  return EXIT_STATES[best]!;
}

function byPriority(rules: readonly CompiledRule[]): readonly CompiledRule[] {
  const rank = (rule: CompiledRule): number => PRIORITIES.indexOf(rule.priority);
  const isInOrder = rules.every((rule, i) => i === 0 || rank(rules[i - 1]!) <= rank(rule));
  return isInOrder ? rules : rules.toSorted((a, b) => rank(a) - rank(b));
}

/** Stable id: the same account, rule, skill and period give the same id, so a rerun never makes a second one. */
export function interventionId(accountId: string, ruleId: string, skill: string, day: Day): string {
  return `int_${hash('sha256', `${accountId}\n${ruleId}\n${skill}\n${day}`).slice(0, 20)}`;
}

/** Makes, holds and finds interventions while one account is evaluated. */
class Desk {
  readonly triggers: Trigger[] = [];
  readonly changed: Intervention[] = [];
  readonly #inputs: DecisionInputs;
  readonly #policy: CompiledPolicy;
  readonly #atRiskRule: string | undefined;
  readonly #options: ChooseOptions;
  /** Days of capped interventions of this stage within the window, oldest first. */
  readonly #capDays: Day[];

  constructor(inputs: DecisionInputs, policy: CompiledPolicy, atRiskRule: string | undefined, options: ChooseOptions) {
    this.#inputs = inputs;
    this.#policy = policy;
    this.#atRiskRule = atRiskRule;
    this.#options = options;
    this.#capDays = capDaysOf(inputs.interventions, inputs.stage, inputs.today, policy.guardrails.weeklyCapDays);
  }

  trigger(rule: CompiledRule, skill: SkillDefinition): void {
    if (this.triggers.some((each) => each.rule === rule && each.skill === skill)) return;
    const open = this.#inCooldown(rule, skill.name);
    const reason = renderReason(rule.reason, this.#inputs.facts);
    if (open !== undefined) {
      const holds = isWaiting(open) ? this.#holdsOn(skill, [], open) : []; // it has its place under the cap
      this.triggers.push({
        rule,
        skill,
        holds,
        reason,
        intervention: holds.length > 0 ? this.#hold(open, holds) : open,
      });
      return;
    }
    const holds = this.#holdsOn(skill, this.#capDays);
    const intervention = this.#make(rule, skill, holds, reason);
    this.triggers.push({ rule, skill, holds, reason, intervention });
  }

  #holdsOn(skill: SkillDefinition, capDays: readonly Day[], of?: Intervention): Hold[] {
    return holdsOn({
      skill,
      stage: this.#inputs.stage,
      today: this.#inputs.today,
      facts: this.#inputs.conversation,
      guardrails: this.#policy.guardrails,
      atRiskRule: this.#atRiskRule,
      capDays,
      openMotion: isMotion(skill) ? this.#openMotion(skill, of) : undefined,
    });
  }

  /** The commercial conversation that came first, as this evaluation leaves it. */
  #openMotion(skill: SkillDefinition, of: Intervention | undefined): HoldInput['openMotion'] {
    const { interventions } = this.#inputs;
    if (this.changed.length === 0) return openMotionOf(interventions, skill, of, this.#policy);
    const changed = new Set(this.changed.map((each) => each.id));
    const all = [...interventions.filter((each) => !changed.has(each.id)), ...this.changed];
    return openMotionOf(all, skill, of, this.#policy);
  }

  /** What was proposed and not yet sent waits again when a guardrail begins to hold it, and gives back its place. */
  #hold(open: Intervention, holds: readonly Hold[]): Intervention {
    const { today } = this.#inputs;
    const heldBy = holds.map((hold) => hold.guardrail);
    const held: Intervention = { ...open, state: 'held', madeOn: null, updatedDay: today, heldBy };
    const place = open.capped && open.stage === this.#inputs.stage ? this.#capDays.indexOf(open.madeOn!) : -1;
    if (place >= 0) this.#capDays.splice(place, 1);
    this.changed.push(held);
    return held;
  }

  /** The rule's own intervention of this skill within its cooldown, or one that another rule made of the same skill. */
  #inCooldown(rule: CompiledRule, skill: string): Intervention | undefined {
    const oldest = this.#inputs.today - cooldownDays(rule);
    const stands = (each: Intervention): boolean =>
      each.skill === skill && (this.#awaitsDoing(each) || (cooldownFrom(each) ?? oldest) > oldest);
    // what was just held does not stand as it was before
    const isOld = (each: Intervention): boolean => this.changed.some(({ id }) => id === each.id);
    return this.changed.findLast(stands) ?? this.#inputs.interventions.findLast((each) => stands(each) && !isOld(each));
  }

  #make(rule: CompiledRule, skill: SkillDefinition, holds: Hold[], reason: string): Intervention {
    const { accountId, today, stage } = this.#inputs;
    const held = this.#inputs.interventions.findLast(
      (each) => each.ruleId === rule.id && each.skill === skill.name && each.state === 'held',
    );
    const state = holds.length > 0 ? 'held' : this.#options.replay ? 'expired' : this.#approval(skill);
    const heldBy = holds.map((hold) => hold.guardrail);
    const day = held?.day ?? today;
    const intervention: Intervention = {
      id: held?.id ?? interventionId(accountId, rule.id, skill.name, day),
      ruleId: rule.id,
      skill: skill.name,
      stage,
      priority: rule.priority,
      state,
      customerFacing: skill.customerFacing,
      capped: isCapped(skill),
      day,
      madeOn: holds.length > 0 ? null : today,
      updatedDay: today,
      reason,
      heldBy,
      // put off, then held: it sleeps on when it is let go
      ...(held?.snoozedUntil !== undefined && held.snoozedUntil > today && { snoozedUntil: held.snoozedUntil }),
    };
    if (held !== undefined && state === 'held' && held.stage === stage && sameText(held.heldBy, heldBy)) return held;
    this.#expireEarlier(intervention);
    this.changed.push(intervention);
    if (intervention.madeOn !== null && intervention.capped) this.#capDays.push(today);
    return intervention;
  }

  /** Somebody approved it: it is theirs to do, and no new proposal takes its place. */
  #awaitsDoing(each: Intervention): boolean {
    return each.state === 'approved' && this.#approval(skillNamed(this.#policy, each.skill)) === 'proposed';
  }

  /** What the same rule proposed earlier and nobody acted on within the cooldown gives way to the new one. */
  #expireEarlier(by: Intervention): void {
    for (const each of this.#inputs.interventions) {
      if (!isWaiting(each) || each.ruleId !== by.ruleId || each.skill !== by.skill || each.id === by.id) continue;
      this.changed.push({ ...each, state: 'expired', updatedDay: this.#inputs.today });
    }
  }

  #approval(skill: SkillDefinition): 'proposed' | 'approved' {
    if (!skill.customerFacing) return 'approved';
    const { autoApprove } = this.#policy.skills[skill.name] ?? this.#policy.skills.default ?? { autoApprove: 'never' };
    if (autoApprove === 'always') return 'approved';
    return autoApprove !== 'never' && autoApprove.includes(this.#inputs.stage) ? 'approved' : 'proposed';
  }

  /** What was held and is not asked for any more expires, and so does a proposal that nobody acted on for long, or
   * whose account has churned. */
  closeOld(): void {
    const oldest = this.#inputs.today - this.#policy.interventions.expireAfterDays;
    for (const each of this.#inputs.interventions) {
      const tooOld = each.madeOn !== null && lastActedOn(each) <= oldest;
      if (
        isWaiting(each) &&
        (tooOld || this.#inputs.status === 'churned') &&
        !this.changed.some((other) => other.id === each.id)
      ) {
        this.changed.push({ ...each, state: 'expired', updatedDay: this.#inputs.today });
      }
      if (each.state !== 'held' || this.triggers.some((trigger) => trigger.intervention.id === each.id)) continue;
      this.changed.push({ ...each, state: 'expired', updatedDay: this.#inputs.today }); // heldBy: what held it to the end
    }
  }
}

/**
 * Days on which capped interventions of a stage took their place within the cap's window, oldest first: the day one was
 * let through, or that on which it reached the customer.
 */
export function capDaysOf(
  interventions: readonly Intervention[],
  stage: Stage,
  today: Day,
  windowDays: number,
  except?: string,
): Day[] {
  const days: Day[] = [];
  for (const each of interventions) {
    if (each.stage !== stage || each.id === except) continue;
    const day = placeUnderCap(each);
    if (day !== null && day > today - windowDays) days.push(day);
  }
  return days.sort((a, b) => a - b);
}

const UNDER_WAY: readonly InterventionState[] = ['proposed', 'approved', 'dispatched', 'delivered'];

/** A commercial conversation of another skill that was let through before `of` (default: at any time) and is not over. */
export function openMotionOf(
  interventions: readonly Intervention[],
  skill: SkillDefinition,
  of: Intervention | undefined,
  policy: CompiledPolicy,
): HoldInput['openMotion'] {
  const isBefore = (each: Intervention) =>
    of === undefined || each.madeOn! < of.madeOn! || (each.madeOn === of.madeOn && each.id < of.id);
  return interventions.find((each) => {
    if (each.skill === skill.name || each.madeOn === null || !UNDER_WAY.includes(each.state)) return false;
    const definition = policy.skillByName.get(each.skill);
    return definition !== undefined && isMotion(definition) && isBefore(each);
  });
}

/** Last day on which somebody did something about what is waiting, or is to. */
function lastActedOn({ state, madeOn, snoozedUntil, updatedDay }: Intervention): Day {
  const since = state === 'approved' ? updatedDay : madeOn!;
  return Math.max(since, snoozedUntil ?? since);
}

/** Proposed or approved, and not yet sent. */
function isWaiting({ state }: Intervention): boolean {
  return state === 'proposed' || state === 'approved';
}

function sameText(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
