// Marks on the map. An incident's open part names its township and no point: marks stand inside the township, as many as fit, and what
// does not fit is one cluster. Pure.
import type { Severity } from '../api/types';
import { LEVELS, rankOf } from '../store/boards';
import type { Row } from '../store/rows';
import type { XY } from './project';

export interface Mark {
  key: string;
  at: XY;
  rows: Row[];            // one: an incident; more: a cluster
  level: Severity;        // the highest
  overdue: boolean;
  levels: { level: Severity; count: number }[];
}

export function urgencyOrder(a: Row, b: Row): number {
  return rankOf(a.level) - rankOf(b.level) || Number(b.overdue.length > 0) - Number(a.overdue.length > 0) || b.order - a.order;
}

// `places`: free places in this township, the middle first. Which incident stands where does not change while the same ones are open, so
// that nothing on the wall jumps about.
export function marksOf(area: string, rows: readonly Row[], places: readonly XY[], taken: Map<string, number>): Mark[] {
  const bySeat = [...rows].sort(urgencyOrder);
  const middle = places[0];
  if (middle === undefined || bySeat.length === 0) return [];
  if (bySeat.length === 1 && places.length === 1) return [single(bySeat[0] as Row, middle)];
  const crowded = bySeat.length > places.length;
  const alone = crowded ? bySeat.slice(0, Math.max(0, places.length - 1)) : bySeat;
  const rest = bySeat.slice(alone.length);
  // The middle is the cluster's when there is one.
  const firstSeat = crowded ? 1 : 0;
  const seats = new Set<number>();
  const keep = new Map<string, number>();
  for (const row of alone) {
    const seat = taken.get(row.id);
    if (seat !== undefined && seat >= firstSeat && seat < places.length && !seats.has(seat)) {
      seats.add(seat);
      keep.set(row.id, seat);
    }
  }
  let next = firstSeat;
  for (const row of alone) {
    if (keep.has(row.id)) continue;
    while (seats.has(next)) next += 1;
    seats.add(next);
    keep.set(row.id, next);
  }
  taken.clear();
  for (const [id, seat] of keep) taken.set(id, seat);
  const marks = alone.map((row) => single(row, places[keep.get(row.id) as number] as XY));
  if (rest.length > 0) marks.push(cluster(`area:${area}`, rest, middle));
  return marks;
}

function single(row: Row, at: XY): Mark {
  return { key: row.id, at, rows: [row], level: row.level, overdue: row.overdue.length > 0, levels: [] };
}

export function cluster(key: string, rows: Row[], at: XY): Mark {
  const sorted = [...rows].sort(urgencyOrder);
  const levels = LEVELS.map((level) => ({ level, count: sorted.filter((r) => r.level === level).length })).filter((l) => l.count > 0);
  return { key, at, rows: sorted, level: (sorted[0] as Row).level, overdue: sorted.some((r) => r.overdue.length > 0), levels };
}

export type Direction = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';

// The nearest mark in a direction: within 60 degrees of it, what lies straight ahead before what lies aside.
export function nearest(from: Mark, marks: readonly Mark[], direction: Direction): Mark | null {
  let best: Mark | null = null;
  let bestCost = Infinity;
  for (const mark of marks) {
    if (mark.key === from.key) continue;
    const dx = mark.at.x - from.at.x;
    const dy = mark.at.y - from.at.y;
    const ahead = direction === 'ArrowRight' ? dx : direction === 'ArrowLeft' ? -dx : direction === 'ArrowDown' ? dy : -dy;
    const aside = Math.abs(direction === 'ArrowRight' || direction === 'ArrowLeft' ? dy : dx);
    if (ahead <= 0 || aside > ahead * 1.73) continue;
    const cost = ahead + 2 * aside;
    if (cost < bestCost) {
      bestCost = cost;
      best = mark;
    }
  }
  return best;
}
