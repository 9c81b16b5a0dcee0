/** plg/quick_win_generator (skills.md B): the shortest unfinished path to a first useful result. */
import { z } from 'zod';
import type { Catalogue, Feature } from '../../catalogue/catalogue.ts';
import { countText, sentence, words } from '../../document/figures.ts';
import { inert, table } from '../../document/markdown.ts';
import { known, unknown } from '../../facts/view.ts';
import { featureIndex, isEntitled, openGoalTags } from '../../scores/adoption.ts';
import { publish } from '../../scores/number.ts';
import { addBusinessDays } from '../../time/calendar.ts';
import { defineSkill, type SkillContext, type SkillOutput } from '../skill.ts';
import type { ActionDraft } from '../skill-result.ts';

/** Context and segment points of a win (our choice). */
export type Points = 0 | 50 | 100;

export interface WinCandidate {
  id: string;
  minutes: number;
  /** 1-5 */
  value: number;
  context: Points;
  /** What the account lacks, if the win fills it, in words. */
  fills?: string;
  segment: Points;
  /** What to do, in order. */
  steps: string[];
}

export interface QuickWins {
  quickWins: { id: string; score: number; minutes: number; steps: string[] }[];
  priorityWinId: string | null;
}

const parameters = z.strictObject({
  maximumMinutes: z.number().int().min(1).max(60).default(5).describe('longest win that counts as quick, in minutes'),
  shown: z.number().int().min(1).max(10).default(3).describe('wins shown at once'),
  ignoredWins: z.number().int().min(1).max(10).default(2).describe('wins ignored before the CSM is asked'),
  ignoredDays: z.number().int().min(1).max(60).default(3).describe('days without the win that count as ignored'),
});
type Parameters = z.infer<typeof parameters>;

const MINUTE_POINTS = 20;
const VALUE_POINTS = 20;
const FULL = 100;

/** .25 minutes + .35 value + .25 context + .15 segment [K weights]; ties by minutes, then id. Candidates are eligible. */
export function rankQuickWins(candidates: readonly WinCandidate[], shown: number): QuickWins {
  const ranked = candidates
    .map(({ id, minutes, value, context, segment, steps }) => {
      const ease = FULL - MINUTE_POINTS * (minutes - 1);
      const score = 0.25 * ease + 0.35 * VALUE_POINTS * value + 0.25 * context + 0.15 * segment;
      return { id, score: publish(score), exact: score, minutes, steps };
    })
    .sort((a, b) => b.exact - a.exact || a.minutes - b.minutes || (a.id < b.id ? -1 : 1))
    .slice(0, shown)
    .map(({ exact: _, ...win }) => win);
  return { quickWins: ranked, priorityWinId: ranked[0]?.id ?? null };
}

export const quickWinGenerator = defineSkill<Parameters, QuickWins>({
  name: 'plg/quick_win_generator',
  domain: 'plg',
  purpose: 'Picks the shortest unfinished path to a first useful result',
  customerFacing: true,
  conversation: 'none',
  serviceMessage: false,
  celebration: false,
  inputs: { required: ['catalogue features with minutes and value', 'events'], optional: ['goals', 'segment'] },
  sections: ['Now', 'Why', 'Next'],
  parameters,
  outcome: {
    measure: 'quick_win_achieved',
    unit: 'share',
    better: 'higher',
    horizonDays: 7,
    noise: 0,
    read: ({ activation: { quickWin } }) =>
      quickWin.reached === undefined ? unknown(quickWin.reason ?? 'not known') : known(quickWin.reached ? 1 : 0),
  },
  run: runQuickWins,
});

function runQuickWins(context: SkillContext<Parameters>): SkillOutput<QuickWins | null> {
  const { measured, workspace } = context;
  const { view } = measured;
  if (view.account.properties?.hideQuickWins === true) {
    return { ...EMPTY, status: 'refused', reasons: ['hidden_by_preference'] };
  }
  const wins = workspace.catalogue.features.filter(
    (feature) => feature.minutes !== undefined && feature.value !== undefined,
  );
  const gap =
    wins.length === 0 ? 'no feature in catalog.yaml has both minutes and value' : (view.usageGap ?? undefined);
  if (gap !== undefined) {
    const fact = wins.length === 0 ? 'win catalogue' : 'completed events';
    return { ...EMPTY, status: 'insufficient_data', reasons: [], dataGaps: [{ fact, reason: gap }] };
  }
  const candidates = candidatesOf(wins, context);
  const result = rankQuickWins(candidates, context.parameters.shown);
  const isEmpty = result.quickWins.length === 0;
  return {
    status: 'ok',
    reasons: isEmpty ? ['no_eligible_win'] : [],
    dataGaps: [],
    result,
    actions: isEmpty ? [] : actionsOf(result, context),
    sections: sectionsOf(result, candidates),
  };
}

const EMPTY = { dataGaps: [], result: null, actions: [], sections: [] };

function candidatesOf(wins: readonly Feature[], { measured, workspace, parameters: p }: SkillContext<Parameters>) {
  const { view, contract } = measured;
  const plans = new Set(contract.planIds);
  const used = featureIndex(view);
  const isUsed = (id: string) => (used.get(id)?.use.days[0] ?? Number.POSITIVE_INFINITY) <= view.lastDay;
  const isDone = (id: string) =>
    isUsed(id) || measured.activation.setup.steps.some((step) => step.id === id && step.done === true);
  const gaps = gapsOf(measured, workspace.catalogue, isUsed);
  const goalTags = openGoalTags(view);
  return wins
    .filter((win) => win.minutes! <= p.maximumMinutes && isEntitled(win, plans) && !isUsed(win.id))
    .filter((win) => win.prerequisites.every(isDone))
    .map((win): WinCandidate => {
      const [fills] = [...win.tags, ...win.events.map((event) => `event:${event}`)].flatMap(
        (key) => gaps.get(key) ?? [],
      );
      const context = fills !== undefined ? 100 : win.tags.some((tag) => goalTags.has(tag)) ? 50 : 0;
      const steps = [`Open ${words(win.id)}`, `do one of: ${win.events.map(words).join(', ')}`];
      return {
        id: win.id,
        minutes: win.minutes!,
        value: win.value!,
        context,
        ...(fills !== undefined && { fills }),
        segment: segmentPoints(win, view),
        steps,
      };
    });
}

/**
 * What the account still lacks, in words, by tags a win may carry and by events that would fill it: nothing made yet
 * (create), one user (invite), no integration (connect), nothing personalised (personalise), nothing exported (report).
 */
function gapsOf(
  { view, activation, adoption }: SkillContext['measured'],
  catalogue: Catalogue,
  isUsed: (featureId: string) => boolean,
): Map<string, string> {
  const gaps = new Map<string, string>();
  const add = (tag: string, text: string, events: readonly string[] = []) => {
    for (const key of [tag, ...events.map((event) => `event:${event}`)]) if (!gaps.has(key)) gaps.set(key, text);
  };
  const seen = (events: readonly string[] | undefined) =>
    events?.some((event) => (view.history.events.get(event)?.days[0] ?? Number.POSITIVE_INFINITY) <= view.lastDay);
  const { invite, integration, output } = catalogue.signals;
  if (activation.parts.firstCoreAction.state === 'open') add('create', 'nothing was made yet');
  if ((adoption.provisionedUsers.value ?? 2) <= 1 || activation.parts.secondActiveUser.state === 'open')
    add('invite', 'only one user so far', invite);
  if (seen(integration) === false) add('connect', 'no integration so far', integration);
  if (seen(output) === false) add('report', 'nothing was exported yet', output);
  const personal = catalogue.features.filter((feature) => feature.tags.includes('personalise'));
  if (personal.length > 0 && !personal.some(({ id }) => isUsed(id))) add('personalise', 'nothing is personalised yet');
  return gaps;
}

/** Wins meant for segments carry tags such as `segment:smb`; one without any is for all. */
function segmentPoints(win: Feature, { account }: SkillContext['measured']['view']): Points {
  const segments = win.tags.filter((tag) => tag.startsWith('segment:'));
  if (segments.length === 0) return 50;
  return segments.includes(`segment:${account.segment?.toLowerCase() ?? ''}`) ? 100 : 0;
}

function actionsOf(result: QuickWins, context: SkillContext<Parameters>): ActionDraft[] {
  const { today } = context.measured.view;
  const { holidays } = context.workspace.catalogue;
  const [first] = result.quickWins;
  const actions: ActionDraft[] = [
    {
      key: `show:${first!.id}`,
      title: `Show the quick win "${words(first!.id)}" (${first!.minutes} min)`,
      role: 'growth',
      due: addBusinessDays(today, 0, holidays),
      channel: 'in_app',
      evidence: [],
    },
  ];
  const ignored = ignoredWins(context);
  if (ignored.length >= context.parameters.ignoredWins) {
    actions.push({
      key: 'ask:ignored',
      title: `Ask why ${ignored.length} quick wins were left: ${ignored.map(words).join(', ')}`,
      role: 'csm',
      due: addBusinessDays(today, 2, holidays),
      channel: 'task',
      evidence: [],
    });
  }
  return actions;
}

/** Wins shown earlier, still not done after the policy's days. */
function ignoredWins({ measured, past, parameters: p }: SkillContext<Parameters>): string[] {
  const { view } = measured;
  const used = featureIndex(view);
  const ignored = past.flatMap(({ skill, madeOn, result }) => {
    const id = result?.priorityWinId;
    if (skill !== 'plg/quick_win_generator' || typeof id !== 'string') return [];
    const since = madeOn ?? Number.POSITIVE_INFINITY;
    return since + p.ignoredDays <= view.today && !used.has(id) ? [id] : [];
  });
  return [...new Set(ignored)];
}

function sectionsOf({ quickWins }: QuickWins, candidates: readonly WinCandidate[]) {
  const [first, ...next] = quickWins;
  if (first === undefined) return [{ title: 'Now', body: 'Every quick win of the catalogue is done or not open yet.' }];
  const rows = (wins: typeof quickWins) =>
    wins.map(({ id, minutes, score, steps }) => [
      inert(words(id)),
      String(minutes),
      String(score),
      inert(steps.join(', then ')),
    ]);
  const columns = ['Win', 'Minutes', 'Score', 'Steps'];
  return [
    { title: 'Now', body: table(columns, rows([first]), [1, 2]) },
    {
      title: 'Why',
      body: whyText(first, candidates.find(({ id }) => id === first.id)!, quickWins.length),
    },
    ...(next.length === 0 ? [] : [{ title: 'Next', body: table(columns, rows(next), [1, 2]) }]),
  ];
}

function whyText({ id, minutes, score }: QuickWins['quickWins'][number], win: WinCandidate, shown: number): string {
  const fits =
    win.fills !== undefined ? `, and fills a gap: ${win.fills}` : win.context > 0 ? ', and serves an open goal' : '';
  const rank = shown === 1 ? 'the only one open' : `the most of the ${shown} shown`;
  const name = inert(sentence(words(id)));
  return `${name}: ${countText(minutes, 'minute')}, value ${win.value} of 5${fits}. Score ${score}, ${rank}.`;
}
