/** From an account's measures and its journey to what a decision is computed from: plain JSON, nothing else. */
import type { Blocker, DecisionInputs, HealthInputs, Intervention } from '../decision/inputs.ts';
import type { HandoffFacts } from '../guardrails/handoffs.ts';
import type { EdgeProgress, JourneyState } from '../journey/state.ts';
import type { CompiledPolicy } from '../policy/compiled-policy.ts';
import type { ContactRole } from '../records/record.ts';
import { DIMENSIONS } from '../scores/health.ts';
import type { FactVector } from './fact.ts';
import { factNames } from './fact-index.ts';
import type { AccountMeasures } from './measure-account.ts';

const index = factNames();

export function decisionInputs(
  m: AccountMeasures,
  state: JourneyState,
  edges: EdgeProgress[],
  facts: FactVector,
  interventions: Intervention[],
  policy: CompiledPolicy,
  change: { since30: number | null; since7: number | null },
  moved: string | null,
): DecisionInputs {
  const { view, contract, value } = m;
  return {
    accountId: view.accountId,
    asOf: view.instant,
    today: view.today,
    status: state.status,
    stage: state.stage,
    stageEnteredOn: state.stageEnteredOn,
    moved,
    edges,
    facts,
    daysOfData: view.daysOfData,
    renewalDate: contract.renewalDate ?? null,
    currency: contract.currency ?? null,
    health: healthInputs(m, change),
    expansion: {
      signals: m.organic.signals,
      blockers: m.blockers as Blocker[],
      valueFullMinor: value.fullMinor.value ?? null,
      valueHalfMinor: value.halfMinor.value ?? null,
      valueReason: value.fullMinor.reason ?? null,
      currency: value.currency ?? contract.currency ?? null,
    },
    conversation: m.conversation,
    handoff: {
      milestoneReached: m.activation.milestone.reached,
      primaryContact: facts.values[index.primary_contact_identified] as boolean | undefined,
      daysOfData: view.daysOfData,
      organicSignals: m.organic.count,
      decisionMaker: facts.values[index.decision_maker_identified] as boolean | undefined,
      budgetTiming: m.budgetTiming,
      openEscalations: m.escalation.openTickets,
      openIncidents: m.escalation.openIncidents,
      renewalDate: contract.renewalDate,
      owners: view.account.owners ?? {},
      ...requiredRoles(m, policy),
    },
    interventions,
    assumptions: m.assumptions,
    policyHash: policy.hash,
    catalogueHash: m.catalogueHash,
  };
}

/** Who is there of the roles that handoffs ask for beside those with a fact; nothing where the policy asks for none. */
function requiredRoles({ people, view }: AccountMeasures, policy: CompiledPolicy): Pick<HandoffFacts, 'roles'> {
  const asked = rolesAskedFor(policy);
  if (asked.length === 0) return {};
  const present = new Set(people.persons.filter(({ departed }) => !departed).map(({ contactId }) => contactId));
  const isHeld = (role: ContactRole) =>
    view.contacts.some(({ contactId, roles }) => present.has(contactId) && roles?.includes(role));
  const known = people.reason === undefined;
  return { roles: Object.fromEntries(asked.map((role) => [role, known ? isHeld(role) : undefined])) };
}

const askedFor = new WeakMap<CompiledPolicy, ContactRole[]>();

function rolesAskedFor(policy: CompiledPolicy): readonly ContactRole[] {
  let asked = askedFor.get(policy);
  if (asked === undefined) {
    asked = policy.handoffs.flatMap((handoff) => handoff.requiredRoles).filter((role) => !WITH_FACT.has(role));
    askedFor.set(policy, asked);
  }
  return asked;
}

const WITH_FACT: ReadonlySet<ContactRole> = new Set(['primary_contact', 'decision_maker']);

function healthInputs(m: AccountMeasures, change: { since30: number | null; since7: number | null }): HealthInputs {
  const { health, measures } = m;
  const dimensions = {} as HealthInputs['dimensions'];
  for (const name of DIMENSIONS) {
    const { score: exact, reason, parts: found } = health.dimensions[name];
    const score = exact ?? null;
    const weight = measures.health.weights[name];
    const parts = found as HealthInputs['dimensions']['adoption']['parts'];
    dimensions[name] = reason === undefined ? { score, weight, parts } : { score, weight, reason, parts };
  }
  return {
    coverage: health.coverage,
    confidence: health.confidence,
    scoreBand: health.scoreBand.value ?? null,
    dimensions,
    signals: m.signals,
    change30: change.since30,
    change7: change.since7,
  };
}
