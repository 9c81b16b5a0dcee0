/** The sections of a success plan, in words the customer may read. */
import { countText, sentence } from '../../document/figures.ts';
import { inert, table } from '../../document/markdown.ts';
import type { SkillSection } from '../skill.ts';
import { ROLE_TITLES } from '../skill-result.ts';
import type { Objective, PlanType, RaciEntry, SuccessPlan } from './success-plan-generator.ts';

const PLAN_NAMES: Record<PlanType, string> = {
  recovery: 'get back on track',
  renewal: 'prepare the renewal',
  onboarding: 'get started',
  expansion: 'build on what works',
};

export function successPlanSections(plan: SuccessPlan): SkillSection[] {
  return [
    { title: 'Summary', body: summary(plan) },
    { title: 'Objectives', body: objectives(plan) },
    { title: 'Phases', body: phases(plan) },
    { title: 'RACI', body: raci(plan) },
    { title: 'Risks', body: risks(plan) },
    { title: 'Cadence', body: cadence(plan) },
  ];
}

function summary({ planType, startDate, endDate, days, bufferDays, objectives: all, signedPlanUntil }: SuccessPlan) {
  const signed =
    signedPlanUntil === null
      ? ''
      : ` The plan signed earlier runs until ${signedPlanUntil}; this one replaces it once signed.`;
  const own = all.filter((each) => each.source === 'recorded').length;
  return `${sentence(PLAN_NAMES[planType])}, from ${startDate} to ${endDate}: ${countText(all.length, 'objective')} (${own} of them from recorded goals) in ${days} days, the last ${bufferDays} as buffer. This is a draft until both sides have signed it.${signed}`;
}

function objectives({ objectives: all }: SuccessPlan): string {
  return table(
    ['Objective', 'Source', 'Due', 'From', 'Now', 'Target', 'Phase'],
    all.map((each) => [
      inert(each.title),
      each.source,
      each.dueDate ?? 'not dated',
      figure(each.baseline, each),
      figure(each.current, each),
      figure(each.target, each),
      String(each.phase),
    ]),
    [3, 4, 5, 6],
  );
}

function figure(value: number | null, { unit, source }: Objective): string {
  if (value === null) return source === 'recorded' ? 'not known' : '-';
  return `${value}${unit === null ? '' : ` ${inert(unit)}`}`;
}

function phases({ phases: all, objectives: named, endDate, bufferDays }: SuccessPlan): string {
  const titleOf = (id: string) => inert(named.find((each) => each.id === id)?.title ?? id);
  const rows = all.map(({ phase, from, to, objectiveIds }) => [
    String(phase),
    from,
    to,
    objectiveIds.length === 0 ? '-' : objectiveIds.map(titleOf).join('; '),
  ]);
  return `${table(['Phase', 'From', 'To', 'Objectives'], rows, [0])}\n\nBuffer: ${bufferDays} days, to ${endDate}.`;
}

function raci({ raci: all }: SuccessPlan): string {
  const name = (entry: RaciEntry) => (entry.name === null ? 'nobody named yet' : inert(entry.name));
  return table(
    ['Part', 'Role', 'Name'],
    [
      ['Accountable', ROLE_TITLES.csm, name(all.accountable)],
      ['Responsible', 'Admin', name(all.responsible)],
      ['Informed', 'Executive sponsor', name(all.informed)],
      ['Consulted', ROLE_TITLES.support, name(all.consulted)],
    ],
  );
}

function risks({ risks: all }: SuccessPlan): string {
  return all.length === 0
    ? 'Nothing on record delays the plan.'
    : all.map(({ text }) => `- ${inert(text)}.`).join('\n');
}

function cadence({ phases: all, endDate }: SuccessPlan): string {
  return `Review at the end of each phase, on ${all.map((each) => each.to).join(', ')}; closing review on ${endDate}.`;
}
