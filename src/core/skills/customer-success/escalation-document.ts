/** The sections of the escalation coordination: Issue, Owners, Held, Updates, Release (skills.md B). */
import { countText, momentText, sentence, wholePercentText, words } from '../../document/figures.ts';
import { inert, labelled, quoted, table } from '../../document/markdown.ts';
import type { AccountRecord } from '../../records/record.ts';
import type { PastIntervention, SkillSection } from '../skill.ts';
import { ownerOf, ownerText } from '../skill-result.ts';
import type { Coordination } from './escalation-coordination.ts';

export interface EscalationWords {
  account: AccountRecord;
  cooldownDays: number;
  held: readonly PastIntervention[];
}

export function escalationSections(result: Coordination, words_: EscalationWords): SkillSection[] {
  const sections = [
    { title: 'Issue', body: issueText(result) },
    { title: 'Owners', body: owners(result, words_) },
    { title: 'Held', body: heldText(result, words_) },
    { title: 'Updates', body: updates(result) },
    { title: 'Release', body: release(result, words_) },
  ];
  if (result.freeze.active === true) return sections;
  return sections.filter(({ title }) => title === 'Issue' || title === 'Release');
}

function issueText({ issues, closed, freeze }: Coordination): string {
  if (issues.length > 0) {
    return table(
      ['Issue', 'Severity', 'Opened', 'Respond by', 'Resolve by', 'Elapsed', 'Subject'],
      issues.map((issue) => [
        inert(issue.id),
        issue.severity === null ? 'not classified' : sentence(issue.severity),
        momentText(issue.openedAt),
        momentText(issue.respondBy ?? 'unknown'),
        momentText(issue.resolveBy ?? 'unknown'),
        issue.elapsedShare === null ? 'unknown' : `${wholePercentText(issue.elapsedShare)}, ${words(issue.slaState!)}`,
        issue.subject === null ? '-' : quoted(issue.subject),
      ]),
      [5],
    );
  }
  if (freeze.active === null) return 'Unknown: tickets are not known.';
  if (closed.length === 0) return 'No escalated ticket and no P1 or P2 incident is open.';
  const list = closed.map(({ id, severity, closedOn }) => {
    return `${inert(id)} (${severity ?? 'not classified'}) closed on ${closedOn}`;
  });
  return `Nothing is open; ${list.join('; ')}.`;
}

function owners({ slaState }: Coordination, { account }: EscalationWords): string {
  const named = (role: 'csm' | 'support' | 'csManager') => inert(ownerText(ownerOf(role, account)));
  const lines = [labelled('Towards the customer', named('csm')), labelled('Resolution', named('support'))];
  if (slaState === 'at_risk' || slaState === 'breached') lines.push(labelled('Informed', named('csManager')));
  return lines.join('\n');
}

function heldText({ freeze }: Coordination, { held }: EscalationWords): string {
  const names = held.map(({ skill }) => words(skill.slice(skill.indexOf('/') + 1)));
  const times = (name: string) => names.filter((other) => other === name).length;
  const list = [...new Set(names)]
    .map((name) => `${inert(name)}${times(name) > 1 ? ` (${times(name)})` : ''}`)
    .join(', ');
  const count = freeze.heldActionIds.length;
  return [
    labelled(
      'Commercial and celebration',
      count === 0 ? 'nothing is queued' : `${countText(count, 'intervention')}: ${list}`,
    ),
    labelled('Handoffs', 'blocked until everything is closed'),
  ].join('\n');
}

function updates({ nextUpdateBy }: Coordination): string {
  return [
    labelled('Next update', `by ${momentText(nextUpdateBy ?? 'unknown')}, also if there is nothing new`),
    labelled('Not to be said', 'a time by which it will be fixed; a credit or other goodwill that nobody approved'),
  ].join('\n');
}

function release({ freeze, upgradeEligibleFrom, issues }: Coordination, { cooldownDays }: EscalationWords): string {
  if (freeze.active === true) {
    return [
      labelled('Released', 'when every issue above is closed'),
      labelled(
        'Upgrades',
        issues.some(({ kind }) => kind === 'ticket')
          ? `from ${cooldownDays + 1} days after the closing day of the escalated ticket on`
          : 'when the incident is closed',
      ),
      labelled(
        'After closure',
        'CSM asks for CSAT in 2 business days; support writes the post-mortem of a critical or high issue in 5',
      ),
    ].join('\n');
  }
  if (freeze.active === null) return 'Unknown.';
  const upgrades =
    upgradeEligibleFrom === null ? 'no escalation closed that holds them' : `from ${upgradeEligibleFrom} on`;
  return [labelled('Released', 'nothing is held'), labelled('Upgrades', upgrades)].join('\n');
}
