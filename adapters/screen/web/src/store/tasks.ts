// A clerk's deliveries as what they are to a person: tasks and messages. Pure.
import type { AckState, Delivery, DutyView, IncidentView, StatutoryView } from '../api/types';

export interface Task {
  key: string;
  ackTo: string;             // the delivery that acknowledgments name: the one that began the duty where it is known
  kind: Delivery['envelope']['kind'];
  incident: IncidentView | null;
  duty: DutyView | null;
  deliveries: Delivery[];    // oldest first
  text: { zh: string; en: string };
  order: boolean;
  open: boolean;             // something is still asked of this party
  urgent: boolean;
  queuedMs: number;
  dueMs: number;             // 0: none
  next: AckState[];          // what can be said now, the expected step first
  files: StatutoryView | null;  // a report upward that is still to be made
}

const BEGINS = new Set(['TASK', 'ORDER', 'UPWARD_REPORT']);
const APART = new Set(['ESCALATION', 'TRANSFER', 'RETURN_REQUEST']);  // about somebody's duty, with a small ladder of their own
const num = (d: Delivery): number => Number(d.envelope.delivery_id);

export function tasksOf(deliveries: readonly Delivery[]): Task[] {
  const groups = new Map<string, Delivery[]>();
  for (const d of [...deliveries].sort((a, b) => num(a) - num(b))) {
    const own = d.envelope.duty_id !== '0' && !APART.has(d.envelope.kind);
    const key = own ? `duty:${d.envelope.duty_id}` : `delivery:${d.envelope.delivery_id}`;
    groups.set(key, [...(groups.get(key) ?? []), d]);
  }
  return [...groups].map(([key, list]) => taskOf(key, list)).sort((a, b) => Number(b.open) - Number(a.open)
    || Number(b.urgent) - Number(a.urgent) || (a.dueMs || Infinity) - (b.dueMs || Infinity) || b.queuedMs - a.queuedMs);
}

function taskOf(key: string, list: Delivery[]): Task {
  const last = list[list.length - 1] as Delivery;
  const begin = list.find((d) => BEGINS.has(d.envelope.kind)) ?? last;
  // The newest revision counts, whatever the order of arrival.
  const newest = list.reduce((a, b) => (Number(b.envelope.incident_revision) >= Number(a.envelope.incident_revision) ? b : a));
  const duty = newest.body.duty ?? begin.body.duty ?? null;
  const cancelled = list.some((d) => d.envelope.kind === 'CANCEL');
  const next = cancelled ? [] : stepsOf(begin.envelope.kind, duty);
  const files = cancelled || duty?.status !== 'DUTY_OPEN' || duty.statutory?.made_at_ms !== '0' ? null : duty.statutory;
  const open = next.length > 0 || files !== null;
  const texts = list.filter((d) => d.body.text !== '');
  const text = texts[texts.length - 1]?.body;
  return {
    key, ackTo: begin.envelope.delivery_id, kind: begin.envelope.kind, incident: newest.body.incident ?? null, duty, deliveries: list,
    text: { zh: text?.text ?? '', en: text?.text_en ?? '' }, order: begin.envelope.kind === 'ORDER', open, files,
    urgent: last.envelope.lane === 'URGENT', queuedMs: Number(last.envelope.queued_at_ms), dueMs: open ? dueOf(duty) : 0, next,
  };
}

// The first deadline that this party has not yet met.
function dueOf(duty: DutyView | null): number {
  if (duty === null) return 0;
  const taken = duty.person === 'ACCEPTED' || duty.person === 'PARTIALLY_ACCEPTED' || duty.field !== 'ACK_STATE_UNSPECIFIED';
  const there = duty.field === 'ON_SCENE' || duty.field === 'COMPLETED';
  if (duty.statutory !== undefined) return (taken ? 0 : Number(duty.accept_by_ms)) || Number(duty.statutory.due_ms);
  if (!taken) return Number(duty.accept_by_ms) || Number(duty.arrive_by_ms) || Number(duty.complete_by_ms);
  return (there ? 0 : Number(duty.arrive_by_ms)) || Number(duty.complete_by_ms);
}

function stepsOf(kind: Task['kind'], duty: DutyView | null): AckState[] {
  if (kind === 'TRANSFER' || kind === 'RETURN_REQUEST') return ['ACCEPTED', 'REFUSED'];
  if (kind === 'ESCALATION') return ['ACCEPTED'];
  if (duty === null || duty.status !== 'DUTY_OPEN' || duty.role === 'INFORM') return [];
  const taken = duty.person === 'ACCEPTED' || duty.person === 'PARTIALLY_ACCEPTED';
  // A report upward is made by filing it; nobody drives anywhere.
  if (duty.statutory !== undefined) return taken ? [] : ['ACCEPTED', 'REFUSED'];
  if (duty.field === 'ON_SCENE') return ['COMPLETED', 'PROGRESS'];
  if (duty.field === 'EN_ROUTE') return ['ON_SCENE', 'COMPLETED', 'PROGRESS'];
  if (taken) return ['EN_ROUTE', 'ON_SCENE', 'COMPLETED', 'PROGRESS'];
  return ['ACCEPTED', 'REFUSED', 'PROGRESS'];
}

// What is said of a delivery without asking, each once: that it arrived; when its task is opened, that a person has seen it.
export const arrived = (d: Delivery): { delivery_id: string; state: AckState } => ({ delivery_id: d.envelope.delivery_id, state: 'RECEIVED' });
export function seen(task: Task): { delivery_id: string; state: AckState } | null {
  if (task.next.length === 0) return null;
  const person = task.duty?.person ?? 'ACK_STATE_UNSPECIFIED';
  if (!APART.has(task.kind) && person !== 'ACK_STATE_UNSPECIFIED') return null;
  return { delivery_id: task.ackTo, state: 'SEEN' };
}
