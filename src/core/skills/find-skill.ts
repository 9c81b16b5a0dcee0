/** The skills of a policy, ready to run: the built-in ones and the workspace's own, each with its parameters. */
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import { customSkill } from './custom-skill.ts';
import type { AnySkill } from './skill.ts';
import { SKILLS } from './skills.ts';

export interface ReadySkill {
  skill: AnySkill;
  /** The policy's, defaults filled in. */
  parameters: unknown;
}

const byPolicy = new WeakMap<CompiledPolicy, ReadonlyMap<string, ReadySkill>>();

/** In the order of the registry, the workspace's own last. */
export function skillsOf(policy: CompiledPolicy): ReadonlyMap<string, ReadySkill> {
  let skills = byPolicy.get(policy);
  if (skills === undefined) {
    const own = policy.customSkills.map((each) => customSkill(each, policy.skillByName.get(each.name)!) as AnySkill);
    skills = new Map(
      [...SKILLS, ...own].map((skill) => {
        const parameters = policy.skills[skill.name]?.parameters ?? skill.parameters.parse({});
        return [skill.name, { skill, parameters }];
      }),
    );
    byPolicy.set(policy, skills);
  }
  return skills;
}
