/** For tests: which account of the sample shows what over the whole replay. */
import type { Replay, Tick } from './sample-replay.fixture.ts';

/** Thing that can happen -> account -> first day on which it did, `YYYY-MM-DD`. */
export type CoverageTable = Map<string, Map<string, string>>;

export function coverageOf(replay: Replay): CoverageTable {
  const table: CoverageTable = new Map();
  for (const [account, ticks] of replay.ticks) {
    for (const each of ticks) {
      const day = each.decision.asOf.slice(0, 10);
      for (const thing of thingsIn(each)) {
        const accounts = table.get(thing) ?? new Map<string, string>();
        if (!accounts.has(account)) accounts.set(account, day);
        table.set(thing, accounts);
      }
    }
  }
  return table;
}

/** Everything one tick shows. */
function thingsIn({ record, decision, before }: Tick): string[] {
  const isActive = record.status === 'active';
  const gatesMet = isActive && decision.expansion.gates.every((gate) => gate.met === true);
  return [
    ...record.fired.map((rule) => `rule ${rule}`),
    ...decision.blocked.map((each) => `guardrail ${each.guardrail}`),
    ...decision.handoffs.map((each) => `handoff ${each.kind} ${each.state}`),
    `exit ${record.exit}`,
    `status ${record.status}`,
    ...(record.moved === null ? [] : [`edge ${record.moved}`]),
    ...(before?.status === 'churned' && isActive ? ['return'] : []),
    ...(isActive && record.health === null ? ['unknown health'] : []),
    ...(isActive && record.readiness === null ? ['unknown readiness'] : []),
    ...(gatesMet ? ['clear to expand'] : []),
  ];
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
