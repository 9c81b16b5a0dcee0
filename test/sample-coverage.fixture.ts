/** For tests: which account of the sample shows what over the whole replay. */
import type { Replay } from './sample-replay.fixture.ts';

/** Thing that can happen -> account -> first day on which it did, `YYYY-MM-DD`. */
export type CoverageTable = Map<string, Map<string, string>>;

export function coverageOf(replay: Replay): CoverageTable {
  const table: CoverageTable = new Map();
  const note = (thing: string, account: string, day: string) => {
    const accounts = table.get(thing) ?? new Map<string, string>();
    if (!accounts.has(account)) accounts.set(account, day);
    table.set(thing, accounts);
  };
  for (const [account, ticks] of replay.ticks) {
    for (const { record, decision, before } of ticks) {
      const day = decision.asOf.slice(0, 10);
      for (const rule of record.fired) note(`rule ${rule}`, account, day);
      note(`exit ${record.exit}`, account, day);
      if (record.moved !== null) note(`edge ${record.moved}`, account, day);
      for (const each of decision.blocked) note(`guardrail ${each.guardrail}`, account, day);
      for (const each of decision.handoffs) note(`handoff ${each.kind} ${each.state}`, account, day);
      note(`status ${record.status}`, account, day);
      if (before?.status === 'churned' && record.status === 'active') note('return', account, day);
      if (record.health === null && record.status === 'active') note('unknown health', account, day);
      if (record.readiness === null && record.status === 'active') note('unknown readiness', account, day);
      if (record.readiness !== null && decision.expansion.gates.every((gate) => gate.met === true)) {
        note('clear to expand', account, day);
      }
    }
  }
  return table;
}

/** The table as text, one thing a line, with how many accounts show it and the first three. */
export function renderCoverage(table: CoverageTable, wanted: readonly string[]): string {
  const things = [...new Set([...wanted, ...table.keys()])].sort();
  return things
    .map((thing) => {
      const accounts = [...(table.get(thing) ?? [])];
      const shown = accounts.slice(0, 4).map(([account, day]) => `${account.replace('acc_', '')} ${day}`);
      return `${accounts.length === 0 ? 'NONE' : String(accounts.length).padStart(4)}  ${thing.padEnd(38)} ${shown.join(', ')}`;
    })
    .join('\n');
}
