/** `catalog.yaml` read, checked and completed. */

import { checkShape } from '../documents/check-shape.ts';
import { type DocumentProblem, sortProblems } from '../documents/problem.ts';
import { parseYamlDocument } from '../documents/yaml-document.ts';
import { toMinorUnits } from '../records/money.ts';
import { parseDay } from '../time/calendar.ts';
import type { Catalogue, Feature, Meter, Plan, Product } from './catalogue.ts';
import { type CatalogueDocument, catalogueDocumentSchema } from './catalogue-document.ts';
import { checkReferences } from './check-references.ts';
import { DEFAULT_PRODUCT, withHash } from './default-catalogue.ts';

export interface LoadCatalogueOptions {
  /** As named in problems. */
  file: string;
  /** Currency of plans that name none, ISO 4217; default USD. */
  currency?: string;
}

export type CatalogueResult =
  | { ok: true; catalogue: Catalogue; warnings: DocumentProblem[] }
  | { ok: false; problems: DocumentProblem[] };

const ACTIVATION_MILESTONE = 'first_value';

/**
 * Reads a catalogue. All problems come back at once, in the order of the text. The result holds what the text says:
 * `completeCatalogue` puts the defaults of contract.md in the place of parts it leaves out.
 */
export function loadCatalogue(text: string, { file, currency = 'USD' }: LoadCatalogueOptions): CatalogueResult {
  const parsed = parseYamlDocument(text, { file });
  if (!parsed.ok) return parsed;
  const shape = checkShape(parsed.document, catalogueDocumentSchema);
  if (!shape.ok) return shape;
  const { problems, warnings } = checkReferences(parsed.document, shape.value);
  if (problems.length > 0) return { ok: false, problems: sortProblems(problems) };
  return { ok: true, catalogue: catalogueOf(shape.value, currency), warnings: sortProblems(warnings) };
}

function catalogueOf(document: CatalogueDocument, currency: string): Catalogue {
  const declared = document.products ?? [];
  const onlyProduct = declared.length === 1 ? declared[0]!.id : DEFAULT_PRODUCT;
  const features = featuresOf(document, onlyProduct);
  const plans = (document.plans ?? []).map((plan) => planOf(plan, features, onlyProduct, currency));
  const milestones = (document.milestones ?? []).map((milestone) => present(milestone));
  return withHash({
    featuresDefaulted: features.length === 0,
    milestonesDefaulted: !milestones.some(({ id }) => id === ACTIVATION_MILESTONE),
    features,
    logins: [...new Set(document.logins ?? [])],
    setup: (document.setup ?? []).map((step) => present(step)),
    milestones,
    meters: (document.meters ?? []).map(meterOf),
    plans,
    products: productsOf(document, features, plans),
    signals: present(document.signals ?? {}),
    competitors: [...new Set(document.competitors ?? [])],
    holidays: new Set((document.holidays ?? []).map((day) => parseDay(day)!).sort((a, b) => a - b)),
  });
}

/** A feature is in the plans it names and in those that name it; named by neither, it is in every plan. */
function featuresOf(document: CatalogueDocument, onlyProduct: string): Feature[] {
  return (document.features ?? []).map((feature) => {
    const naming = (document.plans ?? []).filter((plan) => plan.features.includes(feature.id)).map(({ id }) => id);
    return present({
      ...feature,
      events: [...new Set(feature.events)],
      advanced: feature.advanced ?? !feature.core,
      product: feature.product ?? onlyProduct,
      plans: [...new Set([...feature.plans, ...naming])],
    });
  });
}

type PlanDocument = NonNullable<CatalogueDocument['plans']>[number];

function planOf(
  plan: PlanDocument,
  features: readonly Feature[],
  onlyProduct: string,
  workspaceCurrency: string,
): Plan {
  const currency = plan.currency ?? workspaceCurrency;
  const minor = (major: number | undefined) =>
    major === undefined ? undefined : toMinorUnits(String(major), currency);
  const naming = features.filter(({ plans }) => plans.includes(plan.id)).map(({ id }) => id);
  return present({
    id: plan.id,
    product: plan.product ?? onlyProduct,
    perSeatMinor: minor(plan.perSeat),
    flatMinor: minor(plan.flat),
    interval: plan.interval,
    currency,
    minSeats: plan.minSeats,
    limits: plan.limits,
    features: [...new Set([...plan.features, ...naming])],
    overage: plan.overage,
  });
}

function meterOf(meter: NonNullable<CatalogueDocument['meters']>[number]): Meter {
  return {
    id: meter.id,
    event: meter.event,
    amountProperty: meter.amount ?? null,
    unit: meter.unit ?? meter.id,
    resets: meter.resets ?? null,
  };
}

/** Products declared, then those that only features or plans name, under their id. */
function productsOf(document: CatalogueDocument, features: readonly Feature[], plans: readonly Plan[]): Product[] {
  const products = (document.products ?? []).map(({ id, name }) => ({ id, name: name ?? id }));
  for (const { product } of [...features, ...plans]) {
    if (!products.some(({ id }) => id === product)) products.push({ id: product, name: product });
  }
  return products;
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the keys whose value is undefined. */
function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Present<T>;
}
