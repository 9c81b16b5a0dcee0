import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkShape } from './check-shape.ts';
import { nearestName } from './near-name.ts';
import { formatProblem } from './problem.ts';
import { parseYamlDocument } from './yaml-document.ts';

function problemsOf(text: string, schema: z.ZodType = z.unknown()): string[] {
  const parsed = parseYamlDocument(text, { file: 'x.yaml' });
  if (!parsed.ok) return parsed.problems.map(formatProblem);
  const shape = checkShape(parsed.document, schema);
  return shape.ok ? [] : shape.problems.map(formatProblem);
}

describe('the nearest name', () => {
  test('forgives one slip in three characters, letter case and separators', () => {
    const names = ['activation_score', 'setup_completion', 'day'];
    expect(nearestName('activationscore', names)).toBe('activation_score');
    expect(nearestName('Setup-Completion', names)).toBe('setup_completion');
    expect(nearestName('dya', names)).toBe('day');
  });

  test('is none for a name that resembles nothing', () => {
    expect(nearestName('revenue', ['day', 'events'])).toBeUndefined();
    expect(nearestName('a', ['b'])).toBeUndefined();
    expect(nearestName('', ['b'])).toBeUndefined();
    expect(nearestName('x'.repeat(5_000), ['x'.repeat(5_001)])).toBeUndefined();
  });
});

describe('a YAML document', () => {
  test('that cannot be read says where', () => {
    expect(problemsOf('a: [1, 2\nb: 3')[0]).toMatch(/^x\.yaml:\d+:\d+: not valid YAML/);
    expect(problemsOf('a: 1\nb: 2\na: 3')).toEqual(['x.yaml:3:1: this key is given twice in the same map']);
    expect(problemsOf('a: 1\n---\nb: 1')).toEqual(['x.yaml:2:1: the file holds more than one YAML document']);
    expect(problemsOf('\u0000\u0001')).toEqual(['x.yaml:1:1: the file is not text']);
  });

  test('that is made to exhaust the reader is refused', () => {
    expect(problemsOf('['.repeat(20_000)).length).toBeGreaterThan(0);
    expect(problemsOf(`${'['.repeat(200)}${']'.repeat(200)}`)).toEqual([
      'x.yaml:1:1: the document is nested deeper than 100 levels',
    ]);
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let i = 0; i < 8; i++) bomb.push(`${'bcdefghi'[i]}: &${'bcdefghi'[i]} [${`*${'abcdefgh'[i]}, `.repeat(9)}]`);
    expect(problemsOf(bomb.join('\n'))).toHaveLength(1);
    expect(problemsOf(`a: ${'x'.repeat(2_000_001)}`)).toHaveLength(1);
  });

  test('keeps a prototype key an ordinary, unknown key', () => {
    expect(problemsOf('__proto__: { polluted: true }', z.strictObject({ a: z.number().optional() }))).toEqual([
      'x.yaml:1:1: unknown key "__proto__"',
    ]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('a shape check', () => {
  const schema = z.strictObject({
    name: z.string().min(2).optional(),
    size: z.union([z.literal('all'), z.array(z.enum(['small', 'large']))]).optional(),
    parts: z.record(z.string(), z.strictObject({ weight: z.number().int().max(5) })).optional(),
  });

  test.each([
    ['name: x', 'x.yaml:1:7: "name" must be at least 2 characters long, not "x"'],
    ['name: [x]', 'x.yaml:1:7: "name" must be text, not a list'],
    ['name:', 'x.yaml:1:6: "name" must be text, not empty'],
    ['size: [smal]', 'x.yaml:1:8: entry 1 of "size" must be one of small, large, not "smal"; did you mean "small"?'],
    ['size: 3', 'x.yaml:1:7: "size" must be "all", or a list'],
    ['parts: { a: { wieght: 1, weight: 9 } }', 'x.yaml:1:15: unknown key "wieght" in parts.a; did you mean "weight"?'],
    ['- a', 'x.yaml:1:1: the document must be a map, not a list'],
  ])('says of %j what must stand there', (text, message) => {
    expect(problemsOf(text, schema)).toContain(message);
  });
});
