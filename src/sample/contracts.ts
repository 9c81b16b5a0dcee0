/** Subscriptions and invoices of one account, from the steps of its story. */
import { addMonths, type Day, formatDay, parseDay } from '../core/time/calendar.ts';
import { accountId } from './ids.ts';
import { at, SAMPLE_LAST_DAY } from './period.ts';
import type { Contract, Payment, PlanId, Story } from './story.ts';

export type Row = Record<string, unknown>;

/** The price book of examples/sample/catalog.yaml, in USD a year; a test compares the two. */
export const PRICES: Record<PlanId, { perSeat: number; flat: number; product: string }> = {
  team: { perSeat: 240, flat: 0, product: 'reporting' },
  growth: { perSeat: 480, flat: 0, product: 'reporting' },
  enterprise: { perSeat: 720, flat: 6000, product: 'reporting' },
  automations: { perSeat: 0, flat: 3600, product: 'automations' },
  connect: { perSeat: 0, flat: 4800, product: 'connect' },
};
const MONTHLY_SURCHARGE = 1.2; // paying by the month costs a fifth more

export const PLAN_LIMITS: Record<PlanId, Record<string, number | null>> = {
  team: { report_exports: 120 },
  growth: { api_calls: 10_000, report_exports: 600 },
  enterprise: { api_calls: 60_000, report_exports: null },
  automations: {},
  connect: {},
};

interface Subscription {
  id: string;
  plan: PlanId;
  seats: number;
  status: 'trialing' | 'active' | 'past_due' | 'paused' | 'canceled';
  startedAt: Day;
  monthly: boolean;
  pays: Payment;
  autoRenew?: boolean;
  trialEndsAt?: Day;
  extensions?: { days: number; grantedAt: string }[];
  renewalDate?: Day;
  endedAt?: Day;
}

interface Book {
  story: Story;
  born: Day;
  open: Subscription[];
  made: number;
  subscriptions: Row[];
  invoices: Row[];
}

/** Versions of the account's subscriptions and its invoices, in the file form. */
export function contractsOf(story: Story): { subscriptions: Row[]; invoices: Row[] } {
  const book: Book = { story, born: parseDay(story.born)!, open: [], made: 0, subscriptions: [], invoices: [] };
  for (const contract of [...story.contracts].sort((a, b) => a.day - b.day)) takeStep(book, contract);
  for (const subscription of book.open) {
    if (subscription.monthly) billMonths(book, subscription, SAMPLE_LAST_DAY + 1);
  }
  return { subscriptions: book.subscriptions, invoices: book.invoices };
}

function takeStep(book: Book, contract: Contract): void {
  const day = book.born + contract.day;
  const until = (offset: number) => book.born + offset;
  switch (contract.step) {
    case 'trial':
      open(book, day, {
        plan: contract.plan,
        seats: contract.seats,
        status: 'trialing',
        trialEndsAt: day + contract.days,
      });
      return;
    case 'extend':
      change(book, day, (subscription) => {
        const extension = { days: contract.days, grantedAt: formatDay(day) };
        subscription.extensions = [...(subscription.extensions ?? []), extension];
      });
      return;
    case 'buy':
      purchase(book, day, contract);
      return;
    case 'sign':
      renew(book, day, contract);
      return;
    case 'resize':
      change(book, day, (subscription) => {
        if (subscription.plan === 'automations' || subscription.plan === 'connect') return;
        subscription.seats = contract.seats;
        subscription.plan = contract.plan ?? subscription.plan;
      });
      return;
    case 'pastDue':
    case 'pause': {
      const status = contract.step === 'pause' ? 'paused' : 'past_due';
      change(book, day, { status });
      change(book, until(contract.until), { status: 'active' });
      return;
    }
    case 'charge':
      addInvoice(book, day, day + PAYMENT_TERM_DAYS, contract.amount, undefined);
      return;
    case 'cancel': {
      const ends = until(contract.ends);
      change(book, day, { autoRenew: false, endedAt: ends });
      change(book, ends, { status: 'canceled' });
      for (const subscription of book.open) if (subscription.monthly) billMonths(book, subscription, ends);
      book.open = [];
    }
  }
}

type NewSubscription = Pick<Subscription, 'plan' | 'seats' | 'status'> & Partial<Subscription>;

function open(book: Book, day: Day, given: NewSubscription): Subscription {
  book.made++;
  const subscription: Subscription = {
    id: `s_${book.story.id}_${book.made}`,
    startedAt: day,
    monthly: false,
    pays: 'clean',
    ...given,
  };
  book.open.push(subscription);
  write(book, subscription, day);
  return subscription;
}

/** A purchase ends the trial; beside a paid subscription it adds another product. */
function purchase(book: Book, day: Day, contract: Extract<Contract, { step: 'buy' }>): void {
  for (const subscription of book.open) {
    if (subscription.status !== 'trialing') continue;
    Object.assign(subscription, { status: 'canceled', endedAt: day });
    write(book, subscription, day);
  }
  book.open = book.open.filter((subscription) => subscription.status !== 'canceled');
  const renewalDate = addMonths(day, contract.months);
  const bought = open(book, day, {
    plan: contract.plan,
    seats: contract.seats,
    status: 'active',
    monthly: contract.monthly ?? false,
    pays: contract.pays ?? 'clean',
    ...(!contract.monthly && { renewalDate }),
    ...(contract.autoRenew !== undefined && { autoRenew: contract.autoRenew }),
  });
  if (!bought.monthly) bill(book, bought, day, contract.months);
}

function renew(book: Book, day: Day, contract: Extract<Contract, { step: 'sign' }>): void {
  change(book, day, (subscription) => {
    if (subscription.renewalDate === undefined) return;
    const termStart = subscription.renewalDate;
    subscription.renewalDate = addMonths(termStart, contract.months);
    if (subscription.plan !== 'automations' && subscription.plan !== 'connect') {
      subscription.seats = contract.seats ?? subscription.seats;
      subscription.plan = contract.plan ?? subscription.plan;
    }
    bill(book, subscription, termStart, contract.months);
  });
}

/** Changes every open subscription from `day` on: sets the fields given, or does what the function does. */
function change(book: Book, day: Day, alter: Partial<Subscription> | ((subscription: Subscription) => void)): void {
  for (const subscription of book.open) {
    if (typeof alter === 'function') alter(subscription);
    else Object.assign(subscription, alter);
    write(book, subscription, day);
  }
}

function yearlyPrice(subscription: Subscription): number {
  const price = PRICES[subscription.plan];
  return price.flat + price.perSeat * subscription.seats;
}

function priceOf(subscription: Subscription): number {
  const yearly = yearlyPrice(subscription);
  return subscription.monthly ? Math.round((yearly * MONTHLY_SURCHARGE) / 12) : yearly;
}

function write(book: Book, subscription: Subscription, effective: Day): void {
  if (effective > SAMPLE_LAST_DAY) return;
  const { lacks } = book.story;
  const { trialEndsAt, renewalDate, endedAt } = subscription;
  book.subscriptions.push({
    subscriptionId: subscription.id,
    accountId: accountId(book.story),
    plan: subscription.plan,
    product: PRICES[subscription.plan].product,
    status: subscription.status,
    ...(!lacks?.includes('seats') && { seats: subscription.seats }),
    ...(subscription.status !== 'trialing' &&
      !lacks?.includes('amounts') && { amount: priceOf(subscription), currency: 'USD' }),
    interval: subscription.monthly ? 'month' : 'year',
    startedAt: formatDay(subscription.startedAt),
    limits: PLAN_LIMITS[subscription.plan],
    ...(trialEndsAt !== undefined && { trialEndsAt: formatDay(trialEndsAt) }),
    ...(renewalDate !== undefined && { renewalDate: formatDay(renewalDate) }),
    ...(endedAt !== undefined && { endedAt: formatDay(endedAt) }),
    ...(subscription.autoRenew !== undefined && { autoRenew: subscription.autoRenew }),
    ...(subscription.extensions && { extensions: [...subscription.extensions] }),
    effectiveAt: at(effective, 0, 30),
  });
}

const PAYMENT_TERM_DAYS = 30;
const MONTHLY_TERM_DAYS = 14;
const PAID_AFTER_DAYS = { clean: 21, late: 47 };

function bill(book: Book, subscription: Subscription, issued: Day, months: number): void {
  const due = issued + (subscription.monthly ? MONTHLY_TERM_DAYS : PAYMENT_TERM_DAYS);
  const amount = subscription.monthly ? priceOf(subscription) : Math.round((yearlyPrice(subscription) * months) / 12);
  const fails = book.story.contracts.some((each) => {
    if (each.step !== 'pastDue') return false;
    return issued >= book.born + each.day && issued < book.born + each.until;
  });
  addInvoice(book, issued, due, amount, fails ? undefined : issued + paidAfter(subscription));
}

function addInvoice(book: Book, issued: Day, due: Day, amount: number, paid: Day | undefined): void {
  if (issued > SAMPLE_LAST_DAY) return;
  const isPaid = paid !== undefined && paid <= SAMPLE_LAST_DAY;
  book.invoices.push({
    invoiceId: `i_${book.story.id}_${book.invoices.length + 1}`,
    accountId: accountId(book.story),
    issuedAt: formatDay(issued),
    dueAt: formatDay(due),
    amount,
    currency: 'USD',
    ...(isPaid && { paidAt: formatDay(paid) }),
    status: isPaid ? 'paid' : 'open',
  });
}

function paidAfter(subscription: Subscription): number {
  if (subscription.pays === 'late') return subscription.monthly ? 24 : PAID_AFTER_DAYS.late;
  return subscription.monthly ? 8 : PAID_AFTER_DAYS.clean;
}

function billMonths(book: Book, subscription: Subscription, until: Day): void {
  for (let month = 0; ; month++) {
    const issued = addMonths(subscription.startedAt, month);
    if (issued >= until) return;
    bill(book, subscription, issued, 1);
  }
}
