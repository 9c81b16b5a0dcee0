import type { FactDefinition } from '../facts/fact.ts';
import { FACTS } from '../facts/facts.ts';

export const FACT_LIST: readonly FactDefinition[] = FACTS;
export const FACT_NAMES: readonly string[] = FACTS.map((fact) => fact.name);

const INDEX = new Map<string, number>(FACT_NAMES.map((name, index) => [name, index]));

/** Index of a fact by its name, or undefined. */
export const factIndex = (name: string): number | undefined => INDEX.get(name);
