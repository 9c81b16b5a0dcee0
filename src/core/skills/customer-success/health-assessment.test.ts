/** customer_success/health_assessment (skills.md B) as a skill; the calculation's own tests are in `../`. */
import { describe, expect, it } from 'vitest';
import { at, catalogue, day, feature, type TestAccount, type TestEvent } from '../../../../test/build-account.ts';
import { type ContextExtra, runOn, skillContext } from '../../../../test/skill-context.ts';
import { known } from '../../facts/view.ts';
import { readingOf } from '../../journey/readings.ts';
import { DIMENSIONS, type Health } from '../../scores/health.ts';
import { assessHealth } from '../health-assessment.ts';
import { assessmentDocument } from '../health-document.ts';
import { runSkill } from '../run-skill.ts';
import { healthAssessment } from './health-assessment.ts';

const today = day('2026-03-31');
const use = (days: number): TestEvent[] =>
  Array.from({ length: days }, (_, i) => ({ day: today - 1 - i, user: `u${i % 3}`, event: 'report' }));
const note = {
  noteId: 'n1',
  at: at('2026-03-30'),
  text: 'We are running a pilot of Rivalo',
  contactId: 'eve',
  author: 'customer' as const,
  kind: 'call' as const,
};
const account = (extra: Partial<TestAccount> = {}): TestAccount => ({
  today: '2026-03-31',
  created: '2026-01-01',
  catalogue: catalogue({ features: [feature('report')], competitors: ['Rivalo'] }),
  events: use(88),
  ...extra,
  records: {
    contacts: [{ contactId: 'eve', name: 'Eve', roles: ['executive_sponsor'], createdAt: at('2026-01-01') }],
    subscriptions: [
      {
        subscriptionId: 's',
        plan: 'pro',
        status: 'active',
        seats: 4,
        amountMinor: 1_200_050,
        currency: 'USD',
        interval: 'year',
        startedAt: at('2026-01-01'),
        renewalDate: day('2027-01-01'),
      },
    ],
    ...extra.records,
  },
});
const withNote = account({ records: { notes: [note] } });

/** The health of A7's worked example, capped by the competitor evaluation. */
function workedHealth(): Health {
  const scores = { adoption: 68.08, engagement: 86.33, relationship: 79, outcomes: 73, commercial: 77 };
  const dimensions = Object.fromEntries(
    DIMENSIONS.map((name) => [name, { score: scores[name], coverage: 1, parts: {} }]),
  ) as unknown as Health['dimensions'];
  return {
    score: known(76),
    raw: 76.46,
    scoreBand: known('neutral'),
    band: known('at_risk'),
    coverage: 1,
    confidence: 'high',
    dimensions,
  };
}

describe('the worked examples', () => {
  it('holds the A7 account at risk for a competitor evaluation: commercial save, CSM today, next on 2026-04-30', () => {
    const context = skillContext(healthAssessment, withNote);
    const measured = { ...context.measured, health: workedHealth() };
    const { status, result, actions, markdown } = runSkill(healthAssessment, { ...context, measured });
    expect(status).toBe('ok');
    expect(result).toMatchObject({
      score: 76,
      scoreBand: 'neutral',
      band: 'at_risk',
      coverage: 1,
      nextAssessmentDate: '2026-04-30',
    });
    expect(result!.interventions.map(({ play }) => play)).toEqual(['commercial_save']);
    expect(actions.map(({ ownerRole, dueDate, channel }) => [ownerRole, dueDate, channel])).toEqual([
      ['csm', '2026-03-31', 'call'],
      ['exec', '2026-04-03', 'meeting'],
    ]);
    expect(markdown).toContain('76 of 100, at risk (neutral by score, held there by signals)');
  });

  it('gives no score with 5 days of data', () => {
    const { status, result, reasons, dataGaps, actions } = runOn(
      healthAssessment,
      account({ created: '2026-03-26', events: use(5) }),
    );
    expect([status, result!.score, result!.band, reasons, actions]).toEqual([
      'insufficient_data',
      null,
      null,
      ['score_unknown'],
      [],
    ]);
    expect(dataGaps[0]).toEqual({ fact: 'health_score', reason: '5 of 7 days of data' });
    expect(result!.nextAssessmentDate).toBe('2026-04-02');
  });
});

describe('a run', () => {
  it('says what `stagecraft health` says, with money in major units and no minor ones', () => {
    const context = skillContext(healthAssessment, withNote);
    const { result, markdown } = runSkill(healthAssessment, context);
    expect(result).toMatchObject({ arr: 12_000.5, currency: 'USD' });
    expect(result).not.toHaveProperty('arrMinor');
    const { holidays } = context.workspace.catalogue;
    const { measured, stage } = context;
    const document = assessmentDocument(
      assessHealth({
        measured,
        stage: stage!,
        holidays,
        readings: [today - 30, today - 7].map((on) => readingOf(on, context.measuredOn(on)!.health)),
      }),
    );
    const section = (text: string, title: string) =>
      text
        .split(`## ${title}\n`)[1]!
        .split(/\n##+ /)[0]!
        .trim();
    for (const title of ['Summary', 'Dimensions', 'Signals', 'Next']) {
      expect(section(`${markdown}\n## `, title)).toBe(section(`${document}\n## `, title));
    }
    expect(markdown.match(/^#+ Actions$/gm)).toEqual(['## Actions']);
  });

  it('has the sections it declares', () => {
    const { markdown } = runOn(healthAssessment, withNote);
    const titles = [...markdown.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(titles).toEqual([...healthAssessment.sections, 'Actions']);
  });

  it("takes the trend from the journey's readings, and measures a day that was not ticked", () => {
    const change = (extra: ContextExtra<Record<never, never>>) =>
      runOn(healthAssessment, withNote, extra).result!.change30;
    const base = skillContext(healthAssessment, withNote);
    const now = base.measured.health;
    const kept = [today - 30, 90, ...DIMENSIONS.map((name) => (now.dimensions[name].score === undefined ? null : 90))];
    expect(change({ readings: [kept as [number, ...(number | null)[]]] })).toBeLessThan(0);
    expect(change({})).not.toBeNull();
    expect(change({ measuredOn: () => undefined })).toBeNull();
  });

  it('holds the call in a quiet period', () => {
    const accounts = [{ name: 'Acme', createdAt: at('2026-01-01'), quietUntil: day('2026-04-05') }];
    const { actions } = runOn(healthAssessment, account({ records: { notes: [note], accounts } }));
    expect(actions[0]!.heldBy).toEqual(['capacity.quiet']);
  });
});
