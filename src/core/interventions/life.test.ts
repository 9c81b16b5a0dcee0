/** The life of an intervention after it was made (journey.md section 5). */
import { describe, expect, it } from 'vitest';
import { Drive, type Given, measuredOn, policy, START } from '../../../test/measured-account.ts';
import type { Intervention } from '../decision/inputs.ts';
import { redecide } from '../journey/tick.ts';
import { formatDay } from '../time/calendar.ts';
import { act, type LifeAction, type LifeSituation } from './life.ts';

const unlock: Given = { paid: true, usersReady: 2 };

/** An account in adoption on which the unlock rule has fired on its second day. */
function driven(given: Given = {}): Drive {
  const drive = new Drive();
  drive.next({ stage: 'adoption', stageEnteredAt: START, paid: true });
  drive.next({ ...unlock, ...given });
  return drive;
}

function situation(drive: Drive, given: Given = unlock): LifeSituation {
  const { inputs, choice } = redecide(drive.state!, measuredOn(drive.today, given), drive.interventions(), policy);
  return { inputs, choice, policy };
}

function tried(drive: Drive, action: LifeAction, given: Given = unlock, id?: string) {
  const [only] = drive.interventions().filter((each) => id === undefined || each.id === id);
  return act(only!, action, situation(drive, given));
}

function done(drive: Drive, action: LifeAction, given: Given = unlock): Intervention {
  const result = tried(drive, action, given);
  if (!result.ok) throw new Error(result.refusal.message);
  drive.shelf.apply([result.after]);
  return result.after;
}

describe('a proposal', () => {
  it('is approved, then completed, and keeps the day it was made', () => {
    const drive = driven();
    expect(done(drive, { kind: 'approve' })).toMatchObject({ state: 'approved', madeOn: START + 1 });
    drive.days(3, unlock);
    expect(done(drive, { kind: 'complete' })).toMatchObject({
      state: 'completed',
      madeOn: START + 1,
      doneOn: START + 4,
    });
  });

  it('cannot be completed unapproved, nor touched once it is settled', () => {
    const drive = driven();
    expect(tried(drive, { kind: 'complete' })).toMatchObject({
      ok: false,
      refusal: {
        code: 'wrong_state',
        message: 'it is proposed, and can only be completed while approved, dispatched, delivered; approve it first',
      },
    });
    done(drive, { kind: 'dismiss', reason: 'not now' });
    for (const action of [{ kind: 'approve' }, { kind: 'complete' }, { kind: 'dismiss', reason: 'x' }] as LifeAction[])
      expect(tried(drive, action)).toMatchObject({ ok: false, refusal: { code: 'wrong_state' } });
  });

  it('is dismissed only with a reason', () => {
    const drive = driven();
    expect(tried(drive, { kind: 'dismiss', reason: '  ' })).toMatchObject({
      ok: false,
      refusal: { code: 'reason_missing' },
    });
    expect(done(drive, { kind: 'dismiss', reason: 'they asked us not to' }).state).toBe('dismissed');
  });

  it('is put off to a later day within half a year, and does not expire before it', () => {
    const drive = driven();
    for (const until of [drive.today, drive.today + 181])
      expect(tried(drive, { kind: 'snooze', until })).toMatchObject({ ok: false, refusal: { code: 'bad_date' } });
    const until = drive.today + 40;
    expect(done(drive, { kind: 'snooze', until })).toMatchObject({ state: 'proposed', snoozedUntil: until });
    const idle: Given = { paid: true };
    drive.days(40, idle);
    expect(drive.interventions().map((each) => each.state)).toEqual(['proposed']);
    drive.days(31, idle);
    expect(drive.shelf.changed.values().next().value!.state).toBe('expired');
  });
});

describe('the guardrails are asked again', () => {
  it('when a proposal is approved: what is held by then goes back, with the reason', () => {
    const drive = driven();
    const quiet: Given = { ...unlock, conversation: { quietUntil: drive.today + 3 } };
    const result = tried(drive, { kind: 'approve' }, quiet);
    expect(result).toMatchObject({
      ok: false,
      refusal: { code: 'held', holds: [{ guardrail: 'capacity.quiet' }] },
      after: { state: 'held', madeOn: null, heldBy: ['capacity.quiet'] },
    });
    if (result.ok) return;
    expect(result.refusal.message).toContain(`until ${formatDay(drive.today + 3)}`);
  });

  it('when what was approved is done: an approval of yesterday is no licence for today', () => {
    const drive = driven();
    done(drive, { kind: 'approve' });
    drive.next(unlock);
    const quiet: Given = { ...unlock, conversation: { quietUntil: drive.today + 3 } };
    expect(tried(drive, { kind: 'complete' }, quiet)).toMatchObject({ ok: false, refusal: { code: 'held' } });
  });

  it('and nothing is done for an account that has churned, but dismissing', () => {
    const drive = driven();
    const churned: Given = { paid: false, churned: true };
    expect(tried(drive, { kind: 'approve' }, churned)).toMatchObject({
      ok: false,
      refusal: { code: 'account_not_active', message: 'the account is churned' },
    });
    expect(tried(drive, { kind: 'dismiss', reason: 'gone' }, churned).ok).toBe(true);
  });
});

describe('the weekly cap', () => {
  /** So many capped interventions of the stage, each made or done on its day. */
  const others = (stage: Intervention['stage'], days: number[]): Intervention[] =>
    days.map((on, i) => ({
      id: `int_other${i}`,
      ruleId: 'r',
      skill: 'customer_success/onboarding_health',
      stage,
      priority: 'low',
      state: 'completed',
      customerFacing: true,
      capped: true,
      day: on - 20,
      madeOn: on - 20,
      doneOn: on,
      updatedDay: on,
      reason: '',
      heldBy: [],
    }));

  it('counts what was done on the day it was done, not on the day it was made', () => {
    const drive = driven();
    done(drive, { kind: 'approve' });
    const id = drive.interventions()[0]!.id;
    drive.days(9, { paid: true });
    drive.shelf.apply(
      others(
        'adoption',
        [0, 1, 2, 3, 4].map((i) => drive.today - i),
      ),
    );
    expect(tried(drive, { kind: 'complete' }, unlock, id)).toMatchObject({
      ok: false,
      refusal: { code: 'held', holds: [{ guardrail: 'cap.weekly', until: formatDay(drive.today + 3) }] },
    });
  });

  it('leaves room for the one that has its place already', () => {
    const drive = driven();
    done(drive, { kind: 'approve' });
    const id = drive.interventions()[0]!.id;
    drive.shelf.apply(
      others(
        'adoption',
        [0, 1, 2, 3].map((i) => drive.today - i),
      ),
    );
    expect(tried(drive, { kind: 'complete' }, unlock, id).ok).toBe(true);
  });
});

describe('one commercial conversation at a time', () => {
  const converting: Given = {
    trial: true,
    milestone: true,
    converting: true,
    trialEndsOn: START + 3,
    activationScore: 20,
  };

  it('holds the second of two offers, and lets it go once the first is over', () => {
    const drive = new Drive();
    drive.next({ trial: true, trialEndsOn: START + 3 });
    const { choice } = drive.next(converting);
    const states = () =>
      drive.interventions().map(({ skill, state, heldBy }) => [skill.split('/')[1], state, heldBy.join()]);
    expect(states()).toEqual(
      expect.arrayContaining([
        ['trial_extension_evaluator', 'proposed', ''],
        ['upgrade_trigger', 'held', 'conversation.one_motion'],
      ]),
    );
    const extension = drive.interventions().find((each) => each.skill.endsWith('extension_evaluator'))!;
    expect(choice.triggers.find((each) => each.holds.length > 0)!.holds[0]!.until).toBe(extension.id);
    drive.shelf.apply([{ ...extension, state: 'dismissed', updatedDay: drive.today }]);
    drive.next(converting);
    expect(states()).toContainEqual(['upgrade_trigger', 'proposed', '']);
  });
});
