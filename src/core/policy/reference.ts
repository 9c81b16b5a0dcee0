/** The expression library's own interpreter over known facts: what the compiled conditions are checked and measured against. */
import { Environment } from '@marcbachmann/cel-js';
import type { FactValue, FactVector } from '../facts/fact.ts';
import { FACT_LIST } from './fact-lookup.ts';

export type ReferenceContext = Record<string, FactValue | bigint>;
/** Evaluates on a context; undefined where the library reports an error, such as a division by zero. */
export type Reference = (context: ReferenceContext) => FactValue | undefined;

/**
 * Facts as the library takes them: whole numbers as BigInt, unknown facts left out. `known(fact)` has no counterpart among
 * the library's values, so it reads a variable `known_<fact>` there.
 */
export function referenceContext(facts: FactVector): ReferenceContext {
  const context: ReferenceContext = {};
  for (const [i, { name, type }] of FACT_LIST.entries()) {
    const value = facts.values[i];
    context[`known_${name}`] = value !== undefined;
    if (value !== undefined) context[name] = type === 'int' ? BigInt(value as number) : value;
  }
  return context;
}

/** Compiles `source` with the library; `typed` declares every fact's type, else the library decides by value. */
export function reference(source: string, typed = false): Reference {
  const environment = new Environment();
  for (const { name, type } of FACT_LIST) {
    environment.registerVariable(name, typed ? type : 'dyn');
    environment.registerVariable(`known_${name}`, 'bool');
  }
  const evaluate = environment.parse(source.replaceAll(/\bknown\((\w+)\)/g, 'known_$1'));
  return (context) => {
    try {
      const value: unknown = evaluate(context);
      return typeof value === 'bigint' ? Number(value) : (value as FactValue);
    } catch {
      return undefined;
    }
  };
}
