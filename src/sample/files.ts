/** The portfolio as files: their names and texts. Writing them is left to the caller. */
import type { RecordKind } from '../core/records/record.ts';
import type { Row } from './contracts.ts';
import type { Portfolio } from './portfolio.ts';

export interface SampleFile {
  name: string;
  text: string;
  /** Written gzipped; the name ends in `.gz` then. */
  gzip: boolean;
}

/** How each kind is exported: as a system would, so that every format is met. */
const FORMATS: Record<RecordKind, 'ndjson' | 'jsonl' | 'csv' | 'ndjson.gz'> = {
  accounts: 'ndjson',
  contacts: 'ndjson.gz',
  events: 'ndjson.gz',
  subscriptions: 'ndjson',
  tickets: 'csv',
  incidents: 'jsonl',
  surveys: 'csv',
  goals: 'ndjson',
  notes: 'ndjson',
  invoices: 'csv',
};

/** The ten record files of the portfolio; the wrong rows stand among the good ones. */
export function portfolioFiles(portfolio: Portfolio): SampleFile[] {
  return (Object.keys(FORMATS) as RecordKind[]).map((kind) => {
    const format = FORMATS[kind];
    const rows: (Row | string)[] = withDirt(portfolio.records[kind], portfolio.dirty[kind] ?? []);
    return {
      name: `${kind}.${format}`,
      text: format === 'csv' ? csvText(rows) : rows.map((row) => lineOf(row)).join(''),
      gzip: format.endsWith('.gz'),
    };
  });
}

/** Spreads the wrong rows evenly over the file. */
function withDirt(rows: readonly Row[], dirty: readonly (Row | string)[]): (Row | string)[] {
  const mixed: (Row | string)[] = [...rows];
  dirty.forEach((row, i) => void mixed.splice(Math.floor((mixed.length * (i + 1)) / (dirty.length + 1)), 0, row));
  return mixed;
}

function lineOf(row: Row | string): string {
  return `${typeof row === 'string' ? row : JSON.stringify(row)}\n`;
}

function csvText(rows: readonly (Row | string)[]): string {
  const columns = [...new Set(rows.flatMap((row) => (typeof row === 'string' ? [] : Object.keys(row))))];
  const lines = rows.map((row) => (typeof row === 'string' ? row : columns.map((name) => cell(row[name])).join(',')));
  return [columns.join(','), ...lines, ''].join('\n');
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
