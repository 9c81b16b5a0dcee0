/** Whom at the customer to call. */
import type { People, Person } from '../scores/people.ts';

/** The champion, else the primary contact, else the sponsor: the first who is present and not on leave. */
export function callPartner(people: People): Person | undefined {
  for (const role of ['champion', 'primary_contact', 'executive_sponsor'] as const) {
    const holder = people.persons.find((each) => !each.departed && !each.onLeave && each.roles.includes(role));
    if (holder !== undefined) return holder;
  }
  return undefined;
}

/** Their name, or `the account` where no champion, primary contact or sponsor is present. */
export function callPartnerName(people: People): string {
  const partner = callPartner(people);
  return partner === undefined ? 'the account' : (partner.name ?? partner.contactId);
}
