/** customer_success/adoption_score (skills.md B): how widely, deeply and often the product is used, and the largest gap. */
import { z } from 'zod';
import { words } from '../../document/figures.ts';
import type { AccountMeasures } from '../../facts/measure-account.ts';
import { type Known, unknown } from '../../facts/view.ts';
import { daysIn, upperBound } from '../../history/history.ts';
import { userActiveDaysIn } from '../../history/windows.ts';
import type { Curve } from '../../policy/measures.ts';
import { type Adoption, type FeatureUse, featureIndex, isEntitled } from '../../scores/adoption.ts';
import { clamp, lin, percent2, publish, ratio4 } from '../../scores/number.ts';
import { addBusinessDays, type Day, formatDay } from '../../time/calendar.ts';
import { someOf } from '../health-evidence.ts';
import { refusedOutput } from '../run-skill.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import { adoptionSections } from './adoption-score-document.ts';

export const ADOPTION_PARTS = ['breadth', 'depth', 'frequency', 'stickiness'] as const;
export type AdoptionPart = (typeof ADOPTION_PARTS)[number];

export interface UserTiers {
  power: number;
  regular: number;
  casual: number;
  inactive: number;
}

/** A part of the score below the target. */
export interface AdoptionGap {
  part: AdoptionPart;
  score: number;
  /** What the adoption score would gain if the part reached the target, two decimals. */
  gainPoints: number;
  detail: string;
}

export interface FeatureRow {
  featureId: string;
  core: boolean;
  advanced: boolean;
  used: boolean;
  /** Days of the window with use. */
  days: number;
  /** Identified users of the window. */
  users: number;
  firstUse: string | null;
}

export interface PartDrop {
  part: AdoptionPart;
  from: number;
  to: number;
}

export interface AdoptionScore {
  adoptionScore: number | null;
  breadth: number | null;
  depth: number | null;
  frequency: number | null;
  stickiness: number | null;
  usageDepth: number | null;
  featureMatrix: FeatureRow[];
  userTiers: UserTiers | null;
  /** Largest first. */
  gaps: AdoptionGap[];
  /** Of one more relevant feature; null without relevant features, 0 once all are used. */
  gainPoints: number | null;
  forecast30: number | null;
  drops: PartDrop[];
  windowFrom: string;
  windowTo: string;
  /** A trial stays outside averages over accounts. */
  inAverages: boolean;
}

const parameters = z.strictObject({
  powerDays: z
    .number()
    .int()
    .min(2)
    .max(30)
    .default(12)
    .describe('active days of 30 from which a user is a power user'),
  regularDays: z.number().int().min(1).max(30).default(4).describe('active days of 30 from which a user is regular'),
  target: z.number().int().min(1).max(100).default(80).describe('points below which a part of the score is a gap'),
  dropDays: z.number().int().min(1).max(90).default(7).describe('days over which a fall is looked for'),
  dropPoints: z.number().min(0).max(100).default(10).describe('points a part must fall by, and more, for an alert'),
  forecastDays: z.number().int().min(1).max(90).default(30).describe('days whose change is carried on'),
});
type Parameters = z.infer<typeof parameters>;

/** Points one more relevant feature adds to the adoption score: a quarter of what breadth gains. */
export function gainOfOneMore(used: number, relevant: number, curve: Curve): number | undefined {
  if (relevant === 0) return undefined;
  const breadth = (count: number) => lin(ratio4(Math.min(count, relevant) / relevant), curve);
  return percent2((breadth(used + 1) - breadth(used)) / ADOPTION_PARTS.length);
}

/** Users by active days of the window; whoever has access and was not active is inactive. */
export function tiersOf(
  activeDays: readonly number[],
  provisioned: number,
  p: Pick<Parameters, 'powerDays' | 'regularDays'>,
): UserTiers {
  const power = activeDays.filter((days) => days >= p.powerDays).length;
  const regular = activeDays.filter((days) => days >= p.regularDays && days < p.powerDays).length;
  const casual = activeDays.filter((days) => days >= 1 && days < p.regularDays).length;
  return { power, regular, casual, inactive: Math.max(0, provisioned - power - regular - casual) };
}

/** The score with the change of the past days added once more, 0-100. Both are unrounded. */
export function forecastOf(now: number, then: number): number {
  return publish(clamp(now + (now - then), 0, 100));
}

export const adoptionScore = defineSkill<Parameters, AdoptionScore>({
  name: 'customer_success/adoption_score',
  domain: 'customer_success',
  purpose: 'Measures breadth, depth, frequency and stickiness of use and the largest gap',
  customerFacing: false,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: {
    required: ['events', 'catalogue features'],
    optional: ['subscriptions', 'contacts', 'history of 30 days'],
  },
  sections: ['Score', 'Features', 'Users', 'Gaps', 'Forecast'],
  parameters,
  outcome: {
    measure: 'adoption_score',
    unit: 'points 0-100',
    better: 'higher',
    horizonDays: 30, // the score's own window: earlier it still holds days from before
    noise: 5, // as the trend of A7
    read: ({ adoption }) => adoption.score,
  },
  run: runAdoptionScore,
});

function runAdoptionScore(context: SkillContext<Parameters>): SkillOutput<AdoptionScore | null> {
  const { measured } = context;
  const { adoption, view } = measured;
  if (view.account.isTest === true) return refusedOutput('test_account', 'test accounts are not scored');
  const knownParts = ADOPTION_PARTS.filter((name) => adoption[name].value !== undefined);
  if (knownParts.length === 0) {
    return {
      status: 'insufficient_data',
      reasons: [],
      dataGaps: [{ fact: 'adoption_score', reason: gapWithSource(adoption.score.reason ?? 'not known') }],
      result: null,
      actions: [],
      sections: [],
    };
  }
  const result = resultOf(context);
  const dataGaps = gapsIn(context, result);
  const isKnown = result.adoptionScore !== null;
  return {
    status: !isKnown ? 'insufficient_data' : dataGaps.length > 0 ? 'partial' : 'ok',
    reasons: result.inAverages ? [] : ['trial_outside_averages'],
    dataGaps,
    confidence: measured.health.confidence,
    result,
    actions: isKnown ? actionsOf(result, context) : [],
    sections: adoptionSections(result, context.parameters),
  };
}

/** Usage comes from events; the reason says what is missing of them. */
function gapWithSource(reason: string): string {
  return /event|catalogue|contacts/.test(reason) ? reason : `${reason} (events)`;
}

function resultOf(context: SkillContext<Parameters>): AdoptionScore {
  const { measured, workspace, parameters: p } = context;
  const { adoption, view, contract } = measured;
  const used = adoption.relevant.filter((use) => use.used).length;
  const then = context.measuredOn(view.today - p.forecastDays)?.adoption.raw;
  const { raw } = adoption;
  return {
    adoptionScore: adoption.score.value ?? null,
    breadth: points(adoption.breadth),
    depth: points(adoption.depth),
    frequency: points(adoption.frequency),
    stickiness: points(adoption.stickiness),
    usageDepth: adoption.usageDepth.value ?? null,
    featureMatrix: adoption.relevant.map((use) => featureRow(use, measured)),
    userTiers: userTiers(measured, p),
    gaps: adoptionGaps(context),
    gainPoints: gainOfOneMore(used, adoption.relevant.length, workspace.measures.adoption.breadth) ?? null,
    forecast30: raw === undefined || then === undefined ? null : forecastOf(raw, then),
    drops: dropsSince(adoption, context.measuredOn(view.today - p.dropDays)?.adoption, p.dropPoints),
    windowFrom: formatDay(adoption.from),
    windowTo: formatDay(view.lastDay),
    inAverages: !(contract.trialInForce && !contract.paidInForce),
  };
}

function points(part: Known<number>): number | null {
  return part.value === undefined ? null : publish(part.value);
}

function featureRow({ feature, used, firstUse }: FeatureUse, { adoption, view }: AccountMeasures): FeatureRow {
  const history = featureIndex(view).get(feature.id);
  return {
    featureId: feature.id,
    core: feature.core,
    advanced: feature.advanced,
    used,
    days: history === undefined ? 0 : daysIn(history.use.days, adoption.from, view.lastDay),
    users: usersOf(feature.id, view, adoption.from),
    firstUse: firstUse === undefined ? null : formatDay(firstUse),
  };
}

function usersOf(featureId: string, view: AccountMeasures['view'], from: Day): number {
  const history = featureIndex(view).get(featureId);
  if (history === undefined) return 0;
  const users = new Set<number>();
  const end = upperBound(history.useDay, view.lastDay);
  for (let i = upperBound(history.useDay, from - 1); i < end; i++) {
    if (history.useUser[i]! >= 0) users.add(history.useUser[i]!);
  }
  return users.size;
}

/** Undefined users: events carry no userId, or nobody is known to have access. */
function userTiers({ adoption, view }: AccountMeasures, p: Parameters): UserTiers | null {
  if (adoption.monthlyActiveUsers.value === undefined || adoption.provisionedUsers.value === undefined) return null;
  const left = new Set(
    view.contacts
      .filter((each) => each.leftAt !== undefined && each.leftAt <= view.today)
      .map((each) => each.contactId),
  );
  const days = view.history.users
    .filter((user) => !left.has(user.userId))
    .map((user) => userActiveDaysIn(user, adoption.from, view.lastDay));
  return tiersOf(days, adoption.provisionedUsers.value, p);
}

/** Known parts below the target, the largest gain first; ties in the order of A4. */
function adoptionGaps(context: SkillContext<Parameters>): AdoptionGap[] {
  const { adoption } = context.measured;
  const { target } = context.parameters;
  return ADOPTION_PARTS.flatMap((part): AdoptionGap[] => {
    const { value } = adoption[part];
    if (value === undefined || publish(value) >= target) return [];
    const gainPoints = percent2((target - value) / ADOPTION_PARTS.length);
    return [{ part, score: publish(value), gainPoints, detail: gapDetail(part, context) }];
  }).sort((a, b) => b.gainPoints - a.gainPoints);
}

function gapDetail(part: AdoptionPart, context: SkillContext<Parameters>): string {
  const { relevant, monthlyActiveUsers } = context.measured.adoption;
  const notUsed = (uses: readonly FeatureUse[], kind: string) => {
    const open = uses.filter((use) => !use.used).map((use) => words(use.feature.id));
    return open.length === 0 ? [] : [`${open.length} of ${uses.length} ${kind} features not used: ${someOf(open)}`];
  };
  switch (part) {
    case 'breadth':
      return notUsed(relevant, 'relevant').join();
    case 'depth': {
      const power = unusedPowerFeatures(context);
      const advanced = relevant.filter((use) => use.feature.advanced);
      const clauses = notUsed(advanced, 'advanced');
      if (power.length > 0) clauses.push(`features for power users without use: ${someOf(power.map(words))}`);
      return clauses.length === 0 ? 'few workflows a user' : clauses.join('; ');
    }
    case 'frequency':
      return `few of the people active in 30 days (${monthlyActiveUsers.value ?? 0}) come on a business day`;
    case 'stickiness':
      return 'few of the users of one week come back in the next';
  }
}

/** Entitled features that are worth power points and were not used in the window. */
function unusedPowerFeatures({ measured, workspace }: SkillContext<Parameters>): string[] {
  const { adoption, view, contract } = measured;
  const { powerPoints } = workspace.measures.adoption;
  const index = featureIndex(view);
  const plans = new Set(contract.planIds);
  return workspace.catalogue.features
    .filter(({ tags }) => tags.some((tag) => (powerPoints[tag] ?? 0) > 0))
    .filter((feature) => isEntitled(feature, plans))
    .filter(({ id }) => daysIn(index.get(id)?.use.days ?? NO_DAYS, adoption.from, view.lastDay) === 0)
    .map(({ id }) => id);
}

const NO_DAYS: readonly number[] = [];

/** Parts known on both days that fell by more than `more` points. */
export function dropsSince(
  now: Pick<Adoption, AdoptionPart>,
  then: Pick<Adoption, AdoptionPart> | undefined,
  more: number,
): PartDrop[] {
  if (then === undefined) return [];
  return ADOPTION_PARTS.flatMap((part): PartDrop[] => {
    const [before, after] = [then[part].value, now[part].value];
    if (before === undefined || after === undefined) return [];
    const [from, to] = [publish(before), publish(after)];
    return from - to > more ? [{ part, from, to }] : [];
  });
}

function gapsIn(context: SkillContext<Parameters>, result: AdoptionScore): SkillOutput<unknown>['dataGaps'] {
  const { measured, workspace, parameters: p } = context;
  const gaps: SkillOutput<unknown>['dataGaps'] = [];
  const add = (fact: string, { reason }: { reason?: string | undefined }) => {
    if (reason !== undefined) gaps.push({ fact, reason: gapWithSource(reason) });
  };
  const { adoption } = measured;
  add('adoption_score', adoption.score);
  for (const part of ADOPTION_PARTS) add(part, adoption[part]);
  if (workspace.catalogue.featuresDefaulted)
    add('catalogue', unknown('no features in catalog.yaml: each event name is one'));
  if (measured.subscriptionGap !== undefined) {
    add(
      'entitlements',
      unknown(`${measured.subscriptionGap} (subscriptions): every catalogue feature counts as entitled`),
    );
  }
  if (result.userTiers === null) {
    add('user_tiers', { reason: adoption.monthlyActiveUsers.reason ?? adoption.provisionedUsers.reason });
  }
  if (result.forecast30 === null && result.adoptionScore !== null) {
    add('forecast', unknown(`no adoption score ${p.forecastDays} days ago (events)`));
  }
  return gaps;
}

function actionsOf({ drops, gaps }: AdoptionScore, { measured, workspace, parameters: p }: SkillContext<Parameters>) {
  const { today } = measured.view;
  const { holidays } = workspace.catalogue;
  const actions: ActionDraft[] = [];
  if (drops.length > 0) {
    const fell = drops.map(({ part, from, to }) => `${part} from ${from} to ${to}`).join(', ');
    actions.push({
      key: 'drop',
      title: `Adoption fell within ${p.dropDays} days: ${fell}`,
      role: 'csm',
      due: addBusinessDays(today, 1, holidays),
      channel: 'alert',
      evidence: [],
    });
  }
  const [top] = gaps;
  if (top !== undefined) {
    actions.push({
      key: `gap:${top.part}`,
      title: `Close the largest gap, ${top.part} at ${top.score}: ${top.detail}`,
      role: 'csm',
      due: addBusinessDays(today, 5, holidays),
      channel: 'task',
      evidence: [],
    });
  }
  return actions;
}
