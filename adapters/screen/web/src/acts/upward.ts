// What the hub knows already stands in the form of a report upward. Pure.
import type { IncidentView, StatutoryView, UpwardFields } from '../api/types';
import type { Values } from './acts';

export function presetOf(incidentId: string, rule: StatutoryView | undefined, forms: readonly string[], known: Partial<UpwardFields>, offsetMinutes: number): Values {
  const at = Number(known.happened_at_ms ?? 0);
  return {
    incident: incidentId, rule: rule?.rule ?? '', kind: rule?.kind ?? '', form: forms[0] ?? 'UPWARD_PHONE', offset: String(offsetMinutes),
    happened: at > 0 ? new Date(at + offsetMinutes * 60_000).toISOString().slice(0, 16) : '',
    ...Object.fromEntries((['place', 'unit_profile', 'scene', 'course', 'measures', 'other', 'progress'] as const).map((name) => [name, known[name] ?? ''])),
    counts: Object.fromEntries(Object.entries(known.counts ?? {}).map(([name, n]) => [name, String(n)])),
  };
}

// A clerk reads no list of reports upward: what is known is what the delivery disclosed.
export function knownOf(incident: IncidentView, place: string): Partial<UpwardFields> {
  const told = incident.reports.find((r) => r.occurred_at_ms !== '0') ?? incident.reports[0];
  const address = incident.reports.find((r) => r.address !== '')?.address ?? '';
  return { happened_at_ms: told?.occurred_at_ms ?? '0', place: address || place, ...(incident.counts === undefined ? {} : { counts: incident.counts }) };
}
