/** Ids of the sample, made from the stories' own. */
import type { Story } from './story.ts';

export function contactId(story: Story, index: number): string {
  return `c_${story.id}_${index + 1}`;
}

export function accountId(story: Story): string {
  return `acc_${story.id}`;
}
