/**
 * Calc of plg/trial_extension_evaluator (skills.md B): score, probability and decision for one trial. Pure.
 *
 * Choices where the spec is silent: a decline or a review moves no date; an extension is cut to what is left of the days
 * a trial may gain, and declined where nothing is left.
 */
import { z } from 'zod';
import { type PartScore, part, ratio4, weightedMean } from '../../scores/number.ts';
import type { Day } from '../../time/calendar.ts';

export type ExtensionDecision = 'approve' | 'approve_conditional' | 'approve_with_push' | 'review' | 'decline';
export type ExtensionFactor = 'engagement' | 'conversion' | 'fit' | 'history' | 'reason';

export interface TrialExtension {
  decision: ExtensionDecision;
  extensionDays: number;
  /** Null where nothing is extended. */
  newTrialEnd: string | null;
  /** Published 0-100; null: less than half of the weight is known. */
  score: number | null;
  /** Share 0-1, four decimals. */
  conversionProbability: number;
  conditions: string[];
  /** Points 0-100 by factor, unrounded; null: unknown. A factor that does not apply is absent. */
  factors: Partial<Record<ExtensionFactor, number | null>>;
  trialEnd: string;
  pastExtensions: number;
  pastExtensionDays: number;
  /** The rate the probability starts from, and whether it is the workspace's own. */
  baseRate: number;
  baseRateFrom: 'own_history' | 'policy';
}

const days = z.number().int().min(0).max(60);
const share = z.number().min(0).max(1);
const weight = z.number().min(0).max(1);
export const trialExtensionParameters = z.strictObject({
  engagementWeight: weight.default(0.3).describe('weight of engagement in the score'),
  conversionWeight: weight.default(0.25).describe('weight of the conversion signals in the score'),
  fitWeight: weight.default(0.2).describe('weight of firmographic fit in the score'),
  historyWeight: weight.default(0.15).describe('weight of past extensions in the score'),
  reasonWeight: weight.default(0.1).describe('weight of the reason the customer gave in the score'),
  activeShare: z
    .number()
    .min(0.05)
    .max(1)
    .default(0.6)
    .describe('share of business days in use that is full engagement'),
  approveAbove: share.default(0.6).describe('probability above which a trial gets the long extension'),
  shortFrom: share.default(0.4).describe('probability from which a trial gets the short extension without a push'),
  longDays: days.default(14).describe('days of the long extension'),
  shortDays: days.default(7).describe('days of the short extension'),
  extensions: z.number().int().min(0).max(10).default(2).describe('extensions a trial may have'),
  totalDays: z.number().int().min(0).max(365).default(28).describe('days a trial may gain by all its extensions'),
  baseRate: share.default(0.4).describe('conversion rate of trials while the workspace has too few of its own'),
  outcomesAtLeast: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(20)
    .describe('ended trials from which the own rate counts'),
  icpSegments: z.array(z.string()).max(50).default([]).describe('segments of the ideal customer; empty: not stated'),
  icpIndustries: z
    .array(z.string())
    .max(200)
    .default([])
    .describe('industries of the ideal customer; empty: not stated'),
  minimumEmployees: z
    .number()
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('smallest company that fits; null: not stated'),
  maximumEmployees: z
    .number()
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('largest company that fits; null: not stated'),
});
export type TrialExtensionParameters = z.infer<typeof trialExtensionParameters>;

export interface ExtensionCase {
  /** Points 0-100; undefined: unknown. */
  engagement: number | undefined;
  conversion: number | undefined;
  fit: number | undefined;
  /** Undefined: proactive, nobody asked, so no reason applies. */
  reason: number | undefined;
  pastExtensions: number;
  pastExtensionDays: number;
  trialEnd: Day;
  abuse: boolean;
  /** A severe incident fell into the trial. */
  incident: boolean;
  hasValueEvent: boolean;
  /** The workspace's ended trials. */
  trials: { ended: number; converted: number };
}

/** Points for 0, 1, 2 past extensions. */
const HISTORY_POINTS = [100, 40, 0] as const;
const HIGHEST_PROBABILITY = 0.95;
const KNOWN_SHARE = 0.5; // mean* of A1

export interface ExtensionVerdict {
  decision: ExtensionDecision;
  extensionDays: number;
  newTrialEnd: Day | undefined;
  score: PartScore<ExtensionFactor>;
  conversionProbability: number;
  baseRate: number;
  baseRateFrom: TrialExtension['baseRateFrom'];
  reason: string;
}

/** Score, probability and decision of one trial [K weights and bounds]. The score informs; the probability decides. */
export function decideExtension(input: ExtensionCase, p: TrialExtensionParameters): ExtensionVerdict {
  const history = HISTORY_POINTS[Math.min(input.pastExtensions, 2)]!;
  const score = weightedMean<ExtensionFactor>(
    {
      engagement: part(input.engagement, p.engagementWeight),
      conversion: part(input.conversion, p.conversionWeight),
      fit: part(input.fit, p.fitWeight),
      history: part(history, p.historyWeight),
      ...(input.reason !== undefined && { reason: part(input.reason, p.reasonWeight) }),
    },
    KNOWN_SHARE,
  );
  const own = input.trials.ended >= p.outcomesAtLeast;
  const baseRate = own ? ratio4(input.trials.converted / input.trials.ended) : p.baseRate;
  const factor = (points: number | undefined) => (points === undefined ? 1 : 0.5 + points / 100);
  const odds = baseRate * factor(input.engagement) * factor(input.conversion) * factor(input.fit);
  const conversionProbability = ratio4(Math.min(HIGHEST_PROBABILITY, odds));
  const choice = choose(input, conversionProbability, p);
  const extensionDays = Math.min(choice.days, Math.max(0, p.totalDays - input.pastExtensionDays));
  const isCutToNothing = choice.days > 0 && extensionDays === 0;
  return {
    decision: isCutToNothing ? 'decline' : choice.decision,
    extensionDays,
    newTrialEnd: extensionDays === 0 ? undefined : input.trialEnd + extensionDays,
    score,
    conversionProbability,
    baseRate,
    baseRateFrom: own ? 'own_history' : 'policy',
    reason: isCutToNothing ? 'extension_days_used' : choice.reason,
  };
}

interface Choice {
  decision: ExtensionDecision;
  days: number;
  reason: string;
}

function choose(input: ExtensionCase, probability: number, p: TrialExtensionParameters): Choice {
  const { longDays, shortDays } = p;
  if (input.abuse) return { decision: 'decline', days: 0, reason: 'trial_abuse' };
  if (input.pastExtensions >= p.extensions) return { decision: 'decline', days: 0, reason: 'extensions_used' };
  if (input.incident) return { decision: 'approve', days: shortDays, reason: 'trial_incident' };
  if (!input.hasValueEvent) return { decision: 'decline', days: 0, reason: 'no_value_event' };
  const isFirst = input.pastExtensions === 0;
  if (probability > p.approveAbove) {
    return isFirst
      ? { decision: 'approve', days: longDays, reason: 'high_probability' }
      : { decision: 'approve_conditional', days: shortDays, reason: 'high_probability_repeat' };
  }
  if (probability >= p.shortFrom) {
    return isFirst
      ? { decision: 'approve', days: shortDays, reason: 'medium_probability' }
      : { decision: 'review', days: 0, reason: 'medium_probability_repeat' };
  }
  return isFirst
    ? { decision: 'approve_with_push', days: shortDays, reason: 'low_probability' }
    : { decision: 'decline', days: 0, reason: 'low_probability_repeat' };
}

export function decisionWords(decision: ExtensionDecision, extensionDays: number): string {
  switch (decision) {
    case 'approve':
      return `extended by ${extensionDays} days`;
    case 'approve_conditional':
      return `extended by ${extensionDays} days on conditions`;
    case 'approve_with_push':
      return `extended by ${extensionDays} days with a push to buy`;
    case 'review':
      return 'in review';
    case 'decline':
      return 'not extended';
  }
}
