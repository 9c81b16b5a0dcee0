/** Approves, completes, dismisses or puts off one intervention, under the guardrails as they stand now. */
import type { Intervention } from '../core/decision/inputs.ts';
import { act, type LifeAction, type LifeRefusal } from '../core/interventions/life.ts';
import { beginOutcome } from '../core/interventions/outcome.ts';
import { skillsOf } from '../core/skills/find-skill.ts';
import { formatDay, parseDay } from '../core/time/calendar.ts';
import { type ActRequest, type ActScene, type ActVerdict, actOnAccount } from './act-on-account.ts';
import { interventionOf, interventionRow } from './evaluate-account.ts';
import { contactRow } from './follow-up.ts';
import type { InterventionRow, OutcomeRow } from './ports.ts';
import type { InterventionDetail } from './skill-context.ts';

export type InterventionAnswer =
  | { ok: true; before: Intervention; after: Intervention; outcomeDue: string | undefined }
  | { ok: false; refusal: LifeRefusal | { code: 'not_found' | 'changed_meanwhile'; message: string } };

export async function actOnIntervention(
  request: ActRequest,
  interventionId: string,
  action: LifeAction,
): Promise<InterventionAnswer> {
  const answer = await actOnAccount(request, async (scene): Promise<ActVerdict<InterventionAnswer>> => {
    const rows = await request.store.readInterventions(request.accountId);
    const row = rows.find((each) => each.interventionId === interventionId);
    if (row === undefined) {
      return {
        answer: { ok: false, refusal: { code: 'not_found', message: `there is no intervention ${interventionId}` } },
      };
    }
    return judge(request, scene, row, action);
  });
  const message = 'the account changed again and again meanwhile; try again';
  return answer ?? { ok: false, refusal: { code: 'changed_meanwhile', message } };
}

function judge(
  { policy, accountId, actor }: ActRequest,
  { evaluated, at }: ActScene,
  row: InterventionRow,
  action: LifeAction,
): ActVerdict<InterventionAnswer> {
  const before = interventionOf(row);
  const { inputs, choice, measured } = evaluated;
  const result = act(before, action, { inputs, choice, policy });
  const after = result.after;
  if (after === undefined) return { answer: result as InterventionAnswer };
  const reason = reasonOf(action);
  const outcomes: OutcomeRow[] = [];
  if (after.state === 'completed' && after.doneOn !== undefined) {
    const { skill } = skillsOf(policy).get(after.skill)!;
    const record = beginOutcome(skill, measured, after.doneOn);
    const { id: interventionId } = after;
    outcomes.push({
      accountId,
      interventionId,
      dueOn: parseDay(record.dueOn)!,
      settled: false,
      body: JSON.stringify(record),
    });
  }
  // who approved it stands while it is put off
  const earlier = (JSON.parse(row.detail) as InterventionDetail).settled;
  const settled = !result.ok ? undefined : action.kind === 'snooze' ? earlier : { at, by: actor, reason };
  const heldFor = result.ok ? reason : result.refusal.message;
  const contact = contactRow(accountId, after, at, { by: actor, reason: heldFor, heldBy: after.heldBy });
  return {
    answer: result.ok
      ? { ok: true, before, after, outcomeDue: outcomes[0] && outcomeDueOf(outcomes[0]) }
      : { ok: false, refusal: result.refusal },
    write: {
      interventions: [interventionRow(accountId, after, settled)],
      followUp: { artefacts: [], handoffs: [], outcomes, contacts: [contact] },
    },
    audit: {
      action: `intervention.${result.ok ? action.kind : 'hold'}`,
      before: JSON.stringify({ id: before.id, state: before.state }),
      after: JSON.stringify({ id: after.id, state: after.state }),
      reason: heldFor,
    },
  };
}

/** What the log and the audit keep of it. */
function reasonOf(action: LifeAction): string {
  if (action.kind === 'snooze') return `until ${formatDay(action.until)}`;
  return action.kind === 'dismiss' ? action.reason : '';
}

function outcomeDueOf({ body }: OutcomeRow): string {
  return (JSON.parse(body) as { dueOn: string }).dueOn;
}
