/** Product events of 2,000 accounts over a year, in the order of time: the same bytes on every run. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createGzip } from 'node:zlib';

const ACCOUNTS = 2_000;
const SPAN_MS = 365 * 86_400_000;
const FROM = Date.UTC(2025, 0, 1);
const EVENT_NAMES = [
  'login',
  'report_created',
  'report_exported',
  'dashboard_viewed',
  'team_invited',
  'api_call',
  'alert_set',
];
const LINES_PER_WRITE = 5_000;

/** mulberry32: 32 random bits a call. */
function randomBits(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

function eventLine(index: number, count: number, bits: () => number): string {
  const account = bits() % ACCOUNTS;
  const at = new Date(FROM + Math.floor((index / count) * SPAN_MS)).toISOString();
  const hex = () => bits().toString(16).padStart(8, '0');
  const event = EVENT_NAMES[bits() % EVENT_NAMES.length]!;
  const properties = event === 'api_call' ? `{"amount":${bits() % 50}}` : `{"plan":"pro","source":"web"}`;
  return `{"messageId":"${hex()}-${hex()}","accountId":"acc-${account.toString().padStart(5, '0')}","userId":"user-${account}-${bits() % 12}","event":"${event}","timestamp":"${at}","properties":${properties}}\n`;
}

/** Writes `count` events to `path` as gzip NDJSON. */
export async function writeGeneratedEvents(path: string, count: number): Promise<void> {
  const bits = randomBits(20_260_331);
  const gzip = createGzip({ level: 6 });
  const file = gzip.pipe(createWriteStream(path));
  for (let index = 0; index < count; index += LINES_PER_WRITE) {
    let lines = '';
    for (let i = index; i < Math.min(index + LINES_PER_WRITE, count); i++) lines += eventLine(i, count, bits);
    if (!gzip.write(lines)) await once(gzip, 'drain');
  }
  gzip.end();
  await once(file, 'finish');
}
