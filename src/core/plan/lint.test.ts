import { describe, expect, it } from 'vitest';
import { cleared, oversold, planFor, ready } from '../../../test/fixtures/plan-accounts.ts';
import { type LintReference, lintPlan, planTitle } from './lint.ts';

const planned = planFor(ready());
const reference: LintReference = { texts: [planned.markdown, JSON.stringify(cleared(planned))], holidays: new Set() };
const codes = (markdown: string, against: LintReference | undefined = reference) =>
  lintPlan(markdown, against).map((finding) => finding.code);
const edited = (from: string | RegExp, to: string) => planned.markdown.replace(from, to);

describe('the linter of plans', () => {
  it('finds nothing in what we print, cleared or refused', () => {
    expect(lintPlan(planned.markdown, reference)).toEqual([]);
    const { markdown } = planFor(oversold());
    expect(lintPlan(markdown, { texts: [markdown], holidays: new Set() })).toEqual([]);
  });

  it.each([
    ['Would you like to upgrade to Scale?'],
    ['Can we add 13 more seats?'],
    ['We also have Product X.'],
    ['Our analytics tier has great features.'],
    ['This special offer ends soon.'],
    ['It helps us at the end of the quarter.'],
  ])('flags sales phrasing: %s', (phrase) => {
    expect(codes(edited('- **Framing:** ', `- **Framing:** ${phrase} `))).toContain('sales_phrasing');
  });

  it('leaves the words of the customer alone', () => {
    expect(codes(edited('- **Framing:** ', '- **Framing:** "Would you like to upgrade, I was asked once" '))).toEqual(
      [],
    );
  });

  it('flags a figure that no record supports, and says where', () => {
    const findings = lintPlan(edited('45,000 USD a year', '54,000 USD a year'), reference);
    const line = planned.markdown.split('\n').findIndex((text) => text.includes('45,000 USD a year')) + 1;
    expect(findings).toContainEqual({
      line,
      code: 'unsupported_figure',
      message: 'no record supports the figure 54,000',
    });
  });

  it('lets dates and weeks be moved', () => {
    expect(codes(edited('Scoping, week 2', 'Scoping, week 3').replace('2026-04-14', '2026-04-16'))).toEqual([]);
  });

  it('flags a date on a day off', () => {
    expect(codes(edited('| 2026-04-14 |', '| 2026-04-18 |'))).toEqual(['not_a_business_day']);
  });

  it('flags missing owners and dates', () => {
    expect(codes(edited(/\| Ruth Adeyemi \(CSM\) \| 2026-04-01 \|/, '| TBD | soon |'))).toEqual([
      'missing_date',
      'missing_owner',
    ]);
    expect(codes(edited('Ruth Adeyemi (CSM)', 'CSM (no name recorded)'))).toEqual(['missing_owner']);
  });

  it('flags missing sections, bullets, columns and rows, and sections out of order', () => {
    expect(codes(edited(/## Risks[\s\S]*?(?=## Execution)/, ''))).toEqual(['missing_section']);
    expect(codes(edited(/- \*\*Trigger:\*\*.*\n/, ''))).toEqual(['missing_bullet']);
    expect(codes(edited(/- \*\*Confidence:\*\*.*/, '- **Confidence:** '))).toEqual(['missing_bullet']);
    expect(codes(edited('| Gating action |', '| Action |'))).toEqual(['missing_column']);
    expect(codes(edited(/(\| Risk .*\n\|---.*\n)(\|.*\n)+/, '$1'))).toEqual(['missing_row']);
    expect(
      codes(edited('## Risks', '## X').replace('## Approach', '## Risks').replace('## X', '## Approach')),
    ).toContain('section_order');
  });

  it('flags a plan behind a refusal', () => {
    expect(codes(edited('**Clear to expand:** Yes', '**Clear to expand:** No'))).toContain('plan_after_refusal');
  });

  it('flags what is still to be filled in', () => {
    expect(codes(edited('- **Trigger:** ', '- **Trigger:** on [date] '))).toEqual(['placeholder']);
  });

  it('judges form and phrasing without records', () => {
    expect(lintPlan(edited('45,000 USD a year', '54,000 USD a year'))).toEqual([]);
  });

  it('reads the name from the title as it was before it was escaped', () => {
    expect(planTitle('# Expansion Plan: A\\*B\\* \\<C\\>\n')).toBe('A*B* <C>');
    expect(planTitle('no title')).toBeUndefined();
  });

  it('ends on any text', () => {
    expect(() => lintPlan('|'.repeat(100_000))).not.toThrow();
    expect(() => lintPlan(`## ${'x'.repeat(100_000)}\n| a |`)).not.toThrow();
  });
});
