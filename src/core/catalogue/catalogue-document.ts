/** The shape of `catalog.yaml` (spec: contract.md section 1). Every part may be left out. */
import { z } from 'zod';
import { parseDay } from '../time/calendar.ts';
import { SIGNAL_NAMES } from './catalogue.ts';

const LONGEST_TEXT = 200; // an id, event name or label; longer ones are pasted by mistake
const MOST_ENTRIES = 5_000; // per part; keeps checking references fast

const text = z.string().min(1).max(LONGEST_TEXT);
const texts = z.array(text).max(MOST_ENTRIES);
const rating = z.number().min(1).max(5);
const minutes = z.number().min(0).max(10_000);
const days = z.number().int().min(0).max(3_650);
const price = z.number().min(0).max(1e12);
const quantity = z.number().min(0).max(1e15);
const day = z.string().refine((value) => parseDay(value) !== undefined, 'a date is written YYYY-MM-DD');
const currency = z.string().regex(/^[A-Z]{3}$/, 'three capital letters, such as USD');

const feature = z.strictObject({
  id: text,
  events: texts.min(1),
  core: z.boolean().default(false),
  advanced: z.boolean().optional(),
  product: text.optional(),
  plans: texts.default([]),
  tags: texts.default([]),
  value: rating.optional(),
  effort: rating.optional(),
  minutes: minutes.optional(),
  prerequisites: texts.default([]),
  neighbours: texts.default([]),
});

const setupStep = z.strictObject({
  id: text,
  event: text,
  required: z.boolean().default(true),
  minutes: minutes.optional(),
  dueDays: days.optional(),
  dependsOn: texts.default([]),
});

const milestone = z.strictObject({
  id: text,
  event: text,
  count: z.number().int().min(1).max(1_000_000).default(1),
  significance: z.enum(['minor', 'moderate', 'major', 'exceptional']).default('moderate'),
  dueDays: days.optional(),
});

const meter = z.strictObject({
  id: text,
  event: text,
  amount: text.optional(),
  unit: text.optional(),
  resets: z.enum(['day', 'week', 'month', 'year']).nullish(),
});

const plan = z.strictObject({
  id: text,
  product: text.optional(),
  perSeat: price.optional(),
  flat: price.optional(),
  interval: z.enum(['month', 'year']).default('year'),
  currency: currency.optional(),
  minSeats: z.number().int().min(0).max(1e9).default(1),
  limits: z.record(text, quantity.nullable()).default({}),
  features: texts.default([]),
  overage: z.record(text, price).default({}),
});

const product = z.strictObject({ id: text, name: text.optional() });

const list = <T extends z.ZodType>(entry: T) => z.array(entry).max(MOST_ENTRIES).nullish();
const signalLists = Object.fromEntries(SIGNAL_NAMES.map((name) => [name, texts.optional()])) as Record<
  (typeof SIGNAL_NAMES)[number],
  z.ZodOptional<typeof texts>
>;

export const catalogueDocumentSchema = z.strictObject({
  features: list(feature),
  logins: list(text),
  setup: list(setupStep),
  milestones: list(milestone),
  meters: list(meter),
  plans: list(plan),
  products: list(product),
  signals: z.strictObject(signalLists).nullish(),
  competitors: list(text),
  holidays: list(day),
});

export type CatalogueDocument = z.output<typeof catalogueDocumentSchema>;
