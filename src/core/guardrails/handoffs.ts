/** Handoffs between teams: when each applies, its checklist, and what still blocks it (journey.md sections 4, 5). */

import type { GuardrailId, GuardrailPolicy, HandoffKind, HandoffPolicy, Truth } from '../policy/policy.ts';
import type { ContactRole } from '../records/record.ts';
import { type Day, formatDay } from '../time/calendar.ts';

export interface ChecklistItem {
  id: string;
  met: Truth;
  detail: string;
}

export interface Handoff {
  kind: HandoffKind;
  to: string;
  /** Owner on the receiving side; null: the role is not filled. */
  owner: string | null;
  state: 'blocked' | 'ready';
  acceptWithinWorkingHours: number;
  checklist: ChecklistItem[];
  blockedBy: { guardrail: GuardrailId; reason: string; until: string }[];
}

export interface HandoffFacts {
  milestoneReached: Truth;
  primaryContact: Truth;
  daysOfData: number;
  organicSignals: number;
  decisionMaker: Truth;
  /** Further roles that the policy requires: is somebody present who holds it? */
  roles?: Partial<Record<ContactRole, Truth>>;
  /** Text of the latest `budget_timing:` tag. */
  budgetTiming: string | undefined;
  openEscalations: string[];
  openIncidents: string[];
  renewalDate: Day | undefined;
  owners: Partial<Record<string, string>>;
}

const said = (met: Truth, yes: string, no: string, unknown: string): string =>
  met === undefined ? unknown : met ? yes : no;

function checklistOf(
  kind: HandoffKind,
  f: HandoffFacts,
  g: GuardrailPolicy,
): { guardrail: GuardrailId; items: ChecklistItem[] } {
  if (kind === 'plg_to_cs') {
    return {
      guardrail: 'handoff.cs',
      items: [
        {
          id: 'activation_milestone_reached',
          met: f.milestoneReached,
          detail: said(
            f.milestoneReached,
            'activation milestone reached',
            'activation milestone not reached',
            'activation milestone unknown',
          ),
        },
        {
          id: 'primary_contact_identified',
          met: f.primaryContact,
          detail: said(
            f.primaryContact,
            'primary contact in touch',
            'no primary contact in touch',
            'primary contact unknown: no contacts',
          ),
        },
        {
          id: 'usage_baseline',
          met: f.daysOfData >= g.usageBaselineDays,
          detail: `${f.daysOfData} days of data, needs ${g.usageBaselineDays}`,
        },
      ],
    };
  }
  if (kind === 'cs_to_sales') {
    return {
      guardrail: 'handoff.sales',
      items: [
        {
          id: 'organic_signals',
          met: f.organicSignals >= g.handoffSignals,
          detail: `${f.organicSignals} organic signals, needs ${g.handoffSignals}`,
        },
        {
          id: 'decision_maker_identified',
          met: f.decisionMaker,
          detail: said(
            f.decisionMaker,
            'decision maker in touch',
            'no decision maker in touch',
            'decision maker unknown: no contacts',
          ),
        },
        {
          id: 'budget_timing_known',
          met: f.budgetTiming !== undefined,
          detail: f.budgetTiming === undefined ? 'no note carries budget_timing' : `budget timing ${f.budgetTiming}`,
        },
      ],
    };
  }
  return {
    guardrail: 'handoff.no_incident',
    items: [
      {
        id: 'renewal_date_known',
        met: f.renewalDate !== undefined,
        detail: f.renewalDate === undefined ? 'no renewal date' : `renewal on ${formatDay(f.renewalDate)}`,
      },
    ],
  };
}

/** The roles that the policy asks for beside what the guardrail asks for anyway. */
function roleItems({ requiredRoles }: HandoffPolicy, facts: HandoffFacts, asked: readonly ChecklistItem[]) {
  const { primaryContact, decisionMaker, roles } = facts;
  const present = { ...roles, primary_contact: primaryContact, decision_maker: decisionMaker };
  return [...new Set(requiredRoles)].flatMap((role): ChecklistItem[] => {
    const id = `${role}_identified`;
    if (asked.some((item) => item.id === id)) return [];
    const met = present[role];
    const name = role.replaceAll('_', ' ');
    return [{ id, met, detail: said(met, `${name} recorded`, `no ${name} recorded`, `${name} unknown: no contacts`) }];
  });
}

/** One handoff as it stands; `ready` only with a full checklist and no open escalation or P1/P2 incident. */
export function handoffOf(policy: HandoffPolicy, facts: HandoffFacts, guardrails: GuardrailPolicy): Handoff {
  const { guardrail, items: always } = checklistOf(policy.kind, facts, guardrails);
  const items = [...always, ...roleItems(policy, facts, always)];
  const blockedBy: Handoff['blockedBy'] = [];
  const missing = items.filter((item) => item.met !== true);
  if (missing.length > 0) {
    blockedBy.push({
      guardrail,
      reason: missing.map((item) => item.detail).join('; '),
      until: missing.map((item) => item.id).join(', '),
    });
  }
  const open = [...facts.openEscalations, ...facts.openIncidents];
  if (open.length > 0) {
    blockedBy.push({ guardrail: 'handoff.no_incident', reason: `${open.join(', ')} is open`, until: 'open_incident' });
  }
  return {
    kind: policy.kind,
    to: policy.to,
    owner: facts.owners[policy.to] ?? null,
    state: blockedBy.length === 0 ? 'ready' : 'blocked',
    acceptWithinWorkingHours: policy.acceptWithinWorkingHours,
    checklist: items,
    blockedBy,
  };
}
