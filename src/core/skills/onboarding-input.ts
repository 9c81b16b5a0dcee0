/** Reads from an account's records what `onboardingHealth` needs. */
import { type AccountView, type Known, kindGap, known, unknown, type Workspace } from '../facts/view.ts';
import { upperBound } from '../history/history.ts';
import type { Activation } from '../scores/activation.ts';
import { replyShare } from '../scores/replies.ts';
import { meetings } from '../scores/support.ts';
import type { Day } from '../time/calendar.ts';
import type { DatedStep, OnboardingInput } from './onboarding-health.ts';

/**
 * Choices where the spec is silent: the dated steps are the catalogue's milestones and setup steps that have `dueDays`;
 * the invited users are the contacts still there, and those activated are the ones of them who sent any event; meetings
 * and messages count from the start on.
 */
export function onboardingInput(
  view: AccountView,
  workspace: Workspace,
  start: Day,
  activation: Activation,
): OnboardingInput {
  const { held, missed, gap } = meetings(view, workspace, view.today - start);
  const replies = replyShare(view, workspace, start, workspace.measures.onboarding.replyDays);
  return {
    start,
    today: view.today,
    segment: view.account.segment,
    steps: view.usageGap === undefined ? known(datedSteps(workspace, activation)) : unknown(view.usageGap),
    attendance: held + missed > 0 ? known((100 * held) / (held + missed)) : unknown(gap ?? 'no meeting recorded'),
    replies: replies.value === undefined ? replies : known(100 * replies.value),
    technical: technicalSteps(view, activation),
    users: invitedUsers(view, workspace),
  };
}

function datedSteps({ catalogue }: Workspace, activation: Activation): DatedStep[] {
  const doneOn = new Map<string, Day | undefined>();
  for (const { id, day } of activation.setup.steps) doneOn.set(`setup ${id}`, day);
  for (const { id, day } of activation.milestones) doneOn.set(`milestone ${id}`, day);
  const dated = (kind: string, each: { id: string; dueDays?: number }): DatedStep[] =>
    each.dueDays === undefined
      ? []
      : [{ id: each.id, dueDays: each.dueDays, doneOn: doneOn.get(`${kind} ${each.id}`) }];
  return [
    ...catalogue.setup.flatMap((step) => dated('setup', step)),
    ...catalogue.milestones.flatMap((milestone) => dated('milestone', milestone)),
  ];
}

function technicalSteps(view: AccountView, { setup }: Activation): OnboardingInput['technical'] {
  if (view.usageGap !== undefined) return unknown(view.usageGap);
  const required = setup.steps.filter((step) => step.required);
  if (required.length === 0) return unknown('the catalogue has no required setup step');
  return known({ done: required.filter((step) => step.done === true).length, applicable: required.length });
}

function invitedUsers(view: AccountView, workspace: Workspace): Known<{ activated: number; invited: number }> {
  const gap = kindGap('contacts', view, workspace) ?? view.usageGap;
  if (gap !== undefined) return unknown(gap);
  if (!view.history.hasUserIds && view.history.firstEventDay !== undefined) return unknown('events carry no userId');
  const invited = view.contacts.filter(
    (contact) => (contact.leftAt ?? view.today + 1) > view.today && contact.properties?.internal !== true,
  );
  if (invited.length === 0) return unknown('no contact recorded');
  const seen = new Set<string>();
  for (const user of view.history.users) if (upperBound(user.seenDays, view.lastDay) > 0) seen.add(user.userId);
  return known({ activated: invited.filter((contact) => seen.has(contact.contactId)).length, invited: invited.length });
}
