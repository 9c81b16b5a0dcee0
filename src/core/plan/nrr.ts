/** Net revenue retention before and after the expansion, of the account and of the portfolio (skills.md A9). */
import { arrSteps, bookOf, minorInBook, stepOn } from '../revenue/arr.ts';
import { yearTo } from '../revenue/movements.ts';
import { retention } from '../revenue/retention.ts';
import { percent2 } from '../scores/number.ts';
import { formatDay } from '../time/calendar.ts';
import type { PlanSubject } from './subject.ts';

export interface NrrReading {
  /** %, two decimals; null with a reason. */
  before: number | null;
  /** At 50 % and at 100 % adoption. */
  after: [half: number, full: number] | null;
  reason: string | null;
  startMinor: number | null;
  endMinor: number | null;
}

export interface NrrImpact {
  /** Twelve months, both days included. */
  from: string;
  to: string;
  account: NrrReading;
  portfolio: NrrReading;
  /** Growth against today's ARR, %, for accounts without a year behind them. */
  growthPercent: [half: number, full: number] | null;
}

type Gains = readonly [half: number, full: number];

export function nrrImpact(
  subject: PlanSubject,
  halfMinor: number | undefined,
  fullMinor: number | undefined,
): NrrImpact {
  const { m, spans, portfolio, exchange } = subject;
  const period = yearTo(m.view.today);
  const currency = m.contract.currency ?? exchange.currency;
  const book = bookOf(currency, exchange);
  const gains: Gains | undefined =
    halfMinor === undefined || fullMinor === undefined
      ? undefined
      : [minorInBook(halfMinor, currency, exchange), minorInBook(fullMinor, currency, exchange)];
  const steps = arrSteps(spans, exchange);
  const gap = period.days.map((day) => stepOn(steps, day)?.unknown).find((reason) => reason !== undefined);
  const own = retention([period.days.map((day) => stepOn(steps, day)?.books.get(book) ?? 0)]);
  const isInCohort = own.startMinor > 0;
  const account =
    gap !== undefined || m.contract.arrMinor === undefined
      ? none(gap ?? m.contract.arrReason ?? 'ARR not known')
      : isInCohort
        ? reading(own.startMinor, own.endMinor, gains)
        : none(`no ARR on ${formatDay(period.from - 1)}`);
  const all = portfolio.find((each) => each.currency === book);
  const whole =
    all === undefined || all.startMinor === 0
      ? none(
          portfolio.length === 0
            ? 'the portfolio was not read'
            : `no account paid in ${book} on ${formatDay(period.from - 1)}`,
        )
      : reading(all.startMinor, all.endMinor, isInCohort ? gains : undefined);
  const isOutside = whole.before !== null && !isInCohort && gains !== undefined;
  const arr = m.contract.arrMinor;
  return {
    from: formatDay(period.from),
    to: formatDay(period.to),
    account,
    portfolio: isOutside ? { ...whole, reason: 'this account was not in it twelve months ago' } : whole,
    growthPercent:
      arr === undefined || arr === 0 || halfMinor === undefined || fullMinor === undefined
        ? null
        : [percent2((100 * halfMinor) / arr), percent2((100 * fullMinor) / arr)],
  };
}

function none(reason: string): NrrReading {
  return { before: null, after: null, reason, startMinor: null, endMinor: null };
}

function reading(startMinor: number, endMinor: number, gains: Gains | undefined): NrrReading {
  const share = (minor: number) => percent2((100 * minor) / startMinor);
  return {
    before: share(endMinor),
    after: gains === undefined ? null : [share(endMinor + gains[0]), share(endMinor + gains[1])],
    reason: null,
    startMinor,
    endMinor,
  };
}
