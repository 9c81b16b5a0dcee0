/** A handoff packet as one page of Markdown, for whoever takes the account over; internal. */
import { moneyText, sentence, wholeText, words } from '../document/figures.ts';
import { documentOf, heading, inert, labelled, quoted, table } from '../document/markdown.ts';
import type { HandoffKind } from '../policy/policy.ts';
import { ownerText } from '../skills/skill-result.ts';
import type { HandoffPacket, PacketLine } from './packet.ts';

export const HANDOFF_TITLES: Record<HandoffKind, string> = {
  plg_to_cs: 'Growth to Customer Success',
  cs_to_sales: 'Customer Success to Sales',
  cs_to_finance: 'Customer Success to Finance',
};

export function packetDocument(packet: HandoffPacket): string {
  return documentOf([
    heading(1, `Handoff: ${inert(packet.name)}, ${HANDOFF_TITLES[packet.handoff]}`),
    header(packet),
    heading(2, 'Why now'),
    lines(packet.whyNow, 'No reason on record.'),
    heading(2, 'Value shown'),
    lines(packet.valueShown, 'No goal and no milestone on record.'),
    heading(2, 'People'),
    people(packet),
    heading(2, 'Open risks'),
    lines(packet.openRisks, 'None on record.'),
    heading(2, 'Usage baseline'),
    table(
      ['Measure', 'Today'],
      packet.usageBaseline.map(({ measure, value }) => [sentence(measure), inert(value)]),
    ),
    heading(2, 'Already said'),
    said(packet),
    heading(2, 'Do not say'),
    lines(packet.doNotSay, 'Nothing on record forbids a subject.'),
    heading(2, 'Checklist'),
    table(
      ['Needed', 'Met', 'Evidence'],
      packet.checklist.map(({ id, met, detail }) => [
        sentence(words(id)),
        met === undefined ? 'unknown' : met ? 'yes' : 'no',
        inert(detail),
      ]),
    ),
  ]);
}

function header({ accountId, date, stage, from, to, contract }: HandoffPacket): string {
  const { plan, seats, arrMinor, currency, renewalDate } = contract;
  const terms = [
    plan === null ? 'no plan on record' : `plan ${inert(plan)}`,
    seats === null ? 'seats unknown' : seats === 'unlimited' ? 'unlimited seats' : `${wholeText(seats)} seats`,
    arrMinor === null ? 'ARR unknown' : `${moneyText(arrMinor, currency)} a year`,
    renewalDate === null ? 'no renewal date' : `renewal on ${renewalDate}`,
  ];
  return [
    labelled('Account', `${inert(accountId)}, in ${stage}`),
    labelled('Date', date),
    labelled('From', inert(ownerText(from))),
    labelled('To', inert(ownerText(to))),
    labelled('Contract', terms.join(', ')),
  ].join('\n');
}

function lines(items: readonly PacketLine[], none: string): string {
  if (items.length === 0) return none;
  return items
    .map(({ text, evidence }) => {
      const records = evidence.length === 0 ? '' : ` (${evidence.map(inert).join(', ')})`;
      return `- ${inert(sentence(text))}${records}`;
    })
    .join('\n');
}

function people({ people: persons }: HandoffPacket): string {
  if (persons.length === 0) return 'No contact on record.';
  return table(
    ['Who', 'Roles', 'Last contact', 'Last use', 'Remark'],
    persons.map(({ contactId, name, roles, lastContact, lastUse, remark }) => [
      inert(name ?? contactId),
      roles.length === 0 ? 'none recorded' : roles.map(words).join(', '),
      lastContact ?? 'none',
      lastUse ?? 'none',
      remark === null ? '-' : remark,
    ]),
  );
}

function said({ alreadySaid }: HandoffPacket): string {
  if (alreadySaid.length === 0) return 'Nothing in the last 90 days.';
  return table(
    ['Date', 'By', 'What', 'Words'],
    alreadySaid.map(({ date, by, what, quote }) => [date, by, inert(what), quote === null ? '-' : quoted(quote)]),
  );
}
