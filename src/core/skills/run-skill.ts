/** Runs one skill for one account: its output framed as every skill's result is (skills.md A1). */
import { words } from '../document/figures.ts';
import { documentOf, heading, inert, labelled, table } from '../document/markdown.ts';
import { holdsOn } from '../guardrails/guardrails.ts';
import { formatDay } from '../time/calendar.ts';
import type { SkillDefinition } from './registry.ts';
import type { Skill, SkillContext, SkillOutput } from './skill.ts';
import {
  type ActionDraft,
  actionOf,
  CUSTOMER_CHANNELS,
  ownerOf,
  ownerText,
  type SkillAction,
  type SkillResult,
  type SkillStatus,
} from './skill-result.ts';

/**
 * The result of `skill` for the account of `context`, the same bytes for the same input. A churned account is refused:
 * nothing is done for one that has left. Confidence is at most medium where the result is partial, and low where there is
 * none.
 */
export function runSkill<P, R>(skill: Skill<P, R>, context: SkillContext<P>): SkillResult<R | null> {
  const output: SkillOutput<R | null> =
    context.status === 'churned' ? refusedOutput('account_churned') : skill.run(context);
  const { view } = context.measured;
  const actions = output.actions.map((draft) =>
    actionOf(skill.name, view.account, view.today, draft, heldBy(draft, skill, context)),
  );
  const frame = {
    skill: skill.name,
    accountId: view.accountId,
    today: formatDay(view.today),
    status: output.status,
    reasons: output.reasons,
    dataGaps: output.dataGaps,
    confidence: confidenceOf(output),
    result: output.result,
    actions,
  };
  return { ...frame, markdown: markdownOf(skill, view.account.name, frame, output, context) };
}

/** Nothing computed, and why. */
export function refusedOutput(reason: string, detail?: string): SkillOutput<null> {
  return {
    status: 'refused',
    reasons: [reason],
    dataGaps: [],
    result: null,
    actions: [],
    sections: detail === undefined ? [] : [{ title: 'Refused', body: inert(detail) }],
  };
}

function confidenceOf({ status, confidence }: SkillOutput<unknown>): SkillResult<unknown>['confidence'] {
  if (status === 'insufficient_data' || status === 'refused') return 'low';
  if (status === 'partial') return confidence === 'low' ? 'low' : 'medium';
  return confidence ?? 'high';
}

/** Guardrails that hold an action now; one that stays inside is never held (A1). */
function heldBy(draft: ActionDraft, skill: SkillDefinition, context: SkillContext<unknown>): string[] {
  if (!CUSTOMER_CHANNELS.has(draft.channel)) return [];
  const subject = draft.subject ?? 'ordinary';
  const { measured, workspace, stage } = context;
  const conversation = subject === 'expansion' || subject === 'conversion' ? subject : 'none';
  const holds = holdsOn({
    skill: {
      ...skill,
      customerFacing: true,
      conversation,
      celebration: subject === 'celebration' || subject === 'handoff',
      serviceMessage: subject === 'service',
    },
    stage: stage ?? '',
    today: measured.view.today,
    facts: measured.conversation,
    guardrails: workspace.guardrails,
    atRiskRule: context.atRiskRule,
    capDays: context.capDays,
    openMotion: undefined, // the action belongs to the motion it is part of
  });
  return holds.map((hold) => hold.guardrail);
}

const STATUS_WORDS: Record<SkillStatus, string> = {
  ok: 'complete',
  partial: 'partial',
  insufficient_data: 'not enough data',
  refused: 'refused',
};

type Frame = Omit<SkillResult<unknown>, 'markdown'>;

function markdownOf(
  skill: SkillDefinition,
  name: string,
  frame: Frame,
  output: SkillOutput<unknown>,
  context: SkillContext<unknown>,
): string {
  return documentOf([
    heading(1, `${skillTitle(skill.name)}: ${inert(name)}`),
    headerOf(frame),
    ...output.sections.flatMap(({ title, body }) => [heading(2, title), body]),
    ...(frame.actions.length === 0 ? [] : [heading(2, 'Actions'), actionTable(frame.actions, context)]),
  ]);
}

/** `Quick win generator` for `plg/quick_win_generator`. */
export function skillTitle(name: string): string {
  const title = words(name.slice(name.indexOf('/') + 1));
  return title.charAt(0).toUpperCase() + title.slice(1);
}

function headerOf({ accountId, today, status, reasons, dataGaps }: Frame): string {
  const why = reasons.length === 0 ? '' : `: ${reasons.map((reason) => inert(words(reason))).join('; ')}`;
  const lines = [
    labelled('Account', inert(accountId)),
    labelled('Date', today),
    labelled('Status', `${STATUS_WORDS[status]}${why}`),
  ];
  if (dataGaps.length > 0) {
    const gaps = dataGaps.map(({ fact, reason }) => inert(`${words(fact)} (${reason})`));
    lines.push(labelled('Unknown', gaps.join('; ')));
  }
  return lines.join('\n');
}

function actionTable(actions: readonly SkillAction[], { measured }: SkillContext<unknown>): string {
  return table(
    ['Due', 'Action', 'Owner', 'Channel', 'Held by'],
    actions
      .toSorted(byDue)
      .map(({ dueDate, title, ownerRole, channel, heldBy: holds }) => [
        dueDate,
        inert(title),
        inert(ownerText(ownerOf(ownerRole, measured.view.account))),
        channel === 'in_app' ? 'in-app' : channel,
        holds.length === 0 ? 'nothing' : holds.join(', '),
      ]),
  );
}

function byDue(a: SkillAction, b: SkillAction): number {
  return a.dueDate < b.dueDate ? -1 : Number(a.dueDate > b.dueDate);
}
