/** What the engine must know of a skill before it runs: who it speaks to, and about what. */

export interface SkillDefinition {
  /** `domain/name` */
  name: string;
  domain: 'plg' | 'customer_success' | 'monetization';
  purpose: string;
  /** At least one of its actions reaches the customer (in-app, email, call, meeting: A1). */
  customerFacing: boolean;
  /** `conversion`: moving a trial to paid; `expansion`: selling more to a customer. */
  conversation: 'none' | 'conversion' | 'expansion';
  /** Service messages about incidents or limits, which the weekly cap does not count. */
  serviceMessage: boolean;
  /** Celebrations wait out an open escalation or incident, as commercial talk does (A1). */
  celebration: boolean;
}
