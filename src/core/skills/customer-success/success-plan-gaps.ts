/** What a success plan aims at where the customer has named too few goals: gaps that the records show. */
import { countText, words } from '../../document/figures.ts';
import { countIn } from '../../history/history.ts';
import { openGoalTags } from '../../scores/adoption.ts';
import { type Day, formatDay } from '../../time/calendar.ts';
import { someOf } from '../health-evidence.ts';
import type { SkillContext } from '../skill.ts';
import type { Objective, PlanParameters } from './success-plan-generator.ts';

/** An objective before it is put into a phase. */
export type PlanItem = Omit<Objective, 'phase'> & { due: Day | undefined };

/** In the order of the spec: idle seats, an unused feature of a goal, no sponsor, an open milestone. */
export function computedGaps(context: SkillContext<PlanParameters>): PlanItem[] {
  return [seatGap(context), featureGap(context), sponsorGap(context), milestoneGap(context)].filter(
    (gap) => gap !== undefined,
  );
}

function gap(id: string, title: string, extra: Partial<PlanItem> = {}): PlanItem {
  return {
    id,
    title,
    source: 'computed',
    due: undefined,
    dueDate: null,
    metric: null,
    baseline: null,
    current: null,
    target: null,
    unit: null,
    progressPct: null,
    evidence: [],
    ...extra,
  };
}

function seatGap({ measured, parameters: p }: SkillContext<PlanParameters>): PlanItem | undefined {
  const { seats, contract } = measured;
  const { licensed } = seats;
  const active = seats.active.value;
  if (typeof licensed !== 'number' || active === undefined || seats.utilisation.value === undefined) return undefined;
  if (seats.utilisation.value >= p.lowSeatShare) return undefined;
  const target = Math.ceil(Number((p.lowSeatShare * licensed).toFixed(9))); // .6 x 45 is 27, not a hair above
  return gap('gap:seats', `Bring ${target} of the ${licensed} seats into monthly use (today: ${active})`, {
    metric: 'active users in 30 days',
    baseline: active,
    current: active,
    target,
    unit: 'users',
    evidence: contract.inForce.map((each) => each.subscriptionId),
  });
}

function featureGap({ measured }: SkillContext<PlanParameters>): PlanItem | undefined {
  const tags = openGoalTags(measured.view);
  const unused = measured.adoption.relevant.filter(
    ({ used, feature }) => !used && feature.tags.some((tag) => tags.has(tag)),
  );
  if (unused.length === 0) return undefined;
  const names = someOf(unused.map(({ feature }) => words(feature.id)));
  return gap('gap:features', `Put to use what the goals need and nobody uses yet: ${names}`, {
    metric: 'features of the goals in use',
    baseline: 0,
    current: 0,
    target: unused.length,
    unit: 'features',
  });
}

function sponsorGap({ measured }: SkillContext<PlanParameters>): PlanItem | undefined {
  const { people } = measured;
  if (people.reason !== undefined) return undefined; // unknown is not missing
  const present = people.persons.some((each) => !each.departed && each.roles.includes('executive_sponsor'));
  return present ? undefined : gap('gap:sponsor', 'Name an executive sponsor for the plan');
}

/** The first catalogue milestone that is known to be open, with the date the catalogue gives it. */
function milestoneGap({ measured, workspace }: SkillContext<PlanParameters>): PlanItem | undefined {
  const open = measured.activation.milestones.find((each) => each.reached === false);
  if (open === undefined) return undefined;
  const milestone = workspace.catalogue.milestones.find((each) => each.id === open.id);
  const due = milestone?.dueDays === undefined ? undefined : measured.createdOn + milestone.dueDays;
  const how = milestone === undefined ? '' : `: ${words(milestone.event)} ${countText(milestone.count, 'time')}`;
  return gap(`gap:milestone:${open.id}`, `Reach the milestone "${words(open.id)}"${how}`, {
    due,
    dueDate: due === undefined ? null : formatDay(due),
    ...(milestone !== undefined && {
      metric: words(milestone.event),
      baseline: 0,
      current: timesSeen(milestone.event, measured),
      target: milestone.count,
    }),
  });
}

function timesSeen(event: string, { view }: SkillContext['measured']): number {
  const days = view.history.events.get(event);
  return days === undefined ? 0 : countIn(days, Number.NEGATIVE_INFINITY, view.lastDay);
}
