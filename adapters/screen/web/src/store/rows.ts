// What the boards show of one incident, computed once when it changes and not each time it is painted.
import type { AckState, DutyLine, IncidentSummary, Purpose, Role, Rung, Severity, Verification } from '../api/types';

// One cell of the matrix: where a party stands, the furthest of its three ladders.
export type CellState = 'ASSIGNED' | 'RECEIVED' | 'SEEN' | 'ACCEPTED' | 'PARTIALLY_ACCEPTED' | 'REFUSED' | 'DEFERRED' | 'EN_ROUTE'
  | 'ON_SCENE' | 'COMPLETED' | 'CANCELLED' | 'REASSIGNED' | 'MERGED';

export interface Cell {
  dutyId: string;
  deliveryId: string;
  party: string;
  role: Role;
  state: CellState;
  transport: AckState;
  person: AckState;
  field: AckState;
  open: boolean;
  counts: boolean;       // stands in "14 of 17"
  confirmed: boolean;    // somebody took it on; of INFORM, the party's system has it
  overdue: Rung | null;  // the rung that is missed and still not reached
  nextMs: number;        // 0: none
  nextRung: Rung;
  steps: number;
  reason: string;
  told: { who: string; person: string; phone: string } | null;  // of the climb
}

export interface Row {
  id: string;
  order: number;         // the id as a number, for sorting
  logIndex: number;
  summary: IncidentSummary;
  purpose: Purpose;
  level: Severity;
  category: string;
  categoryZh: string;
  division: string;
  divisionZh: string;
  holder: string;
  openedMs: number;
  verification: Verification;
  cells: Cell[];
  byParty: Map<string, Cell>;  // of several duties of one party the one that needs most
  total: number;
  confirmed: number;
  missing: string[];           // parties that have not confirmed
  overdue: Cell[];
  waiting: Cell[];             // open, not overdue and with a deadline; the next one first
  nextMs: number;              // 0: none
}

const TAKEN: ReadonlySet<AckState> = new Set(['ACCEPTED', 'PARTIALLY_ACCEPTED']);
const AT_WORK: ReadonlySet<AckState> = new Set(['EN_ROUTE', 'ON_SCENE', 'COMPLETED']);

function standing(d: DutyLine): CellState {
  if (d.status === 'DUTY_CANCELLED') return 'CANCELLED';
  if (d.status === 'DUTY_REASSIGNED') return 'REASSIGNED';
  if (d.status === 'DUTY_MERGED_INTO') return 'MERGED';
  if (d.status === 'DUTY_REFUSED') return 'REFUSED';
  if (d.field === 'EN_ROUTE' || d.field === 'ON_SCENE' || d.field === 'COMPLETED') return d.field;
  if (d.person !== 'ACK_STATE_UNSPECIFIED' && d.person !== 'RECEIVED' && d.person !== 'PROGRESS') return d.person as CellState;
  return d.transport === 'RECEIVED' ? 'RECEIVED' : 'ASSIGNED';
}

// A rung that was missed counts as overdue until it is reached after all.
function stillMissed(d: DutyLine): Rung | null {
  const taken = TAKEN.has(d.person) || AT_WORK.has(d.field);
  for (const rung of d.missed) {
    if (rung === 'RUNG_RECEIVE' && d.transport !== 'RECEIVED' && !taken) return rung;
    if (rung === 'RUNG_SEE' && d.person === 'ACK_STATE_UNSPECIFIED' && !taken) return rung;
    if (rung === 'RUNG_EN_ROUTE' && !AT_WORK.has(d.field)) return rung;
    if (rung === 'RUNG_ACCEPT' && !taken) return rung;
    if (rung === 'RUNG_DEFERRED' && !taken) return rung;
    if (rung === 'RUNG_ARRIVE' && d.field !== 'ON_SCENE' && d.field !== 'COMPLETED') return rung;
    if (rung === 'RUNG_COMPLETE' && d.field !== 'COMPLETED') return rung;
  }
  return null;
}

export function cellOf(d: DutyLine): Cell {
  const state = standing(d);
  const gone = state === 'CANCELLED' || state === 'REASSIGNED' || state === 'MERGED';
  const inform = d.role === 'INFORM';
  return {
    dutyId: d.duty_id, deliveryId: d.delivery_id, party: d.party, role: d.role, state,
    transport: d.transport, person: d.person, field: d.field,
    open: d.status === 'DUTY_OPEN',
    counts: !gone,
    confirmed: inform ? d.transport === 'RECEIVED' || d.status === 'DUTY_DONE'
      : d.status !== 'DUTY_REFUSED' && (TAKEN.has(d.person) || AT_WORK.has(d.field)),
    overdue: d.status === 'DUTY_OPEN' ? stillMissed(d) : null,
    nextMs: Number(d.next_deadline_ms), nextRung: d.next_rung, steps: d.steps_climbed, reason: d.reason,
    told: d.told_next ? { who: d.told_next, person: d.on_post ?? '', phone: d.post_phone_24h ?? '' } : null,
  };
}

// How much a cell needs somebody's eyes: of two duties of one party the needier one is shown.
function need(c: Cell): number {
  if (c.overdue !== null) return 5;
  if (c.state === 'REFUSED') return 4;
  if (c.open && !c.confirmed) return 3;
  if (c.open) return 2;
  return c.counts ? 1 : 0;
}

const ALIKE: readonly (keyof Cell)[] = ['dutyId', 'deliveryId', 'party', 'role', 'state', 'transport', 'person', 'field', 'open', 'counts', 'confirmed', 'overdue',
  'nextMs', 'nextRung', 'steps', 'reason'];
function alike(a: Cell, b: Cell): boolean {
  return ALIKE.every((key) => a[key] === b[key]) && a.told?.who === b.told?.who && a.told?.person === b.told?.person && a.told?.phone === b.told?.phone;
}

// `before`: what was shown of the same incident. A cell that has not changed stays the same object, so that only what has changed is painted anew.
export function rowOf(summary: IncidentSummary, logIndex: number, before?: Row): Row {
  const i = summary.incident;
  const known = new Map(before?.cells.map((c) => [c.dutyId, c]));
  const cells = summary.duty.map((duty) => {
    const cell = cellOf(duty);
    const old = known.get(cell.dutyId);
    return old !== undefined && alike(old, cell) ? old : cell;
  });
  const byParty = new Map<string, Cell>();
  for (const cell of cells) {
    const other = byParty.get(cell.party);
    if (other === undefined || need(cell) > need(other)) byParty.set(cell.party, cell);
  }
  const counted = [...byParty.values()].filter((c) => c.counts);
  return {
    id: i.incident_id, order: Number(i.incident_id), logIndex, summary,
    purpose: i.purpose, level: i.severity, category: i.category, categoryZh: i.category_zh,
    division: i.division, divisionZh: i.division_zh, holder: i.holder, openedMs: Number(i.opened_at_ms),
    verification: i.verification, cells, byParty,
    total: counted.length,
    confirmed: counted.filter((c) => c.confirmed).length,
    missing: counted.filter((c) => !c.confirmed).map((c) => c.party),
    overdue: cells.filter((c) => c.overdue !== null),
    waiting: cells.filter((c) => c.open && c.overdue === null && c.nextMs > 0).sort((a, b) => a.nextMs - b.nextMs),
    nextMs: Number(summary.next_deadline_ms),
  };
}
