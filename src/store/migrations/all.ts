import { initial } from './0001-initial.ts';
import { plans } from './0002-plans.ts';
import { interventions } from './0003-interventions.ts';
import { wideRows } from './0004-wide-rows.ts';
import { wideHandoffs } from './0005-wide-handoffs.ts';
import type { Migration } from './migration.ts';

/** In order of their versions, without a gap. */
export const MIGRATIONS: readonly Migration[] = [initial, plans, interventions, wideRows, wideHandoffs];
