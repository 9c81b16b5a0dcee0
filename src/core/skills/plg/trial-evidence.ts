/**
 * What the records say of a trial that ends (plg/trial_extension_evaluator).
 *
 * Choices where the spec is silent. The reason is that of the latest note of the trial tagged `extension_request:<reason>`,
 * or the property `extensionReason` of the trial's subscription; without either the evaluation is proactive. Abuse is a
 * property `trialAbuse` of the account or the subscription, or a note tagged `trial_abuse`; sales flag a trial by
 * `salesFlagged` or `sales_flagged` alike. Only P1 and P2 incidents of the trial's days count. The ideal customer is the
 * account's property `icp` where a person set it, else the segments and industries the policy states; size is the number
 * of employees within the policy's bounds. Where only one of ICP and size is known, it stands for both (mean* of A1).
 */
import { type AccountView, kindGap } from '../../facts/view.ts';
import { activeDaysIn } from '../../history/windows.ts';
import type { SubscriptionRecord } from '../../records/record.ts';
import { trialEnd } from '../../records/trial-end.ts';
import { part, weightedMean } from '../../scores/number.ts';
import { TRIAL_SIGNALS } from '../../scores/trial-signals.ts';
import { type Day, isBusinessDay } from '../../time/calendar.ts';
import type { SkillContext } from '../skill.ts';
import type { ExtensionCase, TrialExtensionParameters } from './trial-extension.ts';

export interface TrialEvidence extends Omit<ExtensionCase, 'trials'> {
  startedOn: Day;
  /** First and last day counted; business days among them, and days with a value event. */
  businessDays: number;
  activeDays: number;
  /** As recorded; undefined: proactive. */
  statedReason: string | undefined;
  salesFlagged: boolean;
  isActivated: boolean | undefined;
  gaps: { fact: string; reason: string }[];
  /** Ids of the records it rests on. */
  evidence: string[];
}

type Found = { ok: true; trial: TrialEvidence } | { ok: false; fact: string; reason: string };
type Context = SkillContext<TrialExtensionParameters>;

const FULL_REASONS = ['technical_issue', 'holiday', 'procurement', 'security_review'];
const KNOWN_SHARE = 0.5; // mean* of A1

/** Required: trial dates, extensions (both of the subscription) and value events. */
export function trialEvidence(context: Context): Found {
  const { measured, workspace, parameters: p } = context;
  const { view, contract, subscriptionGap } = measured;
  if (subscriptionGap !== undefined) return { ok: false, fact: 'trial dates', reason: subscriptionGap };
  const trials = contract.inForce.filter((each) => each.status === 'trialing');
  const leading = trials.find((each) => trialEnd(each, view.today) === contract.trialEndsOn);
  if (leading === undefined || contract.trialEndsOn === undefined) {
    const reason = `subscription ${trials[0]?.subscriptionId ?? ''} names no trialEndsAt`;
    return { ok: false, fact: 'trial dates', reason };
  }
  if (view.usageGap !== undefined) return { ok: false, fact: 'value events', reason: view.usageGap };
  const startedOn = workspace.clock.dayOf(leading.startedAt);
  const businessDays = businessDaysIn(startedOn, view.lastDay, workspace.catalogue.holidays);
  if (businessDays === 0) {
    return { ok: false, fact: 'value events', reason: 'no complete business day of the trial yet' };
  }
  const activeDays = activeDaysIn(view.history, startedOn, view.lastDay);
  const granted = (leading.extensions ?? []).filter((each) => (each.grantedAt ?? view.today) <= view.today);
  const request = statedReason(leading, startedOn, context);
  const incidents = trialIncidents(startedOn, context);
  const fit = fitOf(view, p);
  const conversion = conversionOf(context);
  const gaps = [conversion.gap, fit.gap, incidentGap(context)].filter((gap) => gap !== undefined);
  return {
    ok: true,
    trial: {
      engagement: 100 * Math.min(1, activeDays / (p.activeShare * businessDays)),
      conversion: conversion.points,
      fit: fit.points,
      reason: request.reason === undefined ? undefined : FULL_REASONS.includes(request.reason) ? 100 : 50,
      pastExtensions: granted.length,
      pastExtensionDays: granted.reduce((sum, each) => sum + each.days, 0),
      trialEnd: contract.trialEndsOn,
      abuse: isFlagged(leading, startedOn, context, 'trialAbuse', 'trial_abuse'),
      incident: incidents.length > 0,
      hasValueEvent: activeDays > 0,
      startedOn,
      businessDays,
      activeDays,
      statedReason: request.reason,
      salesFlagged: isFlagged(leading, startedOn, context, 'salesFlagged', 'sales_flagged'),
      isActivated: measured.activation.milestone.reached,
      gaps,
      evidence: [leading.subscriptionId, ...incidents, ...(request.noteId === undefined ? [] : [request.noteId])],
    },
  };
}

function businessDaysIn(from: Day, to: Day, holidays: ReadonlySet<Day>): number {
  let count = 0;
  for (let day = from; day <= to; day++) if (isBusinessDay(day, holidays)) count++;
  return count;
}

/** 25 points a signal where all four have a source; the silent ones are left out, below half of them it is unknown. */
function conversionOf({ measured: { trial } }: Context) {
  const parts = Object.fromEntries(
    TRIAL_SIGNALS.map((name) => {
      const seen = trial.signals[name];
      return [name, part(seen === undefined ? undefined : seen ? 100 : 0, 1)];
    }),
  );
  const { score } = weightedMean(parts, KNOWN_SHARE);
  const silent = TRIAL_SIGNALS.filter((name) => trial.signals[name] === undefined);
  const reason = `no source in catalog.yaml or limits says: ${silent.join(', ')}`;
  return { points: score, gap: silent.length === 0 ? undefined : { fact: 'conversion signals', reason } };
}

function fitOf({ account }: AccountView, p: TrialExtensionParameters) {
  const icp = idealCustomer(account, p);
  const { employees } = account;
  const isSized = p.minimumEmployees !== null || p.maximumEmployees !== null;
  const isInside =
    employees === undefined || !isSized
      ? undefined
      : employees >= (p.minimumEmployees ?? 0) && employees <= (p.maximumEmployees ?? Number.POSITIVE_INFINITY);
  const points = (met: boolean | undefined) => (met === undefined ? undefined : met ? 100 : 0);
  const { score } = weightedMean({ icp: part(points(icp), 1), size: part(points(isInside), 1) }, KNOWN_SHARE);
  const missing: string[] = [];
  if (icp === undefined) {
    const isStated = p.icpSegments.length + p.icpIndustries.length > 0;
    missing.push(isStated ? 'the account names no segment or industry' : 'no ideal customer is stated in the policy');
  }
  if (isInside === undefined) {
    missing.push(isSized ? 'the account names no employees' : 'no company size is stated in the policy');
  }
  return {
    points: score,
    gap: missing.length === 0 ? undefined : { fact: 'firmographics', reason: missing.join('; ') },
  };
}

/** Every stated list must hold the account's word; what the account does not name is unknown. */
function idealCustomer(account: AccountView['account'], p: TrialExtensionParameters): boolean | undefined {
  if (typeof account.properties?.icp === 'boolean') return account.properties.icp;
  const lists = [
    { stated: p.icpSegments, value: account.segment },
    { stated: p.icpIndustries, value: account.industry },
  ].filter(({ stated }) => stated.length > 0);
  const met = lists.map(({ stated, value }) =>
    value === undefined ? undefined : stated.some((each) => each.toLowerCase() === value.toLowerCase()),
  );
  if (met.length === 0) return undefined;
  if (met.includes(false)) return false;
  return met.includes(undefined) ? undefined : true;
}

function statedReason({ properties }: SubscriptionRecord, startedOn: Day, context: Context) {
  let latest: { at: number; reason: string; noteId: string } | undefined;
  for (const { at, noteId, tags } of trialNotes(startedOn, context)) {
    const tag = tags?.find((each) => each === 'extension_request' || each.startsWith('extension_request:'));
    if (tag === undefined || (latest !== undefined && at < latest.at)) continue;
    latest = { at, noteId, reason: tag.slice('extension_request:'.length) || 'other' };
  }
  const recorded = properties?.extensionReason;
  const reason = latest?.reason ?? (typeof recorded === 'string' && recorded !== '' ? recorded : undefined);
  return { reason: reason?.toLowerCase().replaceAll(/[\s-]+/g, '_'), noteId: latest?.noteId };
}

function isFlagged(
  { properties }: SubscriptionRecord,
  startedOn: Day,
  context: Context,
  property: string,
  tag: string,
): boolean {
  const { account } = context.measured.view;
  if (account.properties?.[property] === true || properties?.[property] === true) return true;
  return trialNotes(startedOn, context).some((note) => note.tags?.includes(tag));
}

function trialNotes(startedOn: Day, { measured: { view }, workspace: { clock } }: Context) {
  return view.notes.filter((note) => note.at <= view.instant && clock.dayOf(note.at) >= startedOn);
}

/** Severe incidents that were open on a day of the trial. */
function trialIncidents(startedOn: Day, { measured: { view }, workspace: { clock } }: Context): string[] {
  return view.incidents
    .filter((each) => each.severity === 'P1' || each.severity === 'P2')
    .filter((each) => each.startedAt <= view.instant)
    .filter((each) => each.resolvedAt === undefined || clock.dayOf(each.resolvedAt) >= startedOn)
    .map((each) => each.incidentId);
}

function incidentGap({ measured: { view }, workspace }: Context) {
  const reason = kindGap('incidents', view, workspace);
  return reason === undefined ? undefined : { fact: 'incidents of the trial', reason };
}
