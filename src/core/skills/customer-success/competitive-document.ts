/** The sections of the competitive signal alert: Evidence, Timeline, Response (skills.md B). */
import { countText, sentence } from '../../document/figures.ts';
import { inert, labelled, quoted, table } from '../../document/markdown.ts';
import type { SkillSection } from '../skill.ts';
import { ROLE_TITLES } from '../skill-result.ts';
import type { CompetitiveAlert } from './competitive-signal-alert.ts';

export interface CompetitiveWords {
  contactDays: number;
  renewalDate: string | undefined;
}

export function competitiveSections(alert: CompetitiveAlert, facts: CompetitiveWords): SkillSection[] {
  return [
    { title: 'Evidence', body: evidenceOf(alert) },
    ...(alert.signals.length === 0 ? [] : [{ title: 'Timeline', body: timeline(alert, facts) }]),
    { title: 'Response', body: response(alert) },
  ];
}

function evidenceOf({ signals, guesses }: CompetitiveAlert): string {
  const blocks: string[] = [];
  if (signals.length === 0) blocks.push('The customer named no competitor.');
  else {
    blocks.push(
      table(
        ['Date', 'Competitor', 'Level', 'Who', 'Words', 'Source'],
        signals.map(({ date, competitor, level, contactName, contactId, quote, sourceId }) => [
          date,
          inert(competitor),
          sentence(level),
          inert(contactName ?? contactId ?? 'not named'),
          quoted(quote),
          inert(sourceId),
        ]),
      ),
    );
  }
  if (guesses.length > 0) {
    const list = guesses.map(
      ({ competitor, sourceId, date }) => `${inert(competitor)} in ${inert(sourceId)} on ${date}`,
    );
    blocks.push(labelled('Our own guess, no signal', list.join('; ')));
  }
  return blocks.join('\n\n');
}

function timeline(
  { signals, contactsHeard }: CompetitiveAlert,
  { contactDays, renewalDate }: CompetitiveWords,
): string {
  const first = signals[0]!.date;
  const last = signals.at(-1)!.date;
  const span = first === last ? `on ${first}` : `first on ${first}, last on ${last}`;
  const lines = [
    labelled('Named', `${countText(signals.length, 'time')}, ${span}`),
    labelled(
      'Contacts',
      contactsHeard === 0
        ? `nobody on record is named as having said it in the last ${contactDays} days`
        : `${countText(contactsHeard, 'contact')} named a competitor in the last ${contactDays} days`,
    ),
  ];
  if (renewalDate !== undefined) lines.push(labelled('Renewal', renewalDate));
  return lines.join('\n');
}

function response({ severity, routedTo, eligibleFrom }: CompetitiveAlert): string {
  if (severity === 'none') return 'None: nothing to answer.';
  const lines = [
    labelled('Severity', severity),
    labelled('Alerted', routedTo.map((role) => ROLE_TITLES[role]).join(', ')),
    labelled('To the customer', 'nothing is sent by itself; whoever calls may find it means nothing and dismiss this'),
  ];
  if (eligibleFrom !== null)
    lines.push(labelled('Alerted before', `again from ${eligibleFrom} on, or if it gets worse`));
  return lines.join('\n');
}
