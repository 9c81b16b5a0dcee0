/** What `show` prints of one account: stage, health, adoption, trends, plan, people. */
import type { WorkspaceConfig } from '../config.ts';
import type { Decision } from '../core/decision/decision.ts';
import type { AccountMeasures } from '../core/facts/measure-account.ts';
import type { Known } from '../core/facts/view.ts';
import { majorUnits } from '../core/records/money.ts';
import { publish } from '../core/scores/number.ts';
import { lastUseOn } from '../core/scores/people.ts';
import { type Day, formatDay } from '../core/time/calendar.ts';
import { shownInstant } from './command.ts';
import type { LookedAt } from './look-at.ts';
import { type Cell, heading, pairs, paragraph } from './table.ts';
import { bandColour, type Terminal } from './terminal.ts';

/** The decision with what it does not carry: plan, use and people. */
export function showJson(decision: Decision, m: AccountMeasures) {
  const { account } = m.view;
  return {
    ...decision,
    account: {
      name: account.name,
      segment: account.segment ?? null,
      createdOn: formatDay(m.createdOn),
      owners: account.owners ?? {},
    },
    plan: planJson(m),
    adoption: {
      score: m.adoption.score.value ?? null,
      breadth: pointsOf(m.adoption.breadth),
      depth: pointsOf(m.adoption.depth),
      frequency: pointsOf(m.adoption.frequency),
      stickiness: pointsOf(m.adoption.stickiness),
      usageDepth: m.adoption.usageDepth.value ?? null,
      monthlyActiveUsers: m.adoption.monthlyActiveUsers.value ?? null,
      activation: m.activation.score.value ?? null,
    },
    trend: {
      kind: m.trend.kind.value ?? null,
      percent: m.trend.percent.value ?? null,
      windowDays: m.trend.windowDays,
      recent: m.trend.recent,
      prior: m.trend.prior,
      cliff: m.cliff.cliff ?? null,
      plateau: m.plateau.detected ?? null,
    },
    people: m.people.persons.map((person) => ({
      contactId: person.contactId,
      name: person.name ?? null,
      roles: person.roles,
      departedOn: dateOf(person.departedOn),
      onLeave: person.onLeave,
      lastContactOn: dateOf(person.lastContactOn),
      lastUseOn: dateOf(lastUseOn(m.view, person.contactId)),
    })),
  };
}

/** A part of a score as it is published: 0-100, no decimals. */
function pointsOf({ value }: Known<number>): number | null {
  return value === undefined ? null : publish(value);
}

function planJson({ contract, seats, limits, subscriptionGap }: AccountMeasures) {
  return {
    plan: contract.planId ?? null,
    ...(subscriptionGap === undefined ? {} : { reason: subscriptionGap }),
    arr: contract.arrMinor === undefined ? null : majorUnits(contract.arrMinor, contract.currency),
    currency: contract.currency ?? null,
    seats: contract.seats ?? null,
    activeUsers: seats.active.value ?? null,
    utilisation: seats.utilisation.value ?? null,
    renewalDate: dateOf(contract.renewalDate),
    trialEndsOn: dateOf(contract.trialEndsOn),
    limits: limits.meters.map(({ meterId, unit, status, used, limit, share, daysToLimit }) => ({
      meter: meterId,
      unit,
      status,
      used: used ?? null,
      limit: limit ?? null,
      share: share ?? null,
      daysToLimit: daysToLimit ?? null,
    })),
  };
}

function dateOf(day: Day | undefined): string | null {
  return day === undefined ? null : formatDay(day);
}

export function renderShow(terminal: Terminal, looked: LookedAt, m: AccountMeasures, config: WorkspaceConfig): string {
  const { decision } = looked;
  const { account } = m.view;
  const label = account.segment === undefined ? account.name : `${account.name}, ${account.segment}`;
  const sections = [
    paragraph(
      terminal,
      `${decision.accountId}: ${label}, as of ${shownInstant(looked.asOf, config)}${looked.recorded ? '' : ' (not recorded)'}`,
    ),
    heading(terminal, 'Journey'),
    pairs(terminal, journeyLines(decision), 2),
    heading(terminal, 'Next'),
    pairs(terminal, nextLines(decision), 2),
    heading(terminal, 'Health'),
    pairs(terminal, healthLines(decision), 2),
    heading(terminal, 'Use'),
    pairs(terminal, useLines(m), 2),
    heading(terminal, 'Plan'),
    pairs(terminal, planLines(m), 2),
    heading(terminal, 'Expansion'),
    pairs(terminal, expansionLines(decision), 2),
    heading(terminal, 'People'),
    pairs(terminal, peopleLines(m), 2),
  ];
  if (decision.blocked.length > 0) {
    sections.push(
      heading(terminal, 'Held back'),
      ...decision.blocked.map((each) => paragraph(terminal, heldLine(each), 2, 2)),
    );
  }
  if (decision.handoffs.length > 0) {
    const lines = decision.handoffs.map((each): [string, Cell] => [
      each.kind,
      [`${each.state}, to ${each.owner ?? each.to}`, ...each.blockedBy.map(({ reason }) => reason)].join('; '),
    ]);
    sections.push(heading(terminal, 'Handoffs'), pairs(terminal, lines, 2));
  }
  if (decision.assumptions.length > 0) {
    sections.push(heading(terminal, 'Assumed'), ...decision.assumptions.map((text) => paragraph(terminal, text, 2, 2)));
  }
  return sections.join('');
}

function heldLine({ rule, skill, guardrail, reason, until }: Decision['blocked'][number]): string {
  return `${rule}${skill === null ? '' : ` -> ${skill}`}: ${guardrail}, ${reason}; until ${until}`;
}

function journeyLines({ journey, status, recommendation }: Decision): [string, Cell][] {
  const lines: [string, Cell][] = [
    ['stage', `${journey.currentStage} since ${journey.stageEntryDate} (${journey.daysInStage} days)`],
    ['status', status],
    ['stage health', journey.stageHealth],
    ['pace', journey.progressionVelocity],
  ];
  const pending = journey.pendingTransition;
  if (pending !== null) {
    const when = pending.earliestDate === null ? '' : `, earliest ${pending.earliestDate}`;
    lines.push([
      'moving to',
      `${pending.to}: ${pending.consistentDays} of ${pending.requiredDays} consistent days${when}`,
    ]);
  }
  const milestone = recommendation.nextMilestone;
  if (milestone !== null) {
    const missing = milestone.requirements.length === 0 ? '' : `; missing: ${milestone.requirements.join(', ')}`;
    lines.push([
      'next milestone',
      `${milestone.name}${milestone.targetDate === null ? '' : `, ${milestone.targetDate}`}${missing}`,
    ]);
  }
  return lines;
}

function nextLines({ exitState, recommendation }: Decision): [string, Cell][] {
  return [
    ['focus', exitState],
    ['why', recommendation.reasoning],
    ...recommendation.skillsToTrigger.map(({ skill, priority, context, state }): [string, Cell] => [
      priority,
      `${skill} (${state}): ${context}`,
    ]),
  ];
}

function healthLines({ health }: Decision): [string, Cell][] {
  const score = health.overallScore === null ? 'unknown' : `${health.overallScore} ${health.band ?? ''}`;
  const change =
    health.change30 === null ? '' : `, ${health.change30 > 0 ? '+' : ''}${Math.round(health.change30)} in 30 days`;
  const { coverage, confidence, daysOfData } = health.dataQuality;
  return [
    ['score', { text: `${score}${change}`, colour: bandColour(health.band) }],
    ['confidence', `${confidence}: ${Math.round(coverage * 100)}% of the weight known, ${daysOfData} days of data`],
    ...Object.entries(health.dimensions).map(([name, { score: points, reason }]): [string, Cell] => [
      name,
      points === null ? `unknown${reason === undefined ? '' : `: ${reason}`}` : String(Math.round(points)),
    ]),
    ...health.signals.map(({ severity, detail }): [string, Cell] => [severity, detail]),
  ];
}

function shown(value: Known<number>, suffix = ''): string {
  return value.value === undefined ? `unknown: ${value.reason}` : `${value.value}${suffix}`;
}

function useLines({ adoption, activation, trend, cliff, plateau }: AccountMeasures): [string, Cell][] {
  const percent =
    trend.percent.value === undefined ? '' : `, ${trend.percent.value > 0 ? '+' : ''}${trend.percent.value}%`;
  const kind = trend.kind.value === undefined ? `unknown: ${trend.kind.reason}` : trend.kind.value;
  const events = `${trend.recent} events in ${trend.windowDays} days after ${trend.prior}`;
  const lines: [string, Cell][] = [
    ['activation', shown(activation.score)],
    ['adoption', shown(adoption.score)],
    ['usage depth', shown(adoption.usageDepth)],
    ['active users', shown(adoption.monthlyActiveUsers, ' in 30 days')],
    ['trend', trend.kind.value === undefined ? kind : `${kind}${percent} (${events})`],
  ];
  if (cliff.cliff) lines.push(['cliff', `${cliff.dropPercent}% against the four weeks before`]);
  if (plateau.detected) lines.push(['plateau', 'eight flat weeks']);
  return lines;
}

function planLines({ contract, seats, limits, subscriptionGap }: AccountMeasures): [string, Cell][] {
  if (subscriptionGap !== undefined) return [['plan', `unknown: ${subscriptionGap}`]];
  if (contract.inForce.length === 0)
    return [['plan', contract.everSubscribed ? 'no subscription in force' : 'never subscribed']];
  const arr =
    contract.arrMinor === undefined ? `unknown: ${contract.arrReason ?? 'no amount given'}` : moneyText(contract);
  const licensed = contract.seats ?? 'unknown';
  const used = seats.utilisation.value === undefined ? '' : `, ${Math.round(seats.utilisation.value * 100)}% used`;
  const lines: [string, Cell][] = [
    ['plan', contract.planIds.join(', ')],
    ['ARR', arr],
    ['seats', `${licensed}${used}`],
  ];
  if (contract.renewalDate !== undefined) lines.push(['renewal', formatDay(contract.renewalDate)]);
  if (contract.trialEndsOn !== undefined) lines.push(['trial until', formatDay(contract.trialEndsOn)]);
  for (const meter of limits.meters) {
    if (meter.status !== 'limited') continue;
    const share = meter.share === undefined ? 'unknown' : `${Math.round(meter.share * 100)}%`;
    lines.push([meter.meterId, `${meter.used ?? 'unknown'} of ${meter.limit} (${share})`]);
  }
  return lines;
}

function moneyText({ arrMinor, currency }: AccountMeasures['contract']): string {
  return `${majorUnits(arrMinor!, currency)} ${currency ?? ''}`.trim();
}

function expansionLines({ expansion }: Decision): [string, Cell][] {
  const unmet = expansion.gates.filter(({ met }) => met !== true).map(({ id }) => id);
  const value = expansion.estimatedExpansionValue;
  return [
    ['readiness', expansion.readinessScore === null ? 'unknown' : String(expansion.readinessScore)],
    ['signals', expansion.signals.length === 0 ? 'none' : expansion.signals.join(', ')],
    ['gates', unmet.length === 0 ? 'all met' : `not met: ${unmet.join(', ')}`],
    ['estimated value', value === null ? 'unknown' : `${value} ${expansion.currency ?? ''} a year`],
    ...expansion.blockers.map(({ type, impact, description }): [string, Cell] => [
      'blocker',
      `${type} (${impact}): ${description}`,
    ]),
  ];
}

function peopleLines({ people }: AccountMeasures): [string, Cell][] {
  if (people.reason !== undefined) return [['contacts', `unknown: ${people.reason}`]];
  const followed = people.persons.filter(({ roles }) => roles.length > 0);
  if (followed.length === 0) return [['roles', 'no contact has a recorded role']];
  return followed.map((person): [string, Cell] => {
    const seen =
      person.lastContactOn === undefined ? 'no two-way contact' : `last contact ${formatDay(person.lastContactOn)}`;
    const left = person.departed
      ? `left${person.departedOn === undefined ? '' : ` ${formatDay(person.departedOn)}`}`
      : seen;
    return [
      person.name ?? person.contactId,
      `${person.roles.join(', ')}: ${left}${person.onLeave ? ', on leave' : ''}`,
    ];
  });
}
