/** Frequency and stickiness, the parts of adoption that the users' days alone tell (skills.md A4). */
import { type AccountView, type Known, known, unknown, type Workspace } from '../facts/view.ts';
import { derivedOf } from '../history/derived.ts';
import type { Day } from '../time/calendar.ts';
import { lin, ratio4 } from './number.ts';

/** DAU, averaged over the business days from `from` to D, against MAU. */
export function frequencyOf(view: AccountView, workspace: Workspace, from: Day, mau: Known<number>): Known<number> {
  if (mau.value === undefined) return mau;
  const curve = workspace.measures.adoption.frequency;
  if (mau.value === 0) return known(lin(0, curve));
  const { history } = view;
  const open = derivedOf(history).businessDays(workspace.catalogue.holidays);
  const first = Math.max(0, from - history.start);
  const end = Math.min(view.lastDay - history.start + 1, history.length);
  const days = end <= first ? 0 : open.days[end]! - open.days[first]!;
  if (days === 0) return unknown('no business day in the window');
  return known(lin(ratio4((open.users[end]! - open.users[first]!) / days / mau.value), curve));
}

/** Breadth curve on k: the mean share of last week's active users who came back, over four weeks. */
export function stickinessOf(view: AccountView, workspace: Workspace): Known<number> {
  const m = workspace.measures.adoption;
  const { history } = view;
  if (!history.hasUserIds && history.firstEventDay !== undefined) return unknown('events carry no userId');
  if (view.daysOfData < m.stickinessMinimumDays) {
    return unknown(`${view.daysOfData} of ${m.stickinessMinimumDays} days of data`);
  }
  const pairs = Math.min(m.stickinessWeeks, Math.floor(view.daysOfData / 7) - 1);
  const { active, returned } = derivedOf(history).weekUsers();
  const last = view.lastDay - history.start;
  let sum = 0;
  let weeks = 0;
  for (let i = 0; i < pairs; i++) {
    const before = active[last - 7 * (i + 1)] ?? 0;
    if (before === 0) continue;
    sum += returned[last - 7 * i]! / before;
    weeks++;
  }
  return known(lin(weeks === 0 ? 0 : ratio4(sum / weeks), m.breadth));
}
