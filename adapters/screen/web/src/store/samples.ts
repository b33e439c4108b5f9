// Messages for unit tests, with only what a test cares about written out.
import type { DutyLine, IncidentSummary } from '../api/types';

let nextId = 100;
export function duty(over: Partial<DutyLine> = {}): DutyLine {
  nextId += 1;
  return {
    duty_id: String(nextId), party: 'power-supply', role: 'LEAD', status: 'DUTY_OPEN', transport: 'ACK_STATE_UNSPECIFIED', person: 'ACK_STATE_UNSPECIFIED',
    field: 'ACK_STATE_UNSPECIFIED', next_deadline_ms: '0', next_rung: 'RUNG_UNSPECIFIED', steps_climbed: 0, missed: [], delivery_id: String(nextId + 5000), reason: '', ...over,
  };
}
export function incident(id: number, over: Partial<IncidentSummary['incident']> = {}, duties: DutyLine[] = []): IncidentSummary {
  return {
    incident: {
      incident_id: String(id), revision: '1', status: 'OPEN', verification: 'UNVERIFIED', purpose: 'ACTUAL', lane: 'URGENT', category: 'natural.flood', category_zh: '洪涝灾害',
      severity: 'MAJOR', division: '339921100000', division_zh: '青石镇', holder: 'police-110', opened_at_ms: '1000000', danger_to_life: 'YES', reports: [], withheld: [],
      unconfirmed: [], merged_into: '0', secret: false, ...over,
    },
    duty: duties, next_deadline_ms: '0',
  };
}
