/** The workspace of the generated accounts: a catalogue as a small product company would write it. */
import { loadCatalogue } from '../src/core/catalogue/load-catalogue.ts';

export const CATALOGUE_TEXT = `
features:
  - { id: dashboards, events: [dashboard_viewed], core: true, product: main, tags: [analytics], value: 4, effort: 1, minutes: 2, neighbours: [reports] }
  - { id: reports, events: [report_created, report_exported], core: true, product: main, tags: [reporting], value: 4, effort: 2, minutes: 4 }
  - { id: sharing, events: [report_shared], core: true, product: main, tags: [collaboration], value: 5, effort: 1, minutes: 2 }
  - { id: comments, events: [comment_added], product: main, tags: [collaboration], value: 2, effort: 1, minutes: 1 }
  - { id: filters, events: [filter_saved], product: main, tags: [analytics, filter], value: 3, effort: 1, minutes: 2 }
  - { id: alerts, events: [alert_set], product: main, plans: [growth], tags: [monitoring], value: 4, effort: 2, minutes: 4, neighbours: [dashboards] }
  - { id: api, events: [api_call], product: main, plans: [growth], tags: [data, api], value: 4, effort: 4 }
  - { id: workflows, events: [workflow_completed], product: flows, plans: [flows], tags: [automation], value: 5, effort: 3, neighbours: [alerts, reports] }
logins: [login]
setup:
  - { id: connect_source, event: source_connected, required: true, minutes: 5, dueDays: 3 }
  - { id: invite_team, event: team_invited, required: true, minutes: 2, dueDays: 7 }
  - { id: set_permissions, event: permissions_set, required: false, minutes: 3, dueDays: 10, dependsOn: [invite_team] }
milestones:
  - { id: first_value, event: report_shared, count: 1, significance: major, dueDays: 14 }
  - { id: ten_reports, event: report_created, count: 10, significance: moderate, dueDays: 30 }
meters:
  - { id: api_calls, event: api_call, amount: calls, unit: call, resets: month }
  - { id: exports, event: report_exported, unit: export, resets: month }
plans:
  - { id: team, product: main, perSeat: 240, interval: year, currency: USD, minSeats: 3, limits: { exports: 60 } }
  - { id: growth, product: main, perSeat: 480, interval: year, currency: USD, minSeats: 5, limits: { api_calls: 4000, exports: 300 } }
  - { id: flows, product: flows, flat: 3600, interval: year, currency: USD }
products:
  - { id: main, name: Main product }
  - { id: flows, name: Flows }
signals:
  pricing_view: [pricing_viewed]
  invite: [team_invited]
  output: [report_exported]
  integration: [source_connected]
  workflow: [workflow_completed]
  gated_attempt: [feature_blocked]
competitors: [Rivalo, Numerand]
`;

export function benchCatalogue() {
  const loaded = loadCatalogue(CATALOGUE_TEXT, { file: 'catalog.yaml' });
  if (!loaded.ok) throw new Error(`the catalogue of the benches has problems: ${JSON.stringify(loaded.problems)}`);
  return loaded.catalogue;
}
