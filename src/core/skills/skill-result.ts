/** What every skill gives back (skills.md A1), and who is to act. */
import { hash } from 'node:crypto';
import type { AccountRecord, OwnerRole } from '../records/record.ts';
import type { Confidence } from '../scores/health.ts';
import { type Day, formatDay } from '../time/calendar.ts';

export type SkillStatus = 'ok' | 'partial' | 'insufficient_data' | 'refused';
export type Channel = 'in_app' | 'email' | 'call' | 'meeting' | 'task' | 'alert';

export interface SkillAction {
  id: string;
  title: string;
  ownerRole: OwnerRole;
  /** Who that is; null: nobody is named for the role. */
  owner: string | null;
  dueDate: string;
  channel: Channel;
  customerFacing: boolean;
  /** Ids of the records it rests on. */
  evidence: string[];
  /** Guardrails that hold it now. */
  heldBy: string[];
}

export interface SkillResult<Result> {
  skill: string;
  accountId: string;
  today: string;
  status: SkillStatus;
  reasons: string[];
  dataGaps: { fact: string; reason: string }[];
  confidence: Confidence;
  result: Result;
  actions: SkillAction[];
  markdown: string;
}

/** A role of ours and the person who holds it for an account. */
export interface Owner {
  role: OwnerRole;
  name: string | null;
  /** Where nobody holds the role: the CS manager, who answers for empty roles (A1). */
  standIn: string | null;
}

export function ownerOf(role: OwnerRole, { owners }: Pick<AccountRecord, 'owners'>): Owner {
  const name = nameIn(owners, role);
  return { role, name, standIn: name === null && role !== 'csManager' ? nameIn(owners, 'csManager') : null };
}

function nameIn(owners: AccountRecord['owners'], role: OwnerRole): string | null {
  const name = owners?.[role]?.trim();
  return name === undefined || name === '' ? null : name;
}

export const ROLE_TITLES: Record<OwnerRole, string> = {
  growth: 'Growth',
  onboarding: 'Onboarding',
  csm: 'CSM',
  csManager: 'CS manager',
  ae: 'AE',
  support: 'Support',
  finance: 'Finance',
  exec: 'Executive',
};

/** `Dana Reyes (CSM)`; a role without a person is named as such. */
export function ownerText({ role, name, standIn }: Owner): string {
  const title = ROLE_TITLES[role];
  if (name !== null) return `${name} (${title})`;
  return standIn === null ? `${title}, nobody named` : `${title}, nobody named; ${standIn} (CS manager) stands in`;
}

export const CUSTOMER_CHANNELS: ReadonlySet<Channel> = new Set(['in_app', 'email', 'call', 'meeting']);

/** What an action talks about, which decides what holds it (A1 Holds). */
export type ActionSubject = 'ordinary' | 'celebration' | 'conversion' | 'expansion' | 'service' | 'handoff';

export interface ActionDraft {
  /** Tells the skill's actions apart; the same key on the same day is the same action. */
  key: string;
  title: string;
  role: OwnerRole;
  due: Day;
  channel: Channel;
  /** Ids of records. */
  evidence: string[];
  /** Default: ordinary. */
  subject?: ActionSubject;
}

/** The id is a hash of skill, account, key and day, so that a rerun on the same day makes the same action. */
export function actionOf(
  skill: string,
  account: AccountRecord,
  today: Day,
  { key, title, role, due, channel, evidence }: ActionDraft,
  heldBy: string[] = quietHold(account, today, channel),
): SkillAction {
  const id = hash('sha256', [skill, account.accountId, key, formatDay(today)].join('\n')).slice(0, 20);
  return {
    id: `act_${id}`,
    title,
    ownerRole: role,
    owner: ownerOf(role, account).name,
    dueDate: formatDay(due),
    channel,
    customerFacing: CUSTOMER_CHANNELS.has(channel),
    evidence,
    heldBy,
  };
}

function quietHold({ quietUntil }: AccountRecord, today: Day, channel: Channel): string[] {
  return CUSTOMER_CHANNELS.has(channel) && quietUntil !== undefined && today < quietUntil ? ['capacity.quiet'] : [];
}
