/** Accepts, declines or offers again one handoff, by the facts as they stand now. */
import {
  answerHandoff as answerRecord,
  followHandoffs,
  type HandoffAnswer,
  type HandoffRecord,
} from '../core/handoffs/handoff-record.ts';
import { type ActRequest, type ActScene, type ActVerdict, actOnAccount } from './act-on-account.ts';
import { FollowUp, handoffRow, hoursOf } from './follow-up.ts';

export type HandoffOutcome =
  | { ok: true; before: HandoffRecord; after: HandoffRecord }
  | {
      ok: false;
      code: 'not_found' | 'changed_meanwhile' | 'wrong_state' | 'blocked' | 'reason_missing';
      message: string;
    };

/** The account is evaluated first: an incident that opened since the offer has blocked it again before anybody accepts. */
export async function answerHandoff(
  request: ActRequest,
  handoffId: string,
  answer: HandoffAnswer,
): Promise<HandoffOutcome> {
  const outcome = await actOnAccount(request, (scene) => judge(request, scene, handoffId, answer));
  const message = 'the account changed again and again meanwhile; try again';
  return outcome ?? { ok: false, code: 'changed_meanwhile', message };
}

async function judge(
  { store, loaded: { workspace }, policy, accountId }: ActRequest,
  { bundle, evaluated, at, today }: ActScene,
  handoffId: string,
  answer: HandoffAnswer,
): Promise<ActVerdict<HandoffOutcome>> {
  const row = (await store.readHandoffs(accountId)).find((each) => each.handoffId === handoffId);
  if (row === undefined)
    return { answer: { ok: false, code: 'not_found', message: `there is no handoff ${handoffId}` } };
  const recorded = JSON.parse(row.body) as HandoffRecord;
  const offered = evaluated.decision.handoffs.find(({ kind }) => kind === recorded.kind);
  const moment = { accountId, at, today, hoursOf: (owner: string | null) => hoursOf(workspace, owner) };
  // A record that came in since the account was brought up to date may have blocked or closed it.
  const [before = recorded] = followHandoffs([recorded], offered === undefined ? [] : [offered], moment);
  const result = answerRecord(before, answer, offered, moment);
  if (!result.ok) return { answer: result };
  const after = result.record;
  const isOffer = after.state === 'ready';
  const followUp = new FollowUp(bundle, evaluated.source, { workspace, policy });
  const packet = isOffer ? JSON.stringify(followUp.packetOf(offered!, evaluated, evaluated.measured)) : row.packet;
  return {
    answer: { ok: true, before, after },
    write: { followUp: { artefacts: [], outcomes: [], contacts: [], handoffs: [handoffRow(after, packet)] } },
    audit: {
      action: `handoff.${answer.kind}`,
      before: JSON.stringify({ id: before.id, state: before.state }),
      after: JSON.stringify({ id: after.id, state: after.state }),
      reason: 'reason' in answer ? answer.reason : '',
    },
  };
}
