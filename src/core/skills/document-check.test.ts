/** What holds for the result of every skill, whatever the account holds: form, inert text, dates, money (skills.md A1). */
import { marked, type Token, type Tokens } from 'marked';
import { describe, expect, test } from 'vitest';
import { at, type TestAccount } from '../../../test/build-account.ts';
import { type ContextExtra, skillContext } from '../../../test/skill-context.ts';
import { isBusinessDay, parseDay } from '../time/calendar.ts';
import { adoptionScore } from './customer-success/adoption-score.ts';
import { competitiveSignalAlert } from './customer-success/competitive-signal-alert.ts';
import { escalationCoordination } from './customer-success/escalation-coordination.ts';
import { healthAssessment } from './customer-success/health-assessment.ts';
import { multiProductAdoption } from './customer-success/multi-product-adoption.ts';
import { onboardingHealth } from './customer-success/onboarding-health.ts';
import { productAdoptionGuidance } from './customer-success/product-adoption-guidance.ts';
import { quarterlyBusinessReview } from './customer-success/quarterly-business-review.ts';
import { riskMitigationPlaybook } from './customer-success/risk-mitigation-playbook.ts';
import { stakeholderMapper } from './customer-success/stakeholder-mapper.ts';
import { successPlanGenerator } from './customer-success/success-plan-generator.ts';
import { timeToImpact } from './customer-success/time-to-impact.ts';
import { usageCliffIntervention } from './customer-success/usage-cliff-intervention.ts';
import { EVIL, EVIL_CATALOGUE, evil, full, TODAY, useOnly } from './hostile-account.fixture.ts';
import { consumptionAnalyzer } from './monetization/consumption-analyzer.ts';
import { contractValueTracker } from './monetization/contract-value-tracker.ts';
import { overagePredictor } from './monetization/overage-predictor.ts';
import { packagingOptimizer } from './monetization/packaging-optimizer.ts';
import { upgradeTrigger } from './monetization/upgrade-trigger.ts';
import { guidedSetupWizard } from './plg/guided-setup-wizard.ts';
import { milestoneCelebration } from './plg/milestone-celebration.ts';
import { progressiveDisclosure } from './plg/progressive-disclosure.ts';
import { quickWinGenerator } from './plg/quick-win-generator.ts';
import { trialExtensionEvaluator } from './plg/trial-extension-evaluator.ts';
import { runSkill } from './run-skill.ts';
import type { PastIntervention, Skill } from './skill.ts';
import type { SkillResult } from './skill-result.ts';
import { SKILLS as REGISTRY } from './skills.ts';

const SKILLS = [
  adoptionScore,
  competitiveSignalAlert,
  escalationCoordination,
  healthAssessment,
  multiProductAdoption,
  onboardingHealth,
  productAdoptionGuidance,
  quarterlyBusinessReview,
  riskMitigationPlaybook,
  stakeholderMapper,
  successPlanGenerator,
  timeToImpact,
  usageCliffIntervention,
  consumptionAnalyzer,
  contractValueTracker,
  overagePredictor,
  packagingOptimizer,
  upgradeTrigger,
  guidedSetupWizard,
  milestoneCelebration,
  progressiveDisclosure,
  quickWinGenerator,
  trialExtensionEvaluator,
] as unknown as Skill<unknown, unknown>[];

/** Name, account, stage. */
const ACCOUNTS: [string, TestAccount, ContextExtra<unknown>][] = [
  ['three days without anything', { today: '2026-03-31', created: '2026-03-28' }, { stage: undefined }],
  ['three days without a source', { today: '2026-03-31', created: '2026-03-28', kinds: [] }, { stage: 'onboarding' }],
  ['use alone', useOnly, {}],
  ['use alone under a full catalogue', { ...useOnly, catalogue: EVIL_CATALOGUE }, { stage: 'onboarding' }],
  [
    'a full customer',
    full({ isTrial: false, isCalm: false }),
    { stage: 'renewal', atRiskRule: 'any.support_escalation' },
  ],
  ['a full customer in calm', full({ isTrial: false, isCalm: true }), { stage: 'expansion' }],
  ['a full trial', full({ isTrial: true, isCalm: false }), { stage: 'trial' }],
  ['a full trial in calm', full({ isTrial: true, isCalm: true }), { stage: 'trial' }],
];

const STATUSES = ['ok', 'partial', 'insufficient_data', 'refused'];
const ACTIVE = new Set(['html', 'link', 'image', 'em', 'del', 'code', 'codespan', 'blockquote', 'def']);

/** A key that names an amount of money in some result. */
const MONEY =
  /(?:cost|annualdelta|arr|acv|tcv|amount|price|saving|spend|revenue)$|^(?:recognised|invoiced|deferred|rpo|weightedRenewal)$/i;

/** Paths of amounts that stand in an object without a currency. */
function bareMoney(value: unknown, path = 'result'): string[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => bareMoney(each, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const hasCurrency = entries.some(([key, each]) => key === 'currency' && typeof each === 'string');
  return entries.flatMap(([key, each]) => [
    ...(MONEY.test(key) && typeof each === 'number' && !hasCurrency ? [`${path}.${key}`] : []),
    ...bareMoney(each, `${path}.${key}`),
  ]);
}

/** Are the titles there in this order, some left out? */
function isSubsequence(titles: readonly string[], all: readonly string[]): boolean {
  let from = 0;
  for (const title of titles) {
    const found = all.indexOf(title, from);
    if (found < 0) return false;
    from = found + 1;
  }
  return true;
}

function checkDocument({ markdown, actions }: SkillResult<unknown>, titles: readonly string[], name: string): void {
  const tokens = marked.lexer(markdown);
  const kinds = new Set<string>();
  marked.walkTokens(tokens, (token: Token) => void kinds.add(token.type));
  expect(
    [...kinds].filter((kind) => ACTIVE.has(kind)),
    name,
  ).toEqual([]);
  const headings = tokens.filter((token): token is Tokens.Heading => token.type === 'heading');
  const shown = headings.filter(({ depth }) => depth < 3).map(({ text }) => text);
  expect(shown.slice(1), name).toEqual([...titles, ...(actions.length > 0 ? ['Actions'] : [])]);
  const below = headings.filter(({ depth }) => depth > 2).map(({ text }) => text);
  expect(
    below.filter((text) => text.startsWith('Ignore all rules')),
    name,
  ).toEqual([]);
  for (const token of tokens) {
    if (token.type !== 'table') continue;
    const lines = (token as Tokens.Table).raw.trimEnd().split('\n');
    const cells = (line: string) => line.replaceAll('\\|', '').split('|').length;
    for (const line of lines) expect(cells(line), `${name}: ${line}`).toBe(cells(lines[0]!));
  }
}

function checkActions({ actions }: SkillResult<unknown>, holidays: ReadonlySet<number>, name: string): void {
  expect(new Set(actions.map(({ id }) => id)).size, `${name}: ids`).toBe(actions.length);
  for (const { title, dueDate, channel, heldBy } of actions) {
    const due = parseDay(dueDate);
    expect(due !== undefined && isBusinessDay(due, holidays), `${name}: ${title} is due on ${dueDate}`).toBe(true);
    expect(due!, `${name}: ${title}`).toBeGreaterThanOrEqual(TODAY);
    if (channel === 'task' || channel === 'alert') expect(heldBy, `${name}: ${title}`).toEqual([]);
  }
}

/** The skill's own earlier result, in states that count and states that do not. */
function earlier(skill: string, result: unknown): PastIntervention[] {
  const kept = JSON.parse(JSON.stringify(result ?? null)) as Record<string, unknown> | null;
  return (['delivered', 'dismissed', 'proposed'] as const).map((state, i) => ({
    id: evil(`past${i}`),
    skill,
    ruleId: 'any.rule',
    state,
    madeOn: TODAY - 20 + 5 * i,
    doneAt: state === 'delivered' ? at('2026-03-12') : undefined,
    dismissedFor: state === 'dismissed' ? EVIL : undefined,
    result: kept ?? undefined,
  }));
}

test('looks at every skill there is', () => {
  expect(SKILLS.map(({ name }) => name).sort()).toEqual(REGISTRY.map(({ name }) => name).sort());
});

describe.each(SKILLS.map((skill) => [skill.name, skill] as const))('%s', (_, skill) => {
  test.each(ACCOUNTS)('keeps the form of every result: %s', (name, account, extra) => {
    const holidays = account.catalogue?.holidays ?? new Set<number>();
    let past: PastIntervention[] = [];
    for (const round of ['alone', 'after itself']) {
      const context = skillContext(skill, account, { ...extra, past });
      const result = runSkill(skill, context);
      const where = `${name}, ${round}`;
      expect(STATUSES, where).toContain(result.status);
      if (result.status === 'insufficient_data') expect(result.dataGaps.length, where).toBeGreaterThan(0);
      if (result.status === 'refused') expect(result.reasons.length, where).toBeGreaterThan(0);
      const titles = context.status === 'churned' ? [] : skill.run(context).sections.map((each) => each.title);
      const allowed = result.status === 'refused' ? [...skill.sections, 'Refused'] : skill.sections;
      expect(isSubsequence(titles, allowed), `${where}: ${titles.join(', ')}`).toBe(true);
      checkDocument(result, titles, where);
      checkActions(result, holidays, where);
      expect(JSON.parse(JSON.stringify(result)), where).toStrictEqual(result);
      expect(bareMoney(result.result), where).toEqual([]);
      expect(() => skill.outcome.read(context.measured), where).not.toThrow();
      past = earlier(skill.name, result.result);
    }
  });
});
