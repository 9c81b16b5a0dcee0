/**
 * Series of counts by day, made from the days on which something begins and ends. Plain lists: a typed array of more than
 * 64 bytes has memory of its own outside the heap, which costs more than a series of some hundred days.
 */

export function zeros(length: number): number[] {
  return new Array<number>(length).fill(0);
}

/** Notes the steps of +1 on [from, to); `sumUp` turns steps into levels. */
export function addRange(steps: number[], from: number, to: number): void {
  if (to <= from || from >= steps.length) return;
  steps[from]!++;
  if (to < steps.length) steps[to]!--;
}

export function sumUp(steps: number[]): void {
  for (let i = 1; i < steps.length; i++) steps[i]! += steps[i - 1]!;
}
