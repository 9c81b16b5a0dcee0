import type { Stage } from '../records/record.ts';

/** The only ways from stage to stage (journey.md section 2). A skip is impossible because no other pair may be an edge. */
export const ALLOWED_EDGES: readonly (readonly [from: Stage, to: Stage])[] = [
  ['trial', 'onboarding'],
  ['onboarding', 'activation'],
  ['activation', 'adoption'],
  ['adoption', 'expansion'],
  ['expansion', 'renewal'],
  ['renewal', 'expansion'],
  ['renewal', 'adoption'],
];
