/** All accounts of the sample, in the order in which they are written. */
import { END_STORIES } from './stories-end.ts';
import { GROWTH_STORIES } from './stories-growth.ts';
import { RISK_STORIES } from './stories-risk.ts';
import { ROAD_STORIES } from './stories-road.ts';
import { START_STORIES } from './stories-start.ts';
import { STEADY_STORIES } from './stories-steady.ts';
import type { Story } from './story.ts';

export const STORIES: readonly Story[] = [
  ...ROAD_STORIES,
  ...GROWTH_STORIES,
  ...STEADY_STORIES,
  ...RISK_STORIES,
  ...START_STORIES,
  ...END_STORIES,
];
