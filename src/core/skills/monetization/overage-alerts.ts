/** Which warning is due before a limit, and what the period costs beyond it (skills.md B overage_predictor). */
import { minorDigits } from '../../records/money.ts';
import { percent2 } from '../../scores/number.ts';

export interface OverageInput {
  used: number;
  limit: number;
  /** Units a day; undefined: not known. */
  pace: number | undefined;
  daysLeft: number;
  /** Of one unit beyond the limit, in major units; undefined: not priced. */
  price: number | undefined;
  currency: string | undefined;
}

export interface OverageForecast {
  projectedEnd: number | undefined;
  projectedOverage: number | undefined;
  costMinor: number | undefined;
}

/** projectedEnd = used + pace x daysLeft; what lies above the limit costs its price. A falling level does not fall further. */
export function forecastOverage({ used, limit, pace, daysLeft, price, currency }: OverageInput): OverageForecast {
  if (pace === undefined) return { projectedEnd: undefined, projectedOverage: undefined, costMinor: undefined };
  const end = used + Math.max(0, pace) * daysLeft;
  const over = percent2(Math.max(0, end - limit));
  return {
    projectedEnd: percent2(end),
    projectedOverage: over,
    costMinor:
      price === undefined || currency === undefined
        ? undefined
        : Math.round(over * price * 10 ** minorDigits(currency)),
  };
}

/** [K] What is done at each share of the limit; 100 is a banner and the CSM, and is no counted alert (our choice). */
export const ALERT_LEVELS = [50, 70, 80, 90, 100] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];
/** The levels that send an e-mail and count as customer alerts. */
const EMAIL_LEVELS: readonly number[] = [70, 80, 90];

export interface AlertState {
  /** used / limit, four decimals */
  share: number;
  /** At the present pace; undefined: not within the period, or not known. */
  daysToLimit: number | undefined;
  /** Highest level already told in this period; 0: none. */
  toldLevel: number;
  /** Customer alerts of this period, whatever meter they were about. */
  alertsSent: number;
}

export interface AlertRule {
  alertsPerPeriod: number;
  urgentDays: number;
}

export interface Alert {
  /** 0: below the first level. */
  level: AlertLevel | 0;
  /** The level to tell now; null: nothing new. */
  due: AlertLevel | null;
  /** The due level is an e-mail that counts against the period's alerts. */
  counted: boolean;
  /** The period's alerts are used up while the limit comes near: a person takes over. */
  handOver: boolean;
}

/**
 * Each level once in a period, and only the highest new one. Where the limit is `urgentDays` or fewer away the next e-mail
 * level goes out now, so that at least two days remain to act. With the period's alerts used up no e-mail follows; the CSM
 * takes over.
 */
export function alertFor({ share, daysToLimit, toldLevel, alertsSent }: AlertState, rule: AlertRule): Alert {
  const reached = ALERT_LEVELS.findLast((level) => share * 100 >= level - 1e-9) ?? 0;
  const isUrgent = reached < 100 && daysToLimit !== undefined && daysToLimit <= rule.urgentDays;
  const next = ALERT_LEVELS.find((level) => level > reached && EMAIL_LEVELS.includes(level));
  const level = isUrgent && next !== undefined ? next : reached;
  const due = level !== 0 && level > toldLevel ? level : null;
  const counted = due !== null && EMAIL_LEVELS.includes(due);
  const isUsedUp = alertsSent >= rule.alertsPerPeriod && reached < 100;
  return isUsedUp && (counted || isUrgent)
    ? { level, due: null, counted: false, handOver: true }
    : { level, due, counted, handOver: false };
}
