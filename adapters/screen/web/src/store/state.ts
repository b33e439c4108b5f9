// Events in, state out. Pure: no clock, no network, no Vue. live.ts feeds it, the views read it.
import type { FeedState, IncidentSummary, LinkLine, Stats, Status, View } from '../api/types';
import { rowOf, type Cell, type Row } from './rows';

export type Event =
  | { kind: 'incident'; index: number; summary: IncidentSummary }
  | { kind: 'gone'; incidentId: string }
  | { kind: 'status'; status: Status };

// One line of what has just happened, told by comparing an incident with what it was.
export interface News {
  key: string;
  kind: 'new' | 'step' | 'overdue' | 'holder' | 'level' | 'closed';
  incidentId: string;
  party: string;     // of a step or overdue: whose; of holder: the new holder
  cell: Cell | null;
  row: Row;
}

const NEWS_MAX = 60;  // more than any panel shows

export interface State {
  loaded: boolean;
  index: number;
  rows: Map<string, Row>;
  links: LinkLine[];
  stats: Stats | null;
  feed: FeedState;
  news: News[];      // newest first
  version: number;   // grows with every change: what views depend on
}

export function emptyState(): State {
  return {
    loaded: false, index: 0, rows: new Map(), links: [], stats: null, feed: { ok: false, age_ms: 0, lost: 0 }, news: [], version: 0,
  };
}

// The whole view again: after sign-in, and whenever the stream could not be resumed.
export function reset(state: State, view: View): void {
  const index = Number(view.index);
  state.rows.clear();
  for (const summary of view.incidents) put(state, summary, Number(summary.log_index ?? index));
  state.links = view.links ?? [];
  state.stats = view.stats;
  state.feed = view.feed;
  state.index = index;
  state.loaded = true;
  state.news = [];
  state.version += 1;
}

// Returns what is new, for the news panel and for alarms. Repeated and older events change nothing.
export function apply(state: State, event: Event): News[] {
  switch (event.kind) {
    case 'status': {
      state.links = event.status.links ?? state.links;
      state.stats = event.status.stats;
      state.feed = event.status.feed;
      state.index = Math.max(state.index, Number(event.status.index));
      state.version += 1;
      return [];
    }
    case 'gone': {
      if (state.rows.delete(event.incidentId)) state.version += 1;
      return [];
    }
    case 'incident': {
      const before = state.rows.get(event.summary.incident.incident_id);
      if (before !== undefined && before.logIndex >= event.index) return [];
      state.index = Math.max(state.index, event.index);
      const after = put(state, event.summary, event.index, before);
      const told = compare(before, after);
      state.news = [...told, ...state.news].slice(0, NEWS_MAX);
      state.version += 1;
      return told;
    }
  }
}

function put(state: State, summary: IncidentSummary, index: number, before?: Row): Row {
  const row = rowOf(summary, index, before);
  if (summary.incident.status === 'OPEN') state.rows.set(row.id, row);
  else state.rows.delete(row.id);
  return row;
}

function compare(before: Row | undefined, after: Row): News[] {
  const line = (kind: News['kind'], party: string, cell: Cell | null): News =>
    ({ key: `${kind}:${after.id}:${cell?.dutyId ?? ''}:${after.logIndex}`, kind, incidentId: after.id, party, cell, row: after });
  if (after.summary.incident.status !== 'OPEN') return before === undefined ? [] : [line('closed', '', null)];
  if (before === undefined) return [line('new', after.holder, null)];
  const told: News[] = [];
  if (before.holder !== after.holder) told.push(line('holder', after.holder, null));
  if (before.level !== after.level) told.push(line('level', '', null));
  const was = new Map(before.cells.map((c) => [c.dutyId, c]));
  for (const cell of after.cells) {
    const old = was.get(cell.dutyId);
    if (cell.overdue !== null && old?.overdue !== cell.overdue) told.push(line('overdue', cell.party, cell));
    else if (old !== undefined && old.state !== cell.state) told.push(line('step', cell.party, cell));
  }
  return told;
}
