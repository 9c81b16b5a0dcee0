/** The sections of monetization/overage_predictor. */
import { countText, moneyText, sentence, words } from '../../document/figures.ts';
import { inert, table } from '../../document/markdown.ts';
import { minorDigits } from '../../records/money.ts';
import type { SkillSection } from '../skill.ts';
import { roughText, unitsText } from './meter-days.ts';
import type { AlertLevel } from './overage-alerts.ts';

export interface UpgradePlan {
  planId: string;
  /** null: unlimited */
  limit: number | null;
}

export interface OverageDimension {
  id: string;
  unit: string;
  status: 'limited' | 'not_applicable' | 'not_entitled' | 'unknown';
  used: number | null;
  limit: number | null;
  usedPct: number | null;
  /** Units a day. */
  pace: number | null;
  daysLeft: number | null;
  /** null: the limit never resets; then the projection is that of so many days ahead. */
  periodEnd: string | null;
  projectedEnd: number | null;
  projectedOverage: number | null;
  /** Major units of `currency`. */
  projectedOverageCost: number | null;
  currency: string | null;
  /** 0 once reached; null where the pace never reaches it, or is not known. */
  daysToLimit: number | null;
  /** null also where the period ends before. */
  limitDate: string | null;
  level: AlertLevel | 0 | null;
  /** Customer alerts of the period so far. */
  alertsSent: number;
  upgrade: UpgradePlan | null;
}

const STATUS_WORDS: Record<OverageDimension['status'], string> = {
  limited: 'limited',
  not_applicable: 'unlimited',
  not_entitled: 'not included',
  unknown: 'unknown',
};

export function overageSections(
  dimensions: readonly OverageDimension[],
  heldBy: readonly string[],
  gaugeDays: number,
): SkillSection[] {
  const limited = dimensions.filter(({ status }) => status === 'limited');
  const name = ({ id }: OverageDimension) => inert(words(id));
  const status = table(
    ['Meter', 'Used', 'Limit', 'Used %', 'Level', 'Alerts sent'],
    dimensions.map((each) => [
      name(each),
      each.status === 'limited' ? unitsText(each.used) : '-',
      each.status === 'limited' ? unitsText(each.limit) : STATUS_WORDS[each.status],
      each.usedPct === null ? '-' : `${Number(each.usedPct.toFixed(1))} %`,
      each.level === null ? '-' : each.level === 0 ? 'below 50' : String(each.level),
      each.status === 'limited' ? String(each.alertsSent) : '-',
    ]),
    [1, 2, 3, 4, 5],
  );
  if (limited.length === 0) return [{ title: 'Status', body: status }];
  const forecast = table(
    ['Meter', 'A day', 'Period ends', 'By then', 'Above the limit', 'Cost', 'Limit reached'],
    limited.map((each) => [
      name(each),
      roughText(each.pace),
      each.periodEnd ?? `never; in ${gaugeDays} days`,
      roughText(each.projectedEnd),
      roughText(each.projectedOverage),
      costText(each),
      reachedText(each, gaugeDays),
    ]),
    [1, 3, 4, 5],
  );
  const pressed = limited.filter(({ level }) => level !== null && level > 0);
  return [
    { title: 'Status', body: status },
    { title: 'Forecast', body: forecast },
    ...(pressed.length === 0 ? [] : [{ title: 'Options', body: optionsText(pressed, heldBy) }]),
  ];
}

function costText({ projectedOverageCost: cost, currency }: OverageDimension): string {
  if (cost === null || currency === null) return 'unknown';
  return moneyText(Math.round(cost * 10 ** minorDigits(currency)), currency);
}

function reachedText({ daysToLimit, limitDate, periodEnd, pace }: OverageDimension, gaugeDays: number): string {
  if (daysToLimit === 0) return 'reached';
  if (limitDate !== null) return limitDate;
  if (pace === null) return 'unknown';
  return periodEnd === null ? `not within ${gaugeDays} days` : 'not in this period';
}

/** For us: what the customer can do, and whether an upgrade may be spoken of. */
function optionsText(pressed: readonly OverageDimension[], heldBy: readonly string[]): string {
  const lines = pressed.flatMap((each) => [reduceText(each), ...(heldBy.length > 0 ? [] : [upgradeText(each)])]);
  if (heldBy.length > 0) lines.push(`Upgrade: not spoken of now, held by ${heldBy.join(', ')}.`);
  return lines.map((line) => `- ${line}`).join('\n');
}

function reduceText({ id, used, limit, daysLeft, pace, projectedEnd, projectedOverage }: OverageDimension): string {
  const name = inert(words(id));
  const left = limit! - used!;
  if (left <= 0) return `Reduce use: ${name} is ${unitsText(-left)} above its limit; only the next period brings room.`;
  if (projectedOverage === 0)
    return `Reduce use: not needed, at ${roughText(pace)} a day ${name} comes to ${roughText(projectedEnd)} of ${unitsText(limit)}.`;
  const now = pace === null ? '' : `, against ${roughText(pace)} now`;
  if (daysLeft === null || daysLeft === 0) return `Reduce use: ${name} has ${unitsText(left)} left.`;
  return `Reduce use: ${name} stays within its limit at ${roughText(left / daysLeft)} a day for ${countText(daysLeft, 'day')}${now}.`;
}

function upgradeText({ id, upgrade }: OverageDimension): string {
  if (upgrade === null) return `Upgrade: no other plan in the price book is known to hold ${inert(words(id))}.`;
  const limit = upgrade.limit === null ? 'without a limit' : `up to ${unitsText(upgrade.limit)}`;
  return `Upgrade: ${sentence(inert(words(upgrade.planId)))} holds ${inert(words(id))} ${limit}.`;
}
