/** What must hold between the numbers of `measures`. */
import type { Measures } from './measures.ts';
import type { PolicySource } from './policy-source.ts';

/** Weights are written as decimals; their sum may miss its target by the error of adding them. */
const TOLERANCE = 1e-9;

export function checkMeasures(measures: Measures, source: PolicySource): void {
  const { health, onboarding, risk, readiness, trend } = measures;
  const sums: [path: string, total: number, parts: Record<string, number>][] = [
    ['health.weights', 1, health.weights],
    ['health.engagement', 1, pick(health.engagement, ['regularity', 'trend', 'meetings', 'support'])],
    ['health.relationship', 1, pick(health.relationship, ['survey', 'sponsor', 'champion'])],
    ['health.commercial', 1, pick(health.commercial, ['payment', 'term'])],
    ['onboarding', 1, pick(onboarding, ['milestones', 'engagement', 'technical', 'users'])],
    ['risk', 1, pick(risk, ['maximumWeight', 'meanWeight'])],
    [
      'readiness',
      100,
      {
        ...pick(readiness, ['usage', 'engagement', 'sentiment']),
        'signal x signalsCounted': readiness.signal * readiness.signalsCounted,
      },
    ],
  ];
  for (const [path, total, parts] of sums) {
    const sum = Object.values(parts).reduce((a, b) => a + b, 0);
    if (Math.abs(sum - total) <= TOLERANCE) continue;
    const names = Object.keys(parts).join(' + ');
    source.report(
      pathOf(path),
      'weights_sum',
      `measures.${path}: ${names} is ${Number(sum.toFixed(6))}; it must be ${total}`,
    );
  }
  const falling: [path: string, values: [name: string, value: number][]][] = [
    ['health.bands', entries(health.bands, ['healthy', 'neutral', 'at_risk'])],
    ['onboarding', entries(onboarding, ['healthy', 'watch', 'atRisk'])],
    ['risk', entries(risk, ['low', 'medium', 'high', 'critical'])],
    ['health.confidence', entries(health.confidence, ['highCoverage', 'mediumCoverage'])],
    ['health.confidence', entries(health.confidence, ['highDays', 'mediumDays'])],
    ['health.commercial.termSteps', health.commercial.termSteps.map(([days], i) => [`step ${i + 1}`, days])],
    [
      'onboarding.phaseEnds',
      onboarding.phaseEnds.map((day, i): [string, number] => [`phase ${i + 1}`, day]).toReversed(),
    ],
    ['trend', entries(trend, ['growing', 'declining'])],
    ['trend.cliff', entries(trend.cliff, ['dip', 'drop'])],
    ['trend.plateau', entries(trend.plateau, ['adoptionTo', 'adoptionFrom'])],
  ];
  for (const [path, values] of falling) {
    const wrong = values.findIndex(([, value], i) => i > 0 && value >= values[i - 1]![1]);
    if (wrong === -1) continue;
    const [higher, lower] = [values[wrong - 1]!, values[wrong]!];
    const message = `measures.${path}: ${higher[0]} (${higher[1]}) must be above ${lower[0]} (${lower[1]})`;
    source.report(pathOf(path), 'wrong_order', message);
  }
}

const pathOf = (path: string): string[] => ['measures', ...path.split('.')];

function pick<K extends string>(from: Record<K, unknown>, names: readonly K[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, from[name] as number]));
}

function entries<K extends string>(from: Record<K, unknown>, names: readonly K[]): [string, number][] {
  return names.map((name) => [name, from[name] as number]);
}
