/** What the engine found, in words for people: no ids of records, rules or signals, whole percentages, one reason once. */
import { escalatedText } from '../document/plain-words.ts';
import type { ChurnSignal } from '../scores/signals.ts';
import { type Day, formatDay } from '../time/calendar.ts';
import { listed, type PlanSubject, personName, plural, tidy, words } from './subject.ts';
import { leaveTie } from './warnings.ts';

/** A churn signal's finding; a fall is told with the leave that it came with. */
export function signalText(subject: PlanSubject, { id, detail }: ChurnSignal): string {
  if (id === 'support_escalation') return escalationText(subject);
  return `${tidy(detail)}${id === 'usage_cliff' ? leaveTie(subject) : ''}`;
}

const CLOSED_NAMES: Record<string, string> = {
  usage_cliff: 'the fall in use',
  silent: 'the silence',
  usage_declining: 'the decline in use',
  core_feature_unused: 'the disuse of core features',
  ticket_silence: 'the silence in support',
  failed_payment: 'the failed payment',
  detractor: 'the detractor answer',
  decision_maker_detractor: "the decision maker's detractor answer",
  champion_on_leave: "the champion's leave",
  sponsor_on_leave: "the sponsor's leave",
  champion_departed: "the champion's departure",
  sponsor_departed: "the sponsor's departure",
  no_champion_or_sponsor: 'the loss of champion and sponsor',
  support_escalation: 'the support escalation',
  competitor_mention: 'the mention of a competitor',
  competitor_evaluation: 'the evaluation of a competitor',
  downgrade_request: 'the downgrade request',
  cancellation_request: 'the cancellation request',
};

/** `the fall in use` */
export function signalName(id: string): string {
  return CLOSED_NAMES[id] ?? `the ${words(id)}`;
}

/** Open escalations by what they are about. */
export function escalationText({ m, clock }: PlanSubject): string {
  return escalatedText(m.view.tickets, m.escalation.openTickets, clock);
}

/** What holds the conversation, of those the engine names. */
export function holdTexts(subject: PlanSubject, engineDetail: string): string[] {
  const { m } = subject;
  return engineDetail.split('; ').map((hold) => {
    if (hold.startsWith('escalation ') && hold.endsWith(' open')) return escalationText(subject);
    if (!hold.endsWith(' open')) return hold;
    const open = m.view.incidents.filter((incident) => m.escalation.openIncidents.includes(incident.incidentId));
    if (open.length === 0) return hold;
    const since = open.map((incident) => formatDay(subject.clock.dayOf(incident.startedAt)));
    return `${plural(open.length, 'incident')} open, since ${listed(since)}`;
  });
}

/** The at-risk exit of a rule: `activation.slow_value` is `activation: slow value`. */
export function atRiskText(rule: string): string {
  return `the last decision asks for an at-risk intervention first (${words(rule.replace('.', ': '))})`;
}

/** The champion and how near: `champion Dana Ortiz active`, `no champion in touch`. */
export function championText({ m }: PlanSubject): string {
  const { champion } = m.people.roles;
  const contact = m.view.contacts.find((each) => each.contactId === champion.contactId);
  const who = personName(contact);
  const away = m.people.onLeave.some((each) => each.contactId === champion.contactId);
  if (away && who !== undefined && contact?.onLeaveFrom !== undefined)
    return `champion ${who} on leave since ${formatDay(contact.onLeaveFrom)}`;
  if (champion.state === undefined) return 'champion unknown';
  if (champion.state === 'none') return who === undefined ? 'no champion in touch' : `champion ${who} not in touch`;
  return who === undefined ? `champion ${champion.state}` : `champion ${who} ${champion.state}`;
}

/** Last day up to D on which the reading of the seats was below the share; undefined: none, or not known. */
export function lastLowDay({ m, spans }: PlanSubject, share: number): Day | undefined {
  const { history, lastDay, dataFrom } = m.view;
  for (let i = spans.length - 1; i >= 0; i--) {
    const { from, to, contract } = spans[i]!;
    if (typeof contract.seats !== 'number' || contract.seats === 0) continue;
    for (let day = Math.min(lastDay, to); day >= Math.max(from, dataFrom, history.start); day--) {
      if (history.activeUsers30[day - history.start]! / contract.seats < share) return day;
    }
  }
  return undefined;
}

/** Which data would settle an unknown, from the reason the engine gave for it. */
export function settling({ m }: PlanSubject, reason: string): string {
  const kind = /no (\w+) imported/.exec(reason)?.[1];
  if (kind !== undefined) return `importing ${kind}`;
  const days = /(\d+) of (\d+) days of data/.exec(reason) ?? /(\d+) of (\d+) daily readings/.exec(reason);
  if (days !== null) {
    const missing = Number(days[2]) - Number(days[1]);
    return `${plural(missing, 'more day')} of use, complete at the end of ${formatDay(m.view.lastDay + missing)}`;
  }
  if (reason.includes('silent')) return 'the events since the feed stopped';
  if (reason.includes('names no seats') || reason.includes('licensed seats')) {
    return m.contract.seatsReason?.includes('no subscription') === true
      ? 'a subscription with its seats'
      : `the number of seats sold${m.contract.inForce[0] === undefined ? '' : `, in the ${words(m.contract.inForce[0].plan)} subscription`}`;
  }
  if (reason.includes('no goal recorded')) return 'one goal with baseline, target, current value and date';
  if (reason.includes('progress not known') || reason.includes('no target date'))
    return 'current value and target date of the open goals';
  if (reason.includes('survey')) return 'one NPS or CSAT answer';
  if (reason.includes('contact')) return 'the date of the last two-way contact';
  if (reason.includes('userId')) return 'events that carry a user id';
  if (reason.includes('provisioned')) return 'contacts or events with user ids';
  return `data about it (${reason})`;
}
