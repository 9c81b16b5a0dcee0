/** What the engine must know of a skill before it runs: who it speaks to, and about what. */
import type { z } from 'zod';

export type SkillDomain = 'plg' | 'customer_success' | 'monetization' | 'custom';

export interface SkillDefinition {
  /** `domain/name` */
  name: string;
  domain: SkillDomain;
  purpose: string;
  /** At least one of its actions reaches the customer (in-app, email, call, meeting: A1). */
  customerFacing: boolean;
  /** `conversion`: moving a trial to paid; `expansion`: selling more to a customer. */
  conversation: 'none' | 'conversion' | 'expansion';
  /** Service messages about incidents or limits, which the weekly cap does not count. */
  serviceMessage: boolean;
  /** Celebrations wait out an open escalation or incident, as commercial talk does (A1). */
  celebration: boolean;
  /** What a workspace may set under `skills.<name>.parameters`: a strict object, every key with its default. */
  parameters: z.ZodObject;
}
