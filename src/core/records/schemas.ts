/**
 * One Zod schema per record kind: a raw object in, the typed record of `record.ts` out (spec: contract.md section 1).
 * Every value goes through a reader of `fields.ts`; unknown fields never get here, `parse-record.ts` keeps them apart.
 */
import { z } from 'zod';
import { amountAsWritten, extensions, limits, owners, seats } from './composite-fields.ts';
import * as f from './fields.ts';
import { Problem } from './problem.ts';
import { CONTACT_ROLES, type Priority, type RecordKind, STAGES } from './record.ts';

const PRIORITY_WORDS = { critical: 'P1', high: 'P2', medium: 'P3', low: 'P4', urgent: 'P1', normal: 'P3' } as const;
const priority = f.oneOf<Priority>(['P1', 'P2', 'P3', 'P4'], PRIORITY_WORDS);
const month = f.numberIn({ integer: true, min: 1, max: 12 });
const name = f.text(f.MAX_NAME_LENGTH);
const longText = f.text(f.MAX_TEXT_LENGTH);
const names = f.listOf(name);

/** Scales as the questions are asked: NPS 0-10, CSAT 1-5, CES 1-7, pulse 0-100 (the spec fixes none; our choice). */
const SURVEY_SCALES = { nps: [0, 10], csat: [1, 5], ces: [1, 7], pulse: [0, 100] } as const;

/** Adds an issue that carries our stable code, under the field's own name. */
function raise(ctx: z.RefinementCtx, problem: Problem, path: string[] = []): never {
  ctx.addIssue({ code: 'custom', message: problem.message, params: { code: problem.code }, path });
  return z.NEVER;
}

/** Turns readers into the schemas of fields. */
function fieldSchemas(context: f.RecordContext) {
  const read = <T>(reader: f.Reader<T>, value: unknown, ctx: z.RefinementCtx): T => {
    const found = reader(value, context);
    return found instanceof Problem ? raise(ctx, found) : found;
  };
  const required = <T>(reader: f.Reader<T>) =>
    z.unknown().transform((value, ctx): T => {
      if (f.isEmpty(value)) return raise(ctx, new Problem('required', 'is required; fill it in'));
      return read(reader, value, ctx);
    });
  const optional = <T>(reader: f.Reader<T>) =>
    z.unknown().transform((value, ctx): T | undefined => (f.isEmpty(value) ? undefined : read(reader, value, ctx)));
  /** As `optional`, but null is a value: it says "unlimited". */
  const nullable = <T>(reader: f.Reader<T>) =>
    z
      .unknown()
      .transform((value, ctx): T | undefined =>
        value !== null && f.isEmpty(value) ? undefined : read(reader, value, ctx),
      );
  const amount = (value: unknown, code: string, field: string, ctx: z.RefinementCtx): number | undefined => {
    if (value === undefined) return undefined;
    const minor = f.amountIn(value, code, true);
    return minor instanceof Problem ? raise(ctx, minor, [field]) : minor;
  };
  return { context, required, optional, nullable, amount };
}

type FieldSchemas = ReturnType<typeof fieldSchemas>;

function customerSchemas({ required, optional }: FieldSchemas) {
  const accounts = z.object({
    accountId: required(f.id),
    name: required(name),
    createdAt: required(f.mainInstant),
    domain: optional(name),
    segment: optional(name),
    industry: optional(name),
    country: optional(name),
    employees: optional(f.count),
    timeZone: optional(f.timeZone),
    fiscalYearStartMonth: optional(month),
    planningMonths: optional(f.listOf(month)),
    owners: optional(owners),
    stage: optional(f.oneOf(STAGES)),
    stageEnteredAt: optional(f.day),
    quietUntil: optional(f.day),
    isTest: optional(f.flag),
  });
  const contacts = z.object({
    contactId: required(f.id),
    accountId: required(f.id),
    name: optional(name),
    email: optional(name),
    title: optional(name),
    roles: optional(f.listOf(f.oneOf(CONTACT_ROLES))),
    department: optional(name),
    createdAt: optional(f.mainInstant),
    leftAt: optional(f.day),
    onLeaveFrom: optional(f.day),
    onLeaveUntil: optional(f.day),
    lastContactAt: optional(f.instant),
  });
  const events = z.object({
    messageId: required(f.id),
    accountId: required(f.id),
    userId: optional(f.id).transform((userId) => userId ?? null),
    event: required(f.id),
    timestamp: required(f.mainInstant),
  });
  return { accounts, contacts, events };
}

function contractSchemas({ context, required, optional, nullable, amount }: FieldSchemas) {
  const subscriptions = z
    .object({
      subscriptionId: required(f.id),
      accountId: required(f.id),
      plan: required(name),
      status: required(
        f.oneOf(['trialing', 'active', 'past_due', 'paused', 'canceled'], { cancelled: 'canceled', trial: 'trialing' }),
      ),
      seats: nullable(seats),
      amount: optional(amountAsWritten(false)),
      currency: optional(f.currency),
      interval: optional(
        f.oneOf(['month', 'year'], { monthly: 'month', yearly: 'year', annual: 'year', annually: 'year' }),
      ),
      startedAt: required(f.mainInstant),
      trialEndsAt: optional(f.day),
      renewalDate: optional(f.day),
      endedAt: optional(f.day),
      autoRenew: optional(f.flag),
      product: optional(name),
      limits: optional(limits),
      extensions: optional(extensions),
    })
    .transform(({ amount: major, ...record }, ctx) => {
      const currency = record.currency ?? context.currency;
      const amountMinor = amount(major, currency, 'amount', ctx);
      return amountMinor === undefined ? record : { ...record, amountMinor, currency };
    });
  const invoices = z
    .object({
      invoiceId: required(f.id),
      accountId: required(f.id),
      issuedAt: required(f.mainInstant),
      dueAt: required(f.day),
      // credit notes are invoices below zero
      amount: required(amountAsWritten(true)),
      currency: optional(f.currency),
      paidAt: optional(f.day),
      status: optional(name),
    })
    .transform(({ amount: major, ...record }, ctx) => {
      const currency = record.currency ?? context.currency;
      return { ...record, amountMinor: amount(major, currency, 'amount', ctx)!, currency };
    });
  return { subscriptions, invoices };
}

function talkSchemas({ context, required, optional, amount }: FieldSchemas) {
  const surveys = z
    .object({
      surveyId: required(f.id),
      accountId: required(f.id),
      answeredAt: required(f.mainInstant),
      kind: required(f.oneOf(['nps', 'csat', 'ces', 'pulse'])),
      score: required(f.anyNumber),
      contactId: optional(f.id),
      comment: optional(longText),
    })
    .transform((record, ctx) => {
      const [min, max] = SURVEY_SCALES[record.kind];
      const score = f.numberIn({ min, max })(record.score, context);
      return score instanceof Problem ? raise(ctx, score, ['score']) : record;
    });
  const goals = z
    .object({
      goalId: required(f.id),
      accountId: required(f.id),
      title: required(name),
      createdAt: required(f.mainInstant),
      tags: optional(names),
      metric: optional(name),
      baseline: optional(f.anyNumber),
      target: optional(f.anyNumber),
      current: optional(f.anyNumber),
      unit: optional(name),
      targetDate: optional(f.day),
      status: optional(name),
      valueAmount: optional(amountAsWritten(false)),
      achievedAt: optional(f.day),
    })
    .transform(({ valueAmount, ...record }, ctx) => {
      const valueAmountMinor = amount(valueAmount, context.currency, 'valueAmount', ctx);
      return valueAmountMinor === undefined ? record : { ...record, valueAmountMinor };
    });
  const notes = z.object({
    noteId: required(f.id),
    accountId: required(f.id),
    at: required(f.mainInstant),
    // a note may say everything in its tags
    text: optional(longText).transform((written) => written ?? ''),
    contactId: optional(f.id),
    author: optional(f.oneOf(['customer', 'csm', 'sales', 'system'])),
    kind: optional(f.oneOf(['call', 'meeting', 'email', 'chat'])),
    tags: optional(names),
  });
  return { surveys, goals, notes };
}

function supportSchemas({ required, optional }: FieldSchemas) {
  const tickets = z.object({
    ticketId: required(f.id),
    accountId: required(f.id),
    openedAt: required(f.mainInstant),
    resolvedAt: optional(f.instant),
    priority: optional(priority),
    subject: optional(longText),
    theme: optional(name),
    escalatedAt: optional(f.instant),
    csat: optional(f.numberIn({ min: 1, max: 5 })),
    kind: optional(f.oneOf(['question', 'bug', 'cancellation', 'downgrade'])),
  });
  const incidents = z.object({
    incidentId: required(f.id),
    accountId: required(f.id),
    startedAt: required(f.mainInstant),
    resolvedAt: optional(f.instant),
    severity: optional(priority),
  });
  return { tickets, incidents };
}

/** The schemas of one workspace. */
export function recordSchemas(context: f.RecordContext) {
  const fields = fieldSchemas(context);
  return { ...customerSchemas(fields), ...contractSchemas(fields), ...talkSchemas(fields), ...supportSchemas(fields) };
}

/** Fields a kind knows, as files name them; every other one goes to `properties`. */
export function knownFields(schemas: ReturnType<typeof recordSchemas>, kind: RecordKind): readonly string[] {
  const schema = schemas[kind];
  const shape = schema instanceof z.ZodObject ? schema.shape : (schema.in as z.ZodObject).shape;
  return Object.keys(shape);
}
