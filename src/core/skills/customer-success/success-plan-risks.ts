/**
 * What may delay a success plan. The plan may go to the customer, so these are facts both sides can see: no scores, no
 * judgement of people, no word of competitors or of payments.
 */
import { publish } from '../../scores/number.ts';
import { type Day, formatDay } from '../../time/calendar.ts';
import type { SkillContext } from '../skill.ts';
import type { PlanItem } from './success-plan-gaps.ts';
import type { PlanParameters, PlanRisk } from './success-plan-generator.ts';

export function planRisks(
  { measured }: SkillContext<PlanParameters>,
  objectives: readonly PlanItem[],
  end: Day,
): PlanRisk[] {
  const { view, people, escalation, contract, trend, adoption } = measured;
  const risks: PlanRisk[] = [];
  const add = (id: string, text: string, evidence: string[] = []) => {
    risks.push({ id, text, evidence });
  };
  const late = objectives.filter(({ due }) => due !== undefined && due < view.today);
  if (late.length > 0) {
    const names = late.map(({ title, dueDate }) => `"${title}" (${dueDate})`).join(', ');
    add(
      'overdue',
      `Past their date already: ${names}`,
      late.flatMap((each) => each.evidence),
    );
  }
  const beyond = objectives.filter(({ due }) => due !== undefined && due > end);
  if (beyond.length > 0) {
    const names = beyond.map(({ title, dueDate }) => `"${title}" (${dueDate})`).join(', ');
    add('beyond_end', `Due after the plan ends on ${formatDay(end)}: ${names}`);
  }
  const unmeasured = objectives.filter((each) => each.source === 'recorded' && each.progressPct === null);
  if (unmeasured.length > 0) {
    const names = unmeasured.map(({ title }) => `"${title}"`).join(', ');
    add(
      'unmeasured',
      `Without baseline, target and present figure: ${names}`,
      unmeasured.flatMap((each) => each.evidence),
    );
  }
  const present = people.persons.filter((each) => !each.departed);
  if (people.reason === undefined && !present.some((each) => each.roles.includes('executive_sponsor'))) {
    add('no_sponsor', 'No executive sponsor is named');
  }
  const admin = view.contacts.some(
    (each) => each.roles?.includes('admin') && (each.leftAt === undefined || each.leftAt > view.today),
  );
  if (people.reason === undefined && !admin) add('no_admin', 'No admin is named to carry out the plan');
  const open = [...escalation.openTickets, ...escalation.openIncidents];
  if (open.length > 0) add('open_issue', `Open and urgent: ${open.join(', ')}`, open);
  if (trend.kind.value === 'declining') {
    add(
      'less_use',
      `Use fell by ${publish(Math.abs(trend.percent.value ?? 0))} % against the ${trend.windowDays} days before`,
    );
  } else if (trend.kind.value === 'dormant') add('less_use', `No use in ${trend.windowDays} days`);
  if (contract.renewalDate !== undefined && contract.renewalDate >= view.today && contract.renewalDate < end) {
    add('renewal', `The contract renews on ${formatDay(contract.renewalDate)}, before the plan ends`);
  }
  const unused = adoption.relevant.filter((use) => !use.used).length;
  if (unused > 0)
    add(
      'unused',
      `${unused} of ${adoption.relevant.length} relevant features ${unused === 1 ? 'is' : 'are'} not in use`,
    );
  return risks;
}
