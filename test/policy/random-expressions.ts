/** Random expressions and fact vectors for the property tests of this folder. */
import fc from 'fast-check';
import type { FactDefinition, FactType, FactValue, FactVector } from '../../src/core/facts/fact.ts';
import { FACT_LIST } from '../../src/core/policy/fact-lookup.ts';

const ofType = (type: FactType): string[] => FACT_LIST.filter((fact) => fact.type === type).map(({ name }) => name);

const boolFact = fc.constantFrom(...ofType('bool'));
const intFact = fc.constantFrom(...ofType('int'));
const doubleFact = fc.constantFrom(...ofType('double'));
const textFact = fc.constantFrom(...FACT_LIST.filter((fact) => fact.type === 'string'));
const intLiteral = fc.integer({ min: -5, max: 130 }).map(String);
const doubleLiteral = fc.integer({ min: -500, max: 13_000 }).map((n) => (n / 100).toFixed(2));
const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((texts) => texts.join(' '));

/** Comparisons of one fact with plain values, and facts that are true or false. */
const simpleAtom: fc.Arbitrary<string> = fc.oneof(
  boolFact,
  joined(boolFact, fc.constantFrom('== true', '== false', '!= true')),
  joined(intFact, operator, intLiteral),
  joined(intLiteral, operator, intFact),
  joined(intFact, fc.constantFrom('<', '<=', '>', '>='), doubleLiteral),
  joined(doubleFact, operator, doubleLiteral),
  textFact.chain((fact) => fc.constantFrom(...fact.values!).map((value) => `${fact.name} != "${value}"`)),
  textFact.chain((fact) =>
    fc.subarray([...fact.values!], { minLength: 1 }).map((values) => `${fact.name} in ${JSON.stringify(values)}`),
  ),
  fc
    .tuple(intFact, fc.array(intLiteral, { minLength: 1, maxLength: 4 }))
    .map(([fact, items]) => `${fact} in [${items.join(', ')}]`),
);

const intTerm = fc.oneof(
  intFact,
  joined(intFact, fc.constantFrom('+', '-', '*'), intFact),
  joined(intFact, fc.constant('/'), fc.integer({ min: 1, max: 9 }).map(String)),
  intFact.map((fact) => `-${fact}`),
);
const doubleTerm = fc.oneof(
  doubleFact,
  joined(doubleFact, fc.constantFrom('+', '-', '*'), doubleLiteral),
  intFact.map((fact) => `double(${fact}) / 100.0`),
);
const atom = fc.oneof(
  simpleAtom,
  joined(intTerm, operator, intTerm),
  joined(doubleTerm, operator, doubleTerm),
  joined(intTerm, fc.constantFrom('<', '>='), doubleTerm),
);

/** `atoms` joined by `&&`, `||`, `!` and, if wanted, `? :`, a few levels deep. */
function conditionOf(atoms: fc.Arbitrary<string>, options: { choices: boolean }): fc.Arbitrary<string> {
  const { condition } = fc.letrec<{ condition: string }>((tie) => {
    const part = tie('condition').map((text) => `(${text})`);
    const ways = [
      { arbitrary: atoms, weight: 3 },
      { arbitrary: fc.tuple(part, part).map(([a, b]) => `${a} && ${b}`), weight: 3 },
      { arbitrary: fc.tuple(part, part, atoms).map(([a, b, c]) => `${a} || ${b} || ${c}`), weight: 2 },
      { arbitrary: part.map((text) => `!${text}`), weight: 1 },
      ...(options.choices
        ? [{ arbitrary: fc.tuple(part, part, part).map(([a, b, c]) => `${a} ? ${b} : ${c}`), weight: 1 }]
        : []),
    ];
    return { condition: fc.oneof({ maxDepth: 4, depthSize: 'small' }, ...ways) };
  });
  return condition;
}

export const randomCondition = conditionOf(atom, { choices: true });
export const randomConditionWithoutChoice = conditionOf(atom, { choices: false });
export const simpleCondition = conditionOf(simpleAtom, { choices: true });

function anyValueOf(fact: FactDefinition): fc.Arbitrary<FactValue> {
  switch (fact.type) {
    case 'bool':
      return fc.boolean();
    case 'int':
      return fc.integer({ min: -5, max: 130 });
    case 'double':
      return fc.integer({ min: -500, max: 13_000 }).map((n) => n / 100);
    case 'string':
      return fc.constantFrom(...fact.values!);
  }
}

const values = fc.tuple(...FACT_LIST.map(anyValueOf));

/** A vector in which every fact is known. */
export const knownFacts: fc.Arbitrary<FactVector> = values.map((all) => ({
  values: all,
  reasons: all.map(() => undefined),
}));

/** A vector, and the same vector with some facts made unknown. */
export const partlyKnownFacts: fc.Arbitrary<{ complete: FactVector; partial: FactVector }> = fc
  .tuple(
    knownFacts,
    fc.array(fc.integer({ min: 0, max: 99 }), { minLength: FACT_LIST.length, maxLength: FACT_LIST.length }),
  )
  .map(([complete, chances]) => ({
    complete,
    partial: {
      values: complete.values.map((value, i) => (chances[i]! < 40 ? undefined : value)),
      reasons: complete.values.map((_, i) => (chances[i]! < 40 ? 'not imported' : undefined)),
    },
  }));
