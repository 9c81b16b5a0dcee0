/** The table that `evaluate` prints: who needs what, the most urgent first. */
import type { Decision } from '../core/decision/decision.ts';
import { EXIT_STATES, type ExitState } from '../core/policy/policy.ts';
import { type Cell, type Column, table } from './table.ts';
import { bandColour, painted, type Terminal } from './terminal.ts';

/** What the table shows of one decision; kept small because a portfolio may have many. */
export interface PortfolioRow {
  accountId: string;
  status: string;
  stage: string;
  days: number;
  health: number | null;
  band: string | null;
  readiness: number | null;
  exit: ExitState;
  action: string;
  /** Its intervention fell on a replayed day, and reached nobody. */
  replayed: boolean;
  held: number;
}

export function portfolioRow(decision: Decision): PortfolioRow {
  const [first] = decision.recommendation.skillsToTrigger;
  return {
    accountId: decision.accountId,
    status: decision.status,
    stage: decision.journey.currentStage,
    days: decision.journey.daysInStage,
    health: decision.health.overallScore,
    band: decision.health.band,
    readiness: decision.expansion.readinessScore,
    exit: decision.exitState,
    action: first === undefined ? '' : first.skill.slice(first.skill.indexOf('/') + 1),
    replayed: first?.state === 'expired',
    held: decision.blocked.filter(({ skill }) => skill !== null).length,
  };
}

const COLUMNS: readonly Column[] = [
  { title: 'account', least: 10 },
  { title: 'stage', least: 10 },
  { title: 'days', align: 'right' },
  { title: 'health', least: 11 },
  { title: 'ready', align: 'right' },
  { title: 'next action', least: 16 },
  { title: 'held', align: 'right' },
];

/**
 * One row an account, grouped by exit state in the order of precedence; within a group the lowest health first, unknown
 * health last. `-` stands for unknown or none.
 */
export function renderPortfolio(terminal: Terminal, rows: readonly PortfolioRow[]): string {
  if (rows.length === 0) return 'No account.\n';
  const sorted = [...rows].sort(byUrgency);
  const [head, ...lines] = table(terminal, COLUMNS, sorted.map(cellsOf), { gap: 1 }).trimEnd().split('\n');
  const text = [head!];
  for (const [i, row] of sorted.entries()) {
    const group = groupOf(row);
    if (i === 0 || groupOf(sorted[i - 1]!) !== group) {
      const size = sorted.filter((each) => groupOf(each) === group).length;
      text.push('', painted(terminal, 'bold', `${group} (${size})`));
    }
    text.push(lines[i]!);
  }
  return `${text.join('\n')}\n`;
}

function groupOf(row: PortfolioRow): string {
  return row.status === 'active' ? row.exit : row.status;
}

function byUrgency(a: PortfolioRow, b: PortfolioRow): number {
  return rank(a) - rank(b) || (a.health ?? 101) - (b.health ?? 101) || (a.accountId < b.accountId ? -1 : 1);
}

function rank(row: PortfolioRow): number {
  if (row.status === 'active') return EXIT_STATES.indexOf(row.exit);
  return EXIT_STATES.length + (row.status === 'paused' ? 0 : 1);
}

function cellsOf(row: PortfolioRow): Cell[] {
  return [
    row.accountId,
    row.stage,
    String(row.days),
    { text: row.health === null ? '-' : `${row.health} ${row.band ?? ''}`, colour: bandColour(row.band) },
    row.readiness === null ? '-' : String(row.readiness),
    row.action === '' ? '-' : row.action,
    row.held === 0 ? '-' : String(row.held),
  ];
}

/** Counts for the line under the table. */
export function portfolioSummary(rows: readonly PortfolioRow[]): string {
  const count = (test: (row: PortfolioRow) => boolean) => rows.filter(test).length;
  const held = rows.reduce((sum, row) => sum + row.held, 0);
  const unknown = count((row) => row.health === null);
  return [
    `${rows.length} accounts`,
    `${count((row) => row.status === 'active')} active`,
    `${count((row) => row.exit === 'at_risk_intervention')} due an at-risk intervention`,
    `${count((row) => row.exit === 'expansion_ready')} ready to expand`,
    `${held} held back`,
    `health unknown for ${unknown}`,
  ].join(', ');
}
