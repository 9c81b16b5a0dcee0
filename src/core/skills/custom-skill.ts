/**
 * A skill that the workspace declares in its policy: `manual`, a checklist for a person, or `webhook`, done by another
 * system. It computes nothing of its own; proposals of it pass the same guardrails and live the same life.
 */
import { inert, labelled } from '../document/markdown.ts';
import type { CustomSkillPolicy } from '../policy/policy.ts';
import { addBusinessDays } from '../time/calendar.ts';
import type { SkillDefinition } from './registry.ts';
import type { Skill, SkillContext, SkillOutput } from './skill.ts';
import { ownerOf, ownerText } from './skill-result.ts';

export interface CustomResult {
  kind: CustomSkillPolicy['kind'];
  checklist: string[];
  /** webhook: the host it is delivered to. */
  host: string | null;
}

/** Days until health is looked at again where a skill names no measure of its own. */
const HORIZON_DAYS = 30;
const HEALTH_NOISE_POINTS = 5; // A7: a change of five points is a trend

export function customSkill(policy: CustomSkillPolicy, definition: SkillDefinition): Skill<unknown, CustomResult> {
  return {
    ...definition,
    inputs: { required: [], optional: [] },
    sections: policy.kind === 'manual' ? ['Checklist'] : ['Delivery'],
    outcome: {
      measure: 'health_score',
      unit: 'points',
      better: 'higher',
      horizonDays: HORIZON_DAYS,
      noise: HEALTH_NOISE_POINTS,
      read: ({ health }) => health.score,
    },
    run: (context) => runCustom(policy, context),
  };
}

function runCustom(policy: CustomSkillPolicy, { measured, workspace }: SkillContext): SkillOutput<CustomResult> {
  const { view } = measured;
  const { kind, purpose, ownerRole, dueBusinessDays, channel, conversation, checklist, url } = policy;
  const host = url === undefined ? null : new URL(url).host;
  const owner = ownerText(ownerOf(ownerRole, view.account));
  const body =
    kind === 'manual'
      ? checklist.map((item) => `- [ ] ${inert(item)}`).join('\n')
      : [labelled('What', inert(purpose)), labelled('To', inert(host ?? ''))].join('\n');
  return {
    status: 'ok',
    reasons: [],
    dataGaps: [],
    result: { kind, checklist, host },
    actions: [
      {
        key: kind,
        title: kind === 'manual' ? purpose : `${purpose} (${host}; answer to ${owner})`,
        role: ownerRole,
        due: addBusinessDays(view.today, dueBusinessDays, workspace.catalogue.holidays),
        channel,
        evidence: [],
        subject: conversation === 'none' ? 'ordinary' : conversation,
      },
    ],
    sections: [{ title: kind === 'manual' ? 'Checklist' : 'Delivery', body }],
  };
}
