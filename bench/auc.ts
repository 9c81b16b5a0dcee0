/** How well a score ranks what happened, without a threshold: the area under the ROC curve. */

export interface Ranked {
  score: number;
  happened: boolean;
}

/**
 * Chance that a row for which it happened scores above one for which it did not, ties counting half (Mann-Whitney U over
 * the number of pairs). NaN where all rows agree.
 */
export function areaUnderCurve(rows: readonly Ranked[]): number {
  const sorted = rows.toSorted((a, b) => a.score - b.score);
  let rankSum = 0;
  let positives = 0;
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to]!.score === sorted[from]!.score) to++;
    const rank = (from + 1 + to) / 2; // equal scores share the mean of their ranks
    for (let i = from; i < to; i++) {
      if (!sorted[i]!.happened) continue;
      rankSum += rank;
      positives++;
    }
    from = to;
  }
  const pairs = positives * (rows.length - positives);
  return (rankSum - (positives * (positives + 1)) / 2) / pairs;
}
