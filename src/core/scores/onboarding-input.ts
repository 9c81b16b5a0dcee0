/** Reads from an account's records what `onboardingHealth` needs. */
import type { Horizon } from '../facts/standing.ts';
import { type AccountView, type Known, kindGap, known, unknown, type Workspace } from '../facts/view.ts';
import { userIndex } from '../history/windows.ts';
import type { Day } from '../time/calendar.ts';
import type { Activation } from './activation.ts';
import type { DatedStep, OnboardingInput } from './onboarding-health.ts';
import { repliesHorizon, replyShare } from './replies.ts';
import { meetings, meetingsHorizon } from './support.ts';

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

/** What may change `onboardingInput` of the same activation though no record does; steps fall due by themselves. */
export function onboardingHorizon(view: AccountView, workspace: Workspace, start: Day, horizon: Horizon): void {
  const { replyDays, enterpriseFactor } = workspace.measures.onboarding;
  meetingsHorizon(view, workspace, Number.POSITIVE_INFINITY, horizon); // the days since the start hold ever more
  repliesHorizon(view, workspace, replyDays, horizon);
  const { setup, milestones } = workspace.catalogue;
  for (const planned of [setup, milestones]) {
    for (const { dueDays } of planned) {
      if (dueDays === undefined) continue;
      horizon.after(start, dueDays);
      horizon.after(start, dueDays * enterpriseFactor);
    }
  }
  const users = userIndex(view.history);
  for (const { contactId, leftAt } of view.contacts) {
    horizon.at(leftAt);
    horizon.after(users.get(contactId)?.seenDays[0]);
  }
}

function datedSteps({ catalogue }: Workspace, activation: Activation): DatedStep[] {
  const steps: DatedStep[] = [];
  addDated(catalogue.setup, activation.setup.steps, steps);
  addDated(catalogue.milestones, activation.milestones, steps);
  return steps;
}

function addDated(
  planned: readonly { id: string; dueDays?: number }[],
  done: readonly { id: string; day: Day | undefined }[],
  steps: DatedStep[],
): void {
  for (const { id, dueDays } of planned) {
    if (dueDays === undefined) continue;
    let doneOn: Day | undefined;
    for (const each of done) if (each.id === id) doneOn = each.day;
    steps.push({ id, dueDays, doneOn });
  }
}

function technicalSteps(view: AccountView, { setup }: Activation): OnboardingInput['technical'] {
  if (view.usageGap !== undefined) return unknown(view.usageGap);
  let applicable = 0;
  let done = 0;
  for (const step of setup.steps) {
    if (!step.required) continue;
    applicable++;
    if (step.done === true) done++;
  }
  return applicable === 0 ? unknown('the catalogue has no required setup step') : known({ done, applicable });
}

function invitedUsers(view: AccountView, workspace: Workspace): Known<{ activated: number; invited: number }> {
  const gap = kindGap('contacts', view, workspace) ?? view.usageGap;
  if (gap !== undefined) return unknown(gap);
  if (!view.history.hasUserIds && view.history.firstEventDay !== undefined) return unknown('events carry no userId');
  const users = userIndex(view.history);
  let invited = 0;
  let activated = 0;
  for (const contact of view.contacts) {
    if ((contact.leftAt ?? view.today + 1) <= view.today || contact.properties?.internal === true) continue;
    invited++;
    const first = users.get(contact.contactId)?.seenDays[0];
    if (first !== undefined && first <= view.lastDay) activated++;
  }
  return invited === 0 ? unknown('no contact recorded') : known({ activated, invited });
}
