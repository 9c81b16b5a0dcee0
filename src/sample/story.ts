/**
 * The vocabulary in which the stories of the sample accounts are told. A story is data: who the account is, and what
 * happens when. `day` always counts from the account's own first day (`born`), which is day 0; where a span has `from`
 * and `to`, `to` is the first day after it.
 */
import type { ContactRole, OwnerRole, Priority, Stage } from '../core/records/record.ts';

type Segment = 'smb' | 'mid' | 'enterprise';
export type PlanId = 'team' | 'growth' | 'enterprise' | 'automations' | 'connect';

/** What a working day of a user consists of; see `MIXES` in use.ts. */
export type Mix = 'look' | 'starter' | 'core' | 'broad' | 'deep' | 'exports';

export interface Use {
  from: number;
  /** Default: to the end of the sample. */
  to?: number;
  /** How many people use the product, or how many at the start and at the end of the span. */
  users: number | readonly [number, number];
  /** Chance that such a person works with it on a business day. */
  rate: number;
  /** Value events on such a day, on average; default 1.5. */
  each?: number;
  mix: Mix;
  /** The same amount every week, without chance: for plateaus. */
  steady?: boolean;
}

export interface Person {
  name: string;
  title: string;
  roles: readonly ContactRole[];
  /** Two-way contact every so many days; 0: never. */
  touch: number;
  from?: number;
  /** Last day on which contact happened. */
  touchUntil?: number;
  left?: number;
  leave?: readonly [from: number, until: number];
  /** Takes part in the product's use, as one of the users, from the first to the last. Default true for champions. */
  uses?: boolean;
}

/** One step in the life of an account's contracts. */
export type Contract =
  | { step: 'trial'; day: number; days: number; seats: number; plan: PlanId }
  | { step: 'extend'; day: number; days: number }
  | {
      step: 'buy';
      day: number;
      plan: PlanId;
      seats: number;
      months: number;
      monthly?: boolean;
      autoRenew?: boolean;
      /** Says how invoices of this contract are paid; default clean. */
      pays?: Payment;
    }
  | { step: 'sign'; day: number; months: number; seats?: number; plan?: PlanId }
  | { step: 'resize'; day: number; seats: number; plan?: PlanId }
  | { step: 'pastDue'; day: number; until: number }
  | { step: 'pause'; day: number; until: number }
  /** An invoice beside the subscription that stays unpaid; major units. */
  | { step: 'charge'; day: number; amount: number }
  | { step: 'cancel'; day: number; ends: number };

/** clean: within terms; late: after the due date. */
export type Payment = 'clean' | 'late';

export type Moment =
  | {
      kind: 'ticket';
      day: number;
      priority: Priority;
      subject: string;
      theme?: string;
      /** Days until solved; undefined: still open. */
      solvedIn?: number;
      escalatedIn?: number;
      csat?: number;
      type?: 'question' | 'bug' | 'cancellation' | 'downgrade';
    }
  | { kind: 'incident'; day: number; severity: Priority; hours: number }
  | { kind: 'survey'; day: number; type: 'nps' | 'csat'; score: number; by: number; comment?: string }
  | {
      kind: 'note';
      day: number;
      text: string;
      tags?: readonly string[];
      by?: number;
      author?: 'customer' | 'csm' | 'sales' | 'system';
      how?: 'call' | 'meeting' | 'email' | 'chat';
    }
  | { kind: 'event'; day: number; event: string; times?: number; properties?: Record<string, string | number> }
  | { kind: 'api'; from: number; to?: number; perDay: number | readonly [number, number] }
  | { kind: 'feature'; event: string; from: number; to?: number; perWeek: number };

export interface Goal {
  title: string;
  tags: readonly string[];
  from: number;
  due: number;
  /** The measure moves from `baseline` to `target` by day `reach`, or stops at share `stops` of the way. */
  reach: number;
  stops?: number;
  baseline: number;
  target: number;
  unit: string;
  metric: string;
  /** Worth to the customer, in major units. */
  worth?: number;
}

/** Regular attention: meetings and NPS answers. */
interface Care {
  meetingsEvery: number;
  /** Meetings (by their number, from 0) that the customer missed. */
  missed?: readonly number[];
  from?: number;
  to?: number;
  /** NPS scores, asked every `npsEvery` days from `npsFrom`, answered by the people in turn. */
  nps: readonly number[];
  npsFrom?: number;
  npsEvery?: number;
  /** The sponsor takes part in every so manieth meeting; default 2. */
  sponsorEvery?: number;
}

/** First days in the product: on which day each setup step is done; undefined: never. */
export interface Setup {
  connect?: number;
  upload?: number;
  build?: number;
  invite?: number;
  permissions?: number;
  brand?: number;
}

export interface Story {
  id: string;
  name: string;
  segment: Segment;
  industry: string;
  country: string;
  employees?: number;
  /** The account's first day, YYYY-MM-DD. */
  born: string;
  /** What a reader can see here. */
  shows: string;
  people: readonly Person[];
  contracts: readonly Contract[];
  setup?: Setup;
  /** First report shared with somebody: the activation milestone. Undefined: not yet. */
  firstValue?: number;
  use: readonly Use[];
  care?: Care;
  goals?: readonly Goal[];
  moments?: readonly Moment[];
  owners?: Partial<Record<OwnerRole, string>>;
  /** A quiet period set by a person: known from `day`, until before `until`. */
  quiet?: { day: number; until: number };
  planningMonths?: readonly number[];
  isTest?: boolean;
  /** Stage as another system gave it on the first day. */
  stage?: Stage;
  /** Leaves out what a thinner source would not have. */
  lacks?: readonly ('users' | 'seats' | 'amounts' | 'segment' | 'contacts')[];
  /** This share of the events arrives 30 days after it happened. */
  lateShare?: number;
}

// Words for the rows: each makes one step or moment, so that a row reads as a list of what happens.

export const trial = (day: number, days: number, plan: PlanId, seats: number): Contract => ({
  step: 'trial',
  day,
  days,
  plan,
  seats,
});

export const extend = (day: number, days: number): Contract => ({ step: 'extend', day, days });

export type BuyExtras = Omit<Extract<Contract, { step: 'buy' }>, 'step' | 'day' | 'plan' | 'seats' | 'months'>;

export const buy = (day: number, plan: PlanId, seats: number, months = 12, extras: BuyExtras = {}): Contract => ({
  step: 'buy',
  day,
  plan,
  seats,
  months,
  ...extras,
});

export const sign = (day: number, months = 12, change: { seats?: number; plan?: PlanId } = {}): Contract => ({
  step: 'sign',
  day,
  months,
  ...change,
});

export const resize = (day: number, seats: number, plan?: PlanId): Contract => ({
  step: 'resize',
  day,
  seats,
  ...(plan && { plan }),
});

export const pastDue = (day: number, until: number): Contract => ({ step: 'pastDue', day, until });
export const pause = (day: number, until: number): Contract => ({ step: 'pause', day, until });
export const charge = (day: number, amount: number): Contract => ({ step: 'charge', day, amount });
export const cancel = (day: number, ends: number): Contract => ({ step: 'cancel', day, ends });

type TicketExtras = Omit<Extract<Moment, { kind: 'ticket' }>, 'kind' | 'day' | 'priority' | 'subject'>;

export const ticket = (day: number, priority: Priority, subject: string, extras: TicketExtras = {}): Moment => ({
  kind: 'ticket',
  day,
  priority,
  subject,
  ...extras,
});

export const incident = (day: number, severity: Priority, hours: number): Moment => ({
  kind: 'incident',
  day,
  severity,
  hours,
});

/** `by`: index into the story's people. */
export const nps = (day: number, score: number, by: number, comment?: string): Moment => ({
  kind: 'survey',
  type: 'nps',
  day,
  score,
  by,
  ...(comment !== undefined && { comment }),
});

type NoteExtras = Omit<Extract<Moment, { kind: 'note' }>, 'kind' | 'day' | 'text' | 'tags'>;

export const note = (day: number, text: string, tags: readonly string[] = [], extras: NoteExtras = {}): Moment => ({
  kind: 'note',
  day,
  text,
  tags,
  ...extras,
});

export const event = (day: number, name: string, times = 1, properties?: Record<string, string | number>): Moment => ({
  kind: 'event',
  day,
  event: name,
  times,
  ...(properties && { properties }),
});

/** Steady use of one feature by a few people on top of the mix. */
export const feature = (name: string, from: number, perWeek: number, to?: number): Moment => ({
  kind: 'feature',
  event: name,
  from,
  perWeek,
  ...(to !== undefined && { to }),
});

export const api = (from: number, perDay: number | readonly [number, number], to?: number): Moment => ({
  kind: 'api',
  from,
  perDay,
  ...(to !== undefined && { to }),
});

type PersonExtras = Omit<Person, 'name' | 'title' | 'roles' | 'touch'>;

const person =
  (...roles: ContactRole[]) =>
  (name: string, title: string, touch: number, extras: PersonExtras = {}): Person => ({
    name,
    title,
    roles,
    touch,
    ...extras,
  });

export const champion = person('champion', 'primary_contact');
export const sponsor = person('executive_sponsor', 'decision_maker');
export const buyer = person('economic_buyer', 'decision_maker');
export const contact = person('primary_contact');
export const technician = person('technical_owner', 'admin');
export const onlySponsor = person('executive_sponsor');
export const onlyChampion = person('champion');

type GoalExtras = { stops?: number; worth?: number };

/** A goal in hours saved: set on `from`, due on `due`, on course to be reached on `reach`. */
export const goal = (
  title: string,
  tags: readonly string[],
  from: number,
  due: number,
  reach: number,
  extras: GoalExtras = {},
): Goal => ({ title, tags, from, due, reach, baseline: 0, target: 100, unit: '%', metric: 'share done', ...extras });
