/** What can be read of a policy whose shape may be wrong, so that one mistake does not hide the others. */
import { STAGES, type Stage } from '../records/record.ts';

/** A field is undefined if it is missing or has the wrong type, which the check of the shape has then reported. */
export interface ReadablePolicy {
  stages: { id: string | undefined; progress: string | undefined }[];
  edges: { id: string | undefined; from: Stage | undefined; to: Stage | undefined; when: string | undefined }[];
  rules: {
    id: string | undefined;
    stages: Stage[] | 'any' | undefined;
    when: string | undefined;
    trigger: (string | undefined)[];
    leadsSomewhere: boolean;
    reason: string | undefined;
  }[];
  handoffs: { id: string | undefined }[];
  skillNames: string[];
  customSkills: { id: string | undefined }[];
}

export function readableOf(data: unknown): ReadablePolicy {
  const root = blockOf(data);
  return {
    stages: listOf(root.stages).map((stage) => ({ id: textOf(stage.id), progress: textOf(stage.progress) })),
    edges: listOf(root.edges).map((edge) => ({
      id: textOf(edge.id),
      from: stageOf(edge.from),
      to: stageOf(edge.to),
      when: textOf(edge.when),
    })),
    rules: listOf(root.rules).map((rule) => ({
      id: textOf(rule.id),
      stages: ruleStages(rule.stages),
      when: textOf(rule.when),
      trigger: Array.isArray(rule.trigger) ? rule.trigger.map(textOf) : [],
      leadsSomewhere: rule.exit !== undefined || rule.action !== undefined,
      reason: textOf(rule.reason),
    })),
    handoffs: listOf(root.handoffs).map((handoff) => ({ id: textOf(handoff.kind) })),
    skillNames: Object.keys(blockOf(root.skills)),
    customSkills: listOf(root.customSkills).map((skill) => ({ id: textOf(skill.name) })),
  };
}

type Block = Record<string, unknown>;

const blockOf = (value: unknown): Block =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Block) : {};
const listOf = (value: unknown): Block[] => (Array.isArray(value) ? value.map(blockOf) : []);
/** An empty text is reported by the shape. */
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const stageOf = (value: unknown): Stage | undefined => STAGES.find((stage) => stage === value);

function ruleStages(value: unknown): Stage[] | 'any' | undefined {
  if (value === 'any') return 'any';
  if (!Array.isArray(value)) return undefined;
  const stages = value.map(stageOf);
  return stages.every((stage) => stage !== undefined) ? stages : undefined;
}
