/**
 * The numbers behind every measure and score (spec: skills.md part A): thresholds, weights, windows, curves. They live in
 * the policy's `measures` section, so that a workspace can change them and every decision names what it stood on.
 */
import { z } from 'zod';

const share = z.number().min(0).max(1);
const points = z.number().min(0).max(100);
const days = z.number().int().min(0).max(3650);
const count = z.number().int().min(0).max(1_000_000);
/** Piecewise linear curve: [x, y] knots with rising x. */
const curve = z
  .array(z.tuple([z.number(), z.number()]))
  .min(2)
  .max(20)
  .refine((knots) => knots.every((knot, i) => i === 0 || knot[0] > knots[i - 1]![0]), 'x must rise from knot to knot');
export type Curve = readonly (readonly [number, number])[];

export const measuresSchema = z.strictObject({
  use: z.strictObject({
    eventsPerUserDay: count, // volume counts at most this many (A1)
    monthlyDays: days, // MAU window
    relevantShare: share, // default catalogue: share of active accounts (contract 1)
    relevantDays: days,
    usedDays: count, // value events on at least this many days = used (A4)
  }),
  people: z.strictObject({
    identifiedDays: days,
    activeDays: days,
    departureDays: days, // how long a departure counts as a signal
    candidate: z.strictObject({
      activeDays: z.number(),
      replyRate: z.number(),
      advocacy: z.number(),
      fullActiveDays: z.number(),
      fullAdvocacyActs: z.number(),
      confirmAt: points,
    }),
  }),
  activation: z.strictObject({
    firstLogin: z.number(),
    setupDone: z.number(),
    firstCoreAction: z.number(),
    firstValue: z.number(),
    secondActiveUser: z.number(),
    setupDoneAt: points,
    trackedAtLeast: z.number(),
    completeScore: points,
    aha: z.strictObject({
      coreUses: count,
      outputs: count,
      intenseDays: days,
      invites: count,
      integrations: count,
      connectDays: days,
    }),
    quickWinMinutes: count,
    trialSignals: count,
    trialLimitShare: share,
  }),
  adoption: z.strictObject({
    minimumDays: days,
    breadth: curve,
    frequency: curve,
    depth: z.strictObject({
      advanced: z.number(),
      workflows: z.number(),
      power: z.number(),
      workflowsPerUser: z.number(),
    }),
    usageDepth: z.strictObject({ breadth: z.number(), depth: z.number() }),
    powerPoints: z.record(z.string(), z.number()),
    partsAtLeast: count,
    stickinessWeeks: count,
    stickinessMinimumDays: days,
  }),
  trend: z.strictObject({
    windowDays: days,
    priorAtLeast: count,
    growing: z.number(),
    declining: z.number(),
    plateau: z.strictObject({
      weeks: count,
      slope: z.number(),
      newFeatureDays: days,
      adoptionFrom: points,
      adoptionTo: points,
    }),
    cliff: z.strictObject({
      baseAtLeast: count,
      usersAtLeast: count,
      drop: z.number(),
      dip: z.number(),
      consecutiveDays: count,
      holidays: count,
    }),
    silentDays: days,
  }),
  seats: z.strictObject({ sustainedShare: share, sustainedDays: days, confirmedDays: days }),
  limits: z.strictObject({
    approachingShare: share,
    approachingDays: days,
    paceDays: days,
    paceKnownDays: days,
    gaugeDays: days,
  }),
  health: z.strictObject({
    minimumDays: days,
    weights: z.strictObject({
      adoption: z.number(),
      engagement: z.number(),
      relationship: z.number(),
      outcomes: z.number(),
      commercial: z.number(),
    }),
    knownShare: share, // a weighted mean needs this share of its weight known (A1)
    engagement: z.strictObject({
      regularity: z.number(),
      trend: z.number(),
      meetings: z.number(),
      support: z.number(),
      regularityCurve: curve,
      regularityDays: days,
      trendCurve: curve,
      meetingDays: days,
      supportSevere: z.number(),
      supportOld: z.number(),
      supportOldDays: days,
      supportSurge: z.number(),
      supportSurgeTickets: count,
      supportSurgeRatio: z.number(),
    }),
    relationship: z.strictObject({
      survey: z.number(),
      sponsor: z.number(),
      champion: z.number(),
      surveyDays: days,
      promoter: points,
      passive: points,
      detractor: points,
      active: points,
      identified: points,
      none: points,
    }),
    outcomes: z.strictObject({ achieved: points, pace: points, unachievedMaximum: points, minimumElapsed: share }),
    commercial: z.strictObject({
      payment: z.number(),
      term: z.number(),
      clean: points,
      late: points,
      overdue: points,
      longOverdue: points,
      longOverdueDays: days,
      paymentDays: days,
      termSteps: z.array(z.tuple([z.number(), z.number()])).max(10), // [days left at least, points], longest first
      termShort: points,
      monthToMonth: points,
      complaintCap: points,
    }),
    bands: z.strictObject({ healthy: points, neutral: points, at_risk: points }),
    confidence: z.strictObject({ highCoverage: share, highDays: days, mediumCoverage: share, mediumDays: days }),
    trendDays: days,
    trendPoints: z.number(),
    alertDays: days,
    alertPoints: z.number(),
    dropDays: days,
    signalDays: days, // note-based signals close after this
    detractorScore: count,
    coreUnusedDays: days,
    ticketSilencePerMonth: count,
  }),
  readiness: z.strictObject({
    usage: z.number(),
    engagement: z.number(),
    sentiment: z.number(),
    utilisation: z.number(),
    limit: z.number(),
    adoption: z.number(),
    utilisationCurve: curve,
    limitCurve: curve,
    engagementScore: z.number(),
    people: z.number(),
    identifiedShare: share,
    signal: z.number(),
    signalsCounted: count,
    signalDays: days,
    threshold: points,
    teamGrowth: share,
    teamGrowthDays: days,
    teamGrowthBase: count, // smaller teams do not grow by one
    gatedAttempts: count,
    executiveContacts: count,
    executiveDays: days,
    advocacyScore: count,
    newUseCaseDays: days,
    newUseCaseUsers: count,
    headroom: z.number(), // seats to have = headroom x active
    gates: z.strictObject({
      health: points,
      relationship: points,
      outcomes: points,
      coreFeatures: count,
      signals: count,
    }),
  }),
  pace: z.strictObject({ margin: share, youngDays: days }),
  renewal: z.strictObject({
    approachingDays: days,
    qbrDays: days,
    riskDays: days,
    // expected share of ARR that renews, by health band
    rates: z.strictObject({ healthy: share, neutral: share, at_risk: share, critical: share }),
  }),
  assessment: z.strictObject({
    nextDays: z.strictObject({ healthy: days, neutral: days, at_risk: days, critical: days }),
    // business days until the CSM's call
    callDays: z.strictObject({ at_risk: days, critical: days, critical_signal: days }),
    executiveDays: days, // business days until the executive's part where a competitor is named
  }),
  onboarding: z.strictObject({
    milestones: z.number(),
    engagement: z.number(),
    technical: z.number(),
    users: z.number(),
    lateCredit: share,
    coverageAtLeast: share,
    healthy: points,
    watch: points,
    atRisk: points,
    replyDays: days, // business days
    phaseEnds: z.array(days).length(4),
    enterpriseFactor: z.number(),
    enterpriseSegments: z.array(z.string()),
  }),
  impact: z.strictObject({
    targets: z.record(z.string(), z.number()),
    segmentFactors: z.record(z.string(), z.number()),
  }),
  peers: z.strictObject({ accountsAtLeast: count }),
  multiProduct: z.strictObject({
    goal: z.number(),
    adjacent: z.number(),
    peers: z.number(),
    request: z.number(),
    opportunity: points,
    proficientDepth: points,
    adoptedWeeks: count,
    ofWeeks: count,
  }),
  risk: z.strictObject({
    maximumWeight: z.number(),
    meanWeight: z.number(),
    critical: points,
    high: points,
    medium: points,
    low: points,
    renewalSoonDays: days,
    overdueDays: days,
    cutShare: share,
  }),
  disclosure: z.strictObject({
    beginnerSessions: count,
    intermediateFeatures: count,
    advancedSessions: count,
    advancedMastered: count,
    masteredUses: count,
    masteredDays: count,
    masteredErrorShare: share,
  }),
  plan: z.strictObject({
    recoveryDays: days, // from today to the reassessment
    rampDays: days, // more of them while users are missing
    rightSizeUnused: share, // unused share of the seats from which fewer are worth a thought
    rightSizePeakDays: days, // the peak is looked for in this window
    oversoldShare: share, // never more than this share of the sold seats used
    oversoldDays: days, // a contract younger than this is not judged
    reviseDays: days, // reassessment when only data or a signal is missing
    leadBusinessDays: count, // from today to the first day on which anything is proposed
    planningDays: days, // a planning cycle or budget date this near sets the date
    noteDays: days, // how long a note about reorganisation or a contentious renewal counts
    adoptionDays: days,
    adoptionShare: share,
    standingFallDays: days, // how long a fall that nobody repaired stays a signal
    recoveredShare: share, // of the base before the fall
    confidence: z.strictObject({ high: share, medium: share, low: share }), // weights for ranking
  }),
});

export type Measures = z.infer<typeof measuresSchema>;
