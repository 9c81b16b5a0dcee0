/**
 * Does a low health score precede churn? Measured on records nobody here wrote: `activity` is real, `saas` is noise by
 * construction, so that a score which "predicts" there leaks. Exit status 1 where an expectation is missed.
 */
import { join } from 'node:path';
import type { AccountMeasures } from '../src/core/facts/measure-account.ts';
import { daysIn } from '../src/core/history/history.ts';
import { activeDaysIn } from '../src/core/history/windows.ts';
import type { Store } from '../src/pipeline/ports.ts';
import { areaUnderCurve } from './auc.ts';
import { clock, dataFolder, measureAsOf, readNdjson, withImported } from './real-data.ts';

const FROM_YEAR = '2019';
const HORIZON_DAYS = 90;
const EXPECTED_ALL = 0.83;
const EXPECTED_SEVERAL_USERS = 0.79;
/** How far from chance the noise may lie: three standard errors of an AUC on so many rows are about .05. */
const NOISE = 0.06;
const MIDDLE = 50;
const LONGEST_AGO = 100_000;

/** One account at one cut-off: what the engine said then, and what happened after. */
interface Row {
  churned: boolean;
  severalUsers: boolean;
  /** 100 - health; undefined: health was unknown, and why. */
  risk: number | undefined;
  reason: string | undefined;
  engagementRisk: number | undefined;
  daysSinceEvent: number;
  events30: number;
  activeDays90: number;
}

/** Baselines read the same history as the engine: days since the last event, events in 30 days, active days in 90. */
function rowOf({ view, health }: AccountMeasures, churned: boolean, severalUsers: boolean): Row {
  const { history, lastDay } = view;
  let last = lastDay - LONGEST_AGO;
  let events30 = 0;
  for (const { days, counts } of history.events.values()) {
    for (let i = 0; i < days.length && days[i]! <= lastDay; i++) {
      last = Math.max(last, days[i]!);
      if (days[i]! > lastDay - 30) events30 += counts[i]!;
    }
  }
  const { engagement } = health.dimensions;
  return {
    churned,
    severalUsers,
    risk: health.score.value === undefined ? undefined : 100 - health.score.value,
    reason: health.score.reason,
    engagementRisk: engagement.score === undefined ? undefined : 100 - engagement.score,
    daysSinceEvent: lastDay - last,
    events30,
    activeDays90: activeDaysIn(history, lastDay - 89, lastDay),
  };
}

interface Label {
  accountId: string;
  cutoff: string;
  churn90: 0 | 1;
}

async function activityRows(store: Store, folder: string): Promise<Row[]> {
  const labels = readNdjson<Label>(join(folder, 'labels.ndjson')).filter((label) => label.cutoff >= FROM_YEAR);
  const rows: Row[] = [];
  for (const [cutoff, ofCutoff] of Map.groupBy(labels, (label) => label.cutoff)) {
    const measured = await measureAsOf(
      store,
      Date.parse(cutoff),
      ofCutoff.map((label) => label.accountId),
    );
    for (const label of ofCutoff) {
      const account = measured.get(label.accountId);
      if (account === undefined) throw new Error(`${label.accountId} is labelled at ${cutoff} and did not exist then`);
      rows.push(rowOf(account, label.churn90 === 1, activeUsers90(account) >= 2));
    }
  }
  return rows;
}

function activeUsers90({ view }: AccountMeasures): number {
  const { history, lastDay } = view;
  return history.users.filter((user) => daysIn(user.activeDays, lastDay - 89, lastDay) > 0).length;
}

interface Outcome {
  accountId: string;
  type: string;
  at: string;
}

const SAAS_CUTOFFS = ['2023-07-01', '2023-10-01', '2024-01-01', '2024-04-01', '2024-07-01', '2024-10-01'];

/** Accounts that had signed up and had a subscription in force, and whether they churned in the days after. */
async function saasRows(folder: string): Promise<Row[]> {
  const churns = readNdjson<Outcome>(join(folder, 'outcomes.ndjson')).filter((outcome) => outcome.type === 'churn');
  const accounts = readNdjson<{ accountId: string; createdAt: string }>(join(folder, 'accounts.ndjson'));
  return withImported(folder, async (store) => {
    const rows: Row[] = [];
    for (const cutoff of SAAS_CUTOFFS) {
      const at = Date.parse(cutoff);
      const until = clock.instantOf(clock.dayOf(at) + HORIZON_DAYS);
      const churning = new Set(
        churns
          .filter((churn) => Date.parse(churn.at) >= at && Date.parse(churn.at) < until)
          .map((churn) => churn.accountId),
      );
      const ids = accounts.filter((account) => Date.parse(account.createdAt) < at).map((account) => account.accountId);
      for (const [accountId, account] of await measureAsOf(store, at, ids)) {
        if (account.contract.inForce.length > 0) rows.push(rowOf(account, churning.has(accountId), false));
      }
    }
    return rows;
  });
}

type Score = (row: Row) => number;

/** Unknown health ranks in the middle: it says neither. */
const byHealth: Score = (row) => row.risk ?? MIDDLE;
const byEngagement: Score = (row) => row.engagementRisk ?? MIDDLE;
const BASELINES: [string, Score][] = [
  ['days since the last event', (row) => row.daysSinceEvent],
  ['events in 30 days', (row) => -row.events30],
  ['active days in 90', (row) => -row.activeDays90],
];

function auc(rows: readonly Row[], score: Score): number {
  return areaUnderCurve(rows.map((row) => ({ score: score(row), happened: row.churned })));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function print(name: string, ...columns: string[]): void {
  say(`  ${name.padEnd(38)}${columns.map((column) => column.padStart(14)).join('')}`);
}

function describe(rows: readonly Row[]): string {
  const churned = rows.filter((row) => row.churned).length;
  const unknown = rows.filter((row) => row.risk === undefined);
  const reasons = Map.groupBy(unknown, (row) => row.reason);
  const why = [...reasons].map(([reason, list]) => `${list.length} ${reason}`).join('; ');
  const share = ((100 * churned) / rows.length).toFixed(1);
  const health = unknown.length === 0 ? 'known for all' : `unknown for ${unknown.length} (${why})`;
  return `n=${rows.length}, ${share} % churned within ${HORIZON_DAYS} days; health ${health}`;
}

async function activity(folder: string): Promise<boolean> {
  const all = await withImported(folder, (store) => activityRows(store, folder));
  const several = all.filter((row) => row.severalUsers);
  say(`activity (real): does 100 - health rank churn90? Every cut-off from ${FROM_YEAR} on, AUC`);
  say(`  all: ${describe(all)}`);
  say(`  two or more active users in 90 days: ${describe(several)}`);
  print('', 'all', '2+ users');
  const figures = [auc(all, byHealth), auc(several, byHealth)];
  print('100 - health', ...figures.map((figure) => figure.toFixed(3)));
  print('expected at least', EXPECTED_ALL.toFixed(2), EXPECTED_SEVERAL_USERS.toFixed(2));
  for (const [name, score] of BASELINES) print(name, auc(all, score).toFixed(3), auc(several, score).toFixed(3));
  return figures[0]! >= EXPECTED_ALL && figures[1]! >= EXPECTED_SEVERAL_USERS;
}

async function saas(folder: string): Promise<boolean> {
  const rows = await saasRows(folder);
  say(`saas (noise by construction): the same on ${SAAS_CUTOFFS.length} quarterly cut-offs, AUC`);
  say(`  ${describe(rows)}`);
  const figure = auc(rows, byHealth);
  print('100 - health, unknown in the middle', figure.toFixed(3));
  print('expected', `0.50 ± ${NOISE.toFixed(2)}`);
  const engagement = auc(rows, byEngagement);
  print('100 - engagement (one dimension)', engagement.toFixed(3));
  for (const [name, score] of BASELINES) print(name, auc(rows, score).toFixed(3));
  return Math.abs(figure - 0.5) <= NOISE && Math.abs(engagement - 0.5) <= NOISE;
}

for (const [name, run] of [
  ['activity', activity],
  ['saas', saas],
] as const) {
  const folder = dataFolder(name);
  if (folder === undefined) {
    say(`${name}: skipped, the folder shared/data/${name} beside the checkout is not there`);
    continue;
  }
  if (!(await run(folder))) {
    say(`  MISSED: the ledger or a formula is wrong`);
    process.exitCode = 1;
  }
}
