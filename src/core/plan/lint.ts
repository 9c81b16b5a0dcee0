/**
 * Reads a plan that a person or an agent edited, and says what does not hold any more: sales phrasing, figures that no
 * record supports, missing owners and dates, missing sections (expansion seed, steps 4 to 8 and its anti-patterns).
 */
import { type Day, isBusinessDay, parseDay } from '../time/calendar.ts';

export type LintCode =
  | 'missing_section'
  | 'section_order'
  | 'plan_after_refusal'
  | 'missing_bullet'
  | 'missing_column'
  | 'missing_row'
  | 'missing_owner'
  | 'missing_date'
  | 'not_a_business_day'
  | 'placeholder'
  | 'sales_phrasing'
  | 'unsupported_figure';

export interface LintFinding {
  /** From 1. */
  line: number;
  code: LintCode;
  message: string;
}

export interface LintReference {
  /** Texts whose figures are supported: the plan, its JSON, the account's records. */
  texts: readonly string[];
  holidays: ReadonlySet<Day>;
}

interface Section {
  title: string;
  line: number;
  lines: { line: number; text: string }[];
}

const BULLETS: Record<string, readonly string[]> = {
  'Health Check': ['Seat utilisation', 'Health score', 'Status', 'Clear to expand'],
  'Unhealthy-Path Response': [
    'Recovery targets',
    'Sequence',
    'Right-sizing consideration',
    'AE / sales communication',
    'Upstream feedback',
  ],
  Opportunity: ['Current ARR', 'Expansion type', 'Estimated expansion ARR', 'Confidence', 'NRR impact'],
  Approach: ['Framing', 'Timing', 'Trigger'],
};

const COLUMNS: Record<string, readonly string[]> = {
  'Expansion Signals': ['Signal', 'Evidence', 'Strength'],
  Risks: ['Risk', 'Why it applies', 'Gating action'],
  'Execution Plan': ['Step', 'Action', 'Owner', 'Date'],
  'Success Criteria': ['Criteria', 'Measurement', 'Target date'],
};

const CLEARED = [
  'Health Check',
  'Expansion Signals',
  'Opportunity',
  'Approach',
  'Risks',
  'Execution Plan',
  'Success Criteria',
];
const REFUSED = ['Health Check', 'Unhealthy-Path Response'];

/** Longest document that is read: far beyond any plan, and a bound for the work. */
export const MOST_LINT_CHARACTERS = 500_000;

/** Findings in the order of the lines. Without a reference, figures and holidays are not judged. */
export function lintPlan(markdown: string, reference?: LintReference): LintFinding[] {
  const lines = markdown.slice(0, MOST_LINT_CHARACTERS).split(/\r?\n/);
  const sections = sectionsOf(lines);
  const isCleared = !/\*\*Clear to expand:\*\*\s*No\b/i.test(markdown);
  const findings = [
    ...sectionFindings(sections, isCleared ? CLEARED : REFUSED, isCleared),
    ...sections.flatMap((section) => partFindings(section, reference)),
    ...lines.flatMap((text, i) => lineFindings(text, i + 1)),
    ...(reference === undefined ? [] : figureFindings(lines, reference)),
  ];
  return findings.sort((a, b) => a.line - b.line || (a.code < b.code ? -1 : 1));
}

/** The name in `# Expansion Plan: NAME`, without escapes; undefined where there is no such heading. */
export function planTitle(markdown: string): string | undefined {
  const title = /^#\s+Expansion Plan:\s*(.+?)\s*$/m.exec(markdown)?.[1];
  return title?.replaceAll(/\\([^\p{L}\p{N}\s])/gu, '$1');
}

function sectionsOf(lines: readonly string[]): Section[] {
  const sections: Section[] = [];
  lines.forEach((text, i) => {
    const title = /^##\s+(.+?)\s*#*$/.exec(text)?.[1];
    if (title !== undefined) sections.push({ title: plainTitle(title), line: i + 1, lines: [] });
    else sections.at(-1)?.lines.push({ line: i + 1, text });
  });
  return sections;
}

function plainTitle(title: string): string {
  return title.replace(/\s*\(only if .*\)$/, '');
}

function sectionFindings(sections: readonly Section[], wanted: readonly string[], isCleared: boolean): LintFinding[] {
  const findings: LintFinding[] = [];
  const titles = sections.map((section) => section.title);
  const last = sections.at(-1)?.line ?? 1;
  for (const title of wanted) {
    if (!titles.includes(title))
      findings.push({ line: last, code: 'missing_section', message: `the section "${title}" is missing` });
  }
  const present = titles.filter((title) => wanted.includes(title));
  const sorted = [...present].sort((a, b) => wanted.indexOf(a) - wanted.indexOf(b));
  const wrong = present.findIndex((title, i) => title !== sorted[i]);
  if (wrong >= 0) {
    const section = sections.find((each) => each.title === present[wrong])!;
    findings.push({
      line: section.line,
      code: 'section_order',
      message: `"${section.title}" is not where it belongs: ${wanted.join(', ')}`,
    });
  }
  for (const section of isCleared ? [] : sections) {
    if (!CLEARED.includes(section.title) || wanted.includes(section.title)) continue;
    findings.push({
      line: section.line,
      code: 'plan_after_refusal',
      message: `the account is not clear to expand, so "${section.title}" must go`,
    });
  }
  return findings;
}

function partFindings(section: Section, reference: LintReference | undefined): LintFinding[] {
  const findings: LintFinding[] = [];
  for (const label of BULLETS[section.title] ?? []) {
    const bullet = section.lines.find(({ text }) => text.startsWith(`- **${label}:**`));
    if (bullet === undefined)
      findings.push({ line: section.line, code: 'missing_bullet', message: `"${label}" is missing` });
    else if (bullet.text.slice(label.length + 7).trim() === '')
      findings.push({ line: bullet.line, code: 'missing_bullet', message: `"${label}" is empty` });
  }
  const columns = COLUMNS[section.title];
  return columns === undefined ? findings : [...findings, ...tableFindings(section, columns, reference)];
}

function tableFindings(
  section: Section,
  columns: readonly string[],
  reference: LintReference | undefined,
): LintFinding[] {
  const rows = section.lines
    .filter(({ text }) => text.trimStart().startsWith('|'))
    .map(({ line, text }) => ({ line, cells: cellsOf(text) }));
  const [head, , ...body] = rows;
  const missing = columns.filter((column) => head?.cells.includes(column) !== true);
  if (missing.length > 0)
    return [
      {
        line: head?.line ?? section.line,
        code: 'missing_column',
        message: `the table needs the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`,
      },
    ];
  if (body.length === 0) return [{ line: head!.line, code: 'missing_row', message: `"${section.title}" has no row` }];
  return body.flatMap((row) => rowFindings(row, head!.cells, reference));
}

function rowFindings(
  row: { line: number; cells: string[] },
  head: readonly string[],
  reference: LintReference | undefined,
): LintFinding[] {
  const findings: LintFinding[] = [];
  const cell = (column: string) => row.cells[head.indexOf(column)]?.trim() ?? '';
  if (head.includes('Owner') && isBlank(cell('Owner')))
    findings.push({ line: row.line, code: 'missing_owner', message: `step ${cell('Step')} has no owner` });
  for (const column of ['Date', 'Target date']) {
    if (!head.includes(column)) continue;
    const text = /\d{4}-\d{2}-\d{2}/.exec(cell(column))?.[0];
    const day = text === undefined ? undefined : parseDay(text);
    if (day === undefined)
      findings.push({
        line: row.line,
        code: 'missing_date',
        message: `${cell('Step') === '' ? `"${cell('Criteria')}"` : `step ${cell('Step')}`} has no date`,
      });
    else if (reference !== undefined && !isBusinessDay(day, reference.holidays))
      findings.push({ line: row.line, code: 'not_a_business_day', message: `${text} is no business day` });
  }
  return findings;
}

function isBlank(cell: string): boolean {
  return cell === '' || /^(?:-|tbd|tba|n\/a|\?+|\[.*\])$/i.test(cell) || /no name recorded/.test(cell);
}

function cellsOf(row: string): string[] {
  return row
    .trim()
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

/** What the seed calls a sales pitch, and what goes with it. */
const SALES: readonly [RegExp, string][] = [
  [/\bwould you like to (?:upgrade|buy|add|purchase)\b/i, 'asks for the purchase; say what it lets them do'],
  [/\bcan we (?:add|sell|upsell|upgrade)\b/i, 'asks for the purchase; say who still needs access and why'],
  [/\bwe also (?:have|offer|sell)\b/i, 'offers a product; name the step it removes for them'],
  [
    /\b(?:great|amazing|powerful|exciting|best-in-class|world-class|cutting-edge|game-chang\w+|seamless\w*|robust) (?:new )?(?:features?|tier|product|platform|solution|capabilit\w+|value)\b/i,
    'praises the product; quote what the customer said or measured',
  ],
  [/\b(?:limited[- ]time|special|exclusive) (?:offer|deal|discount|price)\b/i, 'presses with an offer'],
  [
    /\b(?:act now|sign (?:today|now|this week)|don't miss|before it's too late|last chance)\b/i,
    'presses for a decision',
  ],
  [
    /\b(?:end of (?:the |our )?quarter|our (?:quota|target|number)s?|hit (?:our|the) number)\b/i,
    "follows our calendar, not the customer's",
  ],
  [
    /\b(?:close the deal|land the deal|upsell (?:them|him|her)|push (?:them|for the (?:sale|upgrade)))\b/i,
    'speaks of a sale',
  ],
  [
    /\bno[- ]brainer\b|\bunlock (?:the )?(?:full )?(?:value|potential|power)\b|\btake (?:it|things) to the next level\b|\bsupercharge\b/i,
    'says nothing; replace it with a fact',
  ],
];

const PLACEHOLDER = /\[(?:\$|date|person|action|metric|signal|N|X|Y|number|customer name)\]/i;

function lineFindings(text: string, line: number): LintFinding[] {
  const findings: LintFinding[] = [];
  const ours = withoutQuotes(text);
  for (const [pattern, why] of SALES) {
    const match = pattern.exec(ours)?.[0];
    if (match !== undefined) findings.push({ line, code: 'sales_phrasing', message: `"${match}" ${why}` });
  }
  const placeholder = PLACEHOLDER.exec(text)?.[0];
  if (placeholder !== undefined)
    findings.push({ line, code: 'placeholder', message: `${placeholder} is still to be filled in` });
  return findings;
}

/** What the customer said is theirs to say as they like. */
function withoutQuotes(text: string): string {
  return text.replaceAll(/"[^"]*"/g, '""');
}

/** Dates, or numbers with their grouping and decimals. */
const FIGURE = /\d{4}-\d{2}-\d{2}|\d+(?:,\d{3})*(?:\.\d+)?/g;
/** Words after which a number only counts or orders. */
const ORDINAL = /(?:\b(?:step|week|month|phase|quarter|day|in)s?\s|\()$/i;

function figureFindings(lines: readonly string[], { texts }: LintReference): LintFinding[] {
  const known = new Set<string>();
  for (const text of texts) for (const [figure] of text.matchAll(FIGURE)) known.add(normal(figure));
  return lines.flatMap((text, i) => {
    const found: LintFinding[] = [];
    const start = /^\|\s*\d+\s*\|/.exec(text)?.[0].length ?? 0; // the step's own number
    for (const match of text.slice(start).matchAll(FIGURE)) {
      const [figure] = match;
      if (/^\d{4}-/.test(figure) || known.has(normal(figure))) continue; // dates are a plan's own to move
      const before = text.slice(0, start + match.index);
      if (ORDINAL.test(before) && Number(figure) <= MOST_ORDINAL) continue;
      found.push({ line: i + 1, code: 'unsupported_figure', message: `no record supports the figure ${figure}` });
    }
    return found;
  });
}

const MOST_ORDINAL = 52;

function normal(figure: string): string {
  return /^\d{4}-/.test(figure) ? figure : String(Number(figure.replaceAll(',', '')));
}
