/** What the engine found, in words for people: whole percentages, causes once, tickets by what they are about. */
import type { TicketRecord } from '../records/record.ts';
import { publish } from '../scores/number.ts';
import { formatDay, type ZoneClock } from '../time/calendar.ts';

/** `-28.89 %` is `-29 %`, `8.67 a month` is `8.7 a month`: measures are more exact than anybody reads. */
export function roundedFigures(text: string): string {
  return text
    .replaceAll(/(-?\d+\.\d+) %/g, (_, share: string) => `${publish(Number(share))} %`)
    .replaceAll(/(\d+\.\d+) a month/g, (_, count: string) => `${Math.round(10 * Number(count)) / 10} a month`);
}

/** `adoption unknown: fewer than 3 of 4 parts known (depth: ...; frequency: ...)`: each cause once, without the catalogue's. */
export function plainReason(reason: string): string {
  const parts = /^(.*?) \((.*)\)$/.exec(reason);
  if (parts === null) return reason;
  const causes = parts[2]!
    .split('; ')
    .map((each) => each.replace(/^[\w ]+: /, ''))
    .filter((each) => !each.includes('in the catalogue'));
  return causes.length === 0 ? parts[1]! : `${parts[1]}: ${[...new Set(causes)].join('; ')}`;
}

const MOST_TICKETS_NAMED = 2;
const LONGEST_SUBJECT = 80;

/** `2 escalated tickets open: "Export fails" since 2026-06-20, ...`; without a clock, without the days. */
export function escalatedText(tickets: readonly TicketRecord[], openIds: readonly string[], clock?: ZoneClock): string {
  const open = tickets.filter((ticket) => openIds.includes(ticket.ticketId));
  const named = open.slice(0, MOST_TICKETS_NAMED).flatMap((ticket) => {
    const subject = ticket.subject?.toWellFormed().replaceAll(/\s+/gu, ' ').replaceAll('"', "'").trim();
    const said = [
      ...(subject === undefined ? [] : [`"${subject.slice(0, LONGEST_SUBJECT)}"`]),
      ...(clock === undefined ? [] : [`since ${formatDay(clock.dayOf(ticket.escalatedAt ?? ticket.openedAt))}`]),
    ];
    return said.length === 0 ? [] : [said.join(' ')];
  });
  const more = open.length > named.length ? ` and ${open.length - named.length} more` : '';
  return `${open.length} escalated ticket${open.length === 1 ? '' : 's'} open${named.length === 0 ? '' : `: ${named.join(', ')}${more}`}`;
}
