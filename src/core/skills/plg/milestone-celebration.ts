/**
 * plg/milestone_celebration (skills.md B): recognises a milestone that the records prove.
 *
 * Choices where the spec is silent. A milestone's category is the product of the feature its event belongs to. The log is
 * the account's earlier celebrations; a milestone older than the policy's days is no news. A session is a day. The
 * account's property `celebrations` is `minimal` or `off`. What an incident or escalation suppresses stays among the
 * actions with its hold, so that it is seen to wait; what was dismissed or is over the limit is not repeated.
 */
import { z } from 'zod';
import { countText, sentence, words } from '../../document/figures.ts';
import { inert, labelled } from '../../document/markdown.ts';
import { known, unknown } from '../../facts/view.ts';
import { countIn } from '../../history/history.ts';
import { publish } from '../../scores/number.ts';
import { addBusinessDays, formatDay, formatInstant } from '../../time/calendar.ts';
import { refusedOutput } from '../run-skill.ts';
import { defineSkill, type SkillContext, type SkillOutput, type SkillSection } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';
import {
  type Celebrated,
  type Celebration,
  type CelebrationType,
  celebrate,
  type MilestoneState,
  SIGNIFICANCES,
  type Significance,
  type Suppression,
} from './celebration.ts';

export interface MilestoneCelebration {
  /** Null: no milestone is new. */
  milestoneId: string | null;
  significance: Significance | null;
  celebrationType: CelebrationType | null;
  /** It may be shown now. */
  delivered: boolean;
  suppressedBy: Suppression[];
  next: { id: string; progressPct: number } | null;
  reachedOn: string | null;
  /** Instant from which a queued one may be shown. */
  queuedUntil: string | null;
}

const parameters = z.strictObject({
  newDays: z.number().int().min(1).max(365).default(30).describe('days after which a milestone is no news any more'),
  queueMinutes: z.number().int().min(0).max(1440).default(60).describe('minutes between two celebrations'),
  perSession: z.number().int().min(1).max(10).default(2).describe('celebrations shown in one session'),
  quoteFrom: z
    .number()
    .min(0)
    .max(100)
    .default(70)
    .describe('NPS part from which an exceptional milestone asks for a quote'),
});
type Parameters = z.infer<typeof parameters>;

const NAME = 'plg/milestone_celebration';
const EMPTY = { dataGaps: [], result: null, actions: [], sections: [] };

export const milestoneCelebration = defineSkill<Parameters, MilestoneCelebration>({
  name: NAME,
  domain: 'plg',
  purpose: 'Recognises a milestone that the records prove',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: true,
  inputs: { required: ['catalogue milestones', 'events'], optional: ['incidents', 'tickets', 'surveys'] },
  sections: ['Achievement', 'Evidence', 'Next'],
  parameters,
  outcome: {
    measure: 'adoption_score',
    unit: 'points 0-100',
    better: 'higher',
    // two of the windows the score's weekly parts stand on
    horizonDays: 14,
    noise: 5, // a health score moves when it moves by more (A7)
    read: ({ adoption: { score } }) => (score.value === undefined ? unknown(score.reason) : known(score.value)),
  },
  run: runCelebration,
});

function runCelebration(context: SkillContext<Parameters>): SkillOutput<MilestoneCelebration | null> {
  const { measured, workspace, parameters: p } = context;
  const { view, conversation } = measured;
  const { celebrations } = view.account.properties ?? {};
  if (celebrations === 'off') return refusedOutput('hidden_by_preference', 'The account does not want celebrations.');
  const milestones = milestoneStates(context);
  if (milestones.length === 0) {
    const gap = { fact: 'milestone definitions', reason: 'catalog.yaml has no milestones' };
    return { ...EMPTY, status: 'insufficient_data', reasons: [], dataGaps: [gap] };
  }
  if (!milestones.some((each) => each.reachedOn !== undefined)) {
    if (view.usageGap === undefined)
      return refusedOutput('unverified', 'No event proves that a milestone was reached.');
    const gap = { fact: 'evidence events', reason: view.usageGap };
    return { ...EMPTY, status: 'insufficient_data', reasons: [], dataGaps: [gap] };
  }
  const log = logOf(context);
  const celebration = celebrate(
    {
      milestones,
      log,
      preference: celebrations === 'minimal' ? 'minimal' : 'full',
      now: view.instant,
      today: view.today,
      shownToday: log.filter(({ doneAt }) => doneAt !== undefined && workspace.clock.dayOf(doneAt) === view.today)
        .length,
      openIncidents: conversation.openIncidents.length,
      openEscalations: conversation.openEscalations.length,
      quiet: conversation.quietUntil !== undefined && view.today < conversation.quietUntil,
    },
    p,
  );
  const dataGaps = gapsOf(measured);
  return {
    status: dataGaps.length === 0 ? 'ok' : 'partial',
    reasons: celebration === undefined ? ['no_new_milestone'] : [...celebration.suppressedBy],
    dataGaps,
    result: resultOf(celebration),
    actions: celebration === undefined ? [] : actionsOf(celebration, context),
    sections: sectionsOf(celebration, context),
  };
}

/** What could suppress it and is not known. */
function gapsOf({ incidentGap, ticketGap }: SkillContext['measured']): { fact: string; reason: string }[] {
  const gaps: { fact: string; reason: string }[] = [];
  if (incidentGap !== undefined) gaps.push({ fact: 'open incidents', reason: incidentGap });
  if (ticketGap !== undefined) gaps.push({ fact: 'open escalations', reason: ticketGap });
  return gaps;
}

/** With the default catalogue `first_value` alone, which counts days and not one event (contract.md section 1). */
function milestoneStates({ measured, workspace: { catalogue } }: SkillContext<Parameters>): MilestoneState[] {
  const { view, activation } = measured;
  return activation.milestones.map(({ id, reached, day }) => {
    const definition = catalogue.milestones.find((each) => each.id === id);
    const counts = definition && view.history.events.get(definition.event);
    const feature = definition && catalogue.features.find(({ events }) => events.includes(definition.event));
    return {
      id,
      significance: definition?.significance ?? 'major',
      category: feature?.product ?? '',
      reachedOn: reached === true ? day : undefined,
      current: counts === undefined ? 0 : countIn(counts, Number.NEGATIVE_INFINITY, view.lastDay),
      threshold: Math.max(1, definition?.count ?? 1),
    };
  });
}

function logOf({ past }: SkillContext<Parameters>): Celebrated[] {
  return past.flatMap(({ skill, result, doneAt, state }) => {
    const milestoneId = result?.milestoneId;
    if (skill !== NAME || typeof milestoneId !== 'string') return [];
    return [{ milestoneId, doneAt, dismissed: state === 'dismissed' }];
  });
}

function resultOf(celebration: Celebration | undefined): MilestoneCelebration {
  if (celebration === undefined) {
    return {
      milestoneId: null,
      significance: null,
      celebrationType: null,
      delivered: false,
      suppressedBy: [],
      next: null,
      reachedOn: null,
      queuedUntil: null,
    };
  }
  const { milestone, celebrationType, delivered, suppressedBy, next, queuedUntil } = celebration;
  return {
    milestoneId: milestone.id,
    significance: milestone.significance,
    celebrationType,
    delivered,
    suppressedBy,
    next: next === undefined ? null : { id: next.id, progressPct: next.progressPct },
    reachedOn: formatDay(milestone.reachedOn!),
    queuedUntil: queuedUntil === undefined ? null : formatInstant(queuedUntil),
  };
}

const TYPE_TEXT: Record<CelebrationType, string> = {
  toast: 'a toast',
  modal: 'a modal',
  full_email: 'a full view and an email',
  full_email_sharing: 'a full view, an email and something to share',
};

function actionsOf(celebration: Celebration, context: SkillContext<Parameters>): ActionDraft[] {
  const { milestone, celebrationType, suppressedBy, queuedUntil } = celebration;
  if (suppressedBy.includes('dismissed_last') || suppressedBy.includes('session_limit')) return [];
  const { measured, workspace, parameters: p } = context;
  const due = (count: number) => addBusinessDays(measured.view.today, count, workspace.catalogue.holidays);
  const name = words(milestone.id);
  const reached = formatDay(milestone.reachedOn!);
  const from = queuedUntil === undefined ? '' : `, not before ${formatInstant(queuedUntil)}`;
  const subject = 'celebration';
  const evidence = [...measured.conversation.openIncidents, ...measured.conversation.openEscalations];
  const key = milestone.id;
  const title = `Celebrate ${name}, reached on ${reached}, with ${TYPE_TEXT[celebrationType]}${from}`;
  const actions: ActionDraft[] = [
    { key: `show:${key}`, title, role: 'growth', due: due(0), channel: 'in_app', evidence, subject },
  ];
  if (celebrationType === 'full_email' || celebrationType === 'full_email_sharing') {
    const email = `Congratulate on ${name}, reached on ${reached}`;
    actions.push({ key: `email:${key}`, title: email, role: 'csm', due: due(1), channel: 'email', evidence, subject });
  }
  const survey = measured.health.dimensions.relationship.parts.survey?.value;
  const isPleased = survey !== undefined && publish(survey) >= p.quoteFrom;
  if (celebrationType === 'full_email_sharing' && isPleased && celebration.delivered) {
    const ask = `Ask for a quote on ${name}: the NPS part is ${publish(survey)}`;
    actions.push({ key: `quote:${key}`, title: ask, role: 'csm', due: due(3), channel: 'task', evidence: [], subject });
  }
  return actions;
}

const SUPPRESSION_TEXT: Record<Suppression, string> = {
  incident: 'an incident is open',
  escalation: 'an escalation is open',
  quiet: 'the account is in a quiet period',
  dismissed_last: 'the last celebration was dismissed',
  session_limit: 'the session had its celebrations',
  queued: 'another one was shown shortly before',
};

function sectionsOf(celebration: Celebration | undefined, context: SkillContext<Parameters>): SkillSection[] {
  if (celebration === undefined) {
    const days = countText(context.parameters.newDays, 'day');
    return [{ title: 'Achievement', body: `Nothing reached in the last ${days} is uncelebrated.` }];
  }
  const { milestone, celebrationType, delivered, suppressedBy, next } = celebration;
  const reached = formatDay(milestone.reachedOn!);
  const why = suppressedBy.map((each) => SUPPRESSION_TEXT[each]).join('; ');
  const rank = SIGNIFICANCES.indexOf(milestone.significance) + 1;
  return [
    {
      title: 'Achievement',
      body: [
        labelled(
          'Milestone',
          `${inert(words(milestone.id))}, of ${milestone.significance} significance (${rank} on a scale of 4)`,
        ),
        labelled('Shown as', TYPE_TEXT[celebrationType]),
        labelled('Celebrated now', delivered ? 'yes' : `no: ${why}`),
      ].join('\n'),
    },
    { title: 'Evidence', body: evidenceOf(milestone, reached, context) },
    {
      title: 'Next',
      body:
        next === undefined
          ? 'No further milestone of the same category is open.'
          : `${inert(sentence(words(next.id)))}: ${next.current} of ${next.threshold} (${next.progressPct} %).`,
    },
  ];
}

function evidenceOf(
  { id, current }: MilestoneState,
  reached: string,
  { workspace: { catalogue } }: SkillContext<Parameters>,
) {
  const definition = catalogue.milestones.find((each) => each.id === id);
  if (definition === undefined) {
    return `Reached on ${reached}: the third active day with two or more features, as the catalogue has no milestones.`;
  }
  return `Reached on ${reached}: ${inert(words(definition.event))} ${countText(current, 'time')} so far, ${definition.count} needed.`;
}
