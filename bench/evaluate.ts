/**
 * Evaluation from the embedded store: accounts that were ticked up to yesterday, one tick due, decisions recorded. Each
 * size runs in a process of its own, so that its memory is its own; a second evaluation of the same day follows, with one
 * account in a hundred touched.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Day, type Instant, instantNow } from '../src/core/time/calendar.ts';
