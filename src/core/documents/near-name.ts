/** Suggestions for misspelt names. */

const LONGEST_NAME = 80; // longer names are no typing mistakes, and the cost is quadratic

/**
 * The candidate a person most likely meant by `name`, or undefined when none is near. Near: at most one edit (insertion,
 * deletion, replacement, swap of neighbours) per three characters, letter case and `-`/`_`/` ` not counted. Ties go to
 * the candidate that comes first.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = normalise(name);
  if (wanted === '' || wanted.length > LONGEST_NAME) return undefined;
  const furthest = Math.max(1, Math.floor(wanted.length / 3));
  let nearest: string | undefined;
  let nearestDistance = furthest + 1;
  for (const candidate of candidates) {
    const given = normalise(candidate);
    if (candidate === name || Math.abs(given.length - wanted.length) >= nearestDistance) continue;
    const distance = editDistance(wanted, given);
    if (distance < nearestDistance && distance < given.length) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  return nearest;
}

function normalise(name: string): string {
  return name.toLowerCase().replaceAll(/[-\s]/g, '_');
}

/** Optimal string alignment distance. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = last[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      let best = Math.min(last[column]! + 1, current[column - 1]! + 1, replaced);
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) best = Math.min(best, beforeLast[column - 2]! + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}
