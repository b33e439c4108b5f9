// Marks on the map. An incident's open part names its township and no point: marks stand inside the township, as many as fit, and what
// does not fit is one cluster. Pure.
import type { Severity } from '../api/types';
import { LEVELS, rankOf, resorted } from '../store/boards';
import type { Row } from '../store/rows';
import { prefixOf, type XY } from './project';

export interface Mark {
  key: string;
  at: XY;
  rows: Row[];            // one: an incident; more: a cluster
  level: Severity;        // the highest
  overdue: boolean;
  newestMs: number;       // when the newest was opened
  levels: { level: Severity; count: number }[];
}

export function urgencyOrder(a: Row, b: Row): number {
  return rankOf(a.level) - rankOf(b.level) || Number(b.overdue.length > 0) - Number(a.overdue.length > 0) || b.order - a.order;
}

// What stands where in one township, and the order of its rows as it was.
export class Seats {
  readonly taken = new Map<string, number>();
  order: Row[] = [];
}

// Which of the drawn areas a row lies in. Divisions repeat, so each is looked up once.
export class Divider {
  private readonly prefixes: [string, string][];
  private readonly found = new Map<string, string>();
  constructor(private readonly codes: readonly string[]) { this.prefixes = codes.map((code) => [prefixOf(code), code]); }

  divide(rows: readonly Row[]): { known: Map<string, Row[]>; unknown: Row[] } {
    const known = new Map<string, Row[]>(this.codes.map((code) => [code, []]));
    const unknown: Row[] = [];
    for (const row of rows) (known.get(this.areaOf(row.division)) ?? unknown).push(row);
    return { known, unknown };
  }

  private areaOf(division: string): string {
    let area = this.found.get(division);
    if (area === undefined) {
      area = division === '' ? '' : this.prefixes.find(([prefix]) => division.startsWith(prefix))?.[1] ?? '';
      this.found.set(division, area);
    }
    return area;
  }
}

// `places`: free places in this township, the middle first. Which incident stands where does not change while the same ones are open, so
// that nothing on the wall jumps about.
export function marksOf(area: string, rows: readonly Row[], places: readonly XY[], seatsOf: Seats): Mark[] {
  const bySeat = resorted(rows, seatsOf.order, (row) => row.id, urgencyOrder);
  seatsOf.order = bySeat;
  const { taken } = seatsOf;
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
  return { key: row.id, at, rows: [row], level: row.level, overdue: row.overdue.length > 0, newestMs: row.openedMs, levels: [] };
}

// `rows`: the most urgent first.
export function cluster(key: string, rows: Row[], at: XY): Mark {
  const counts = new Map<Severity, number>(LEVELS.map((level) => [level, 0]));
  let newestMs = 0;
  let overdue = false;
  for (const row of rows) {
    counts.set(row.level, (counts.get(row.level) ?? 0) + 1);
    newestMs = Math.max(newestMs, row.openedMs);
    overdue ||= row.overdue.length > 0;
  }
  const levels = [...counts].map(([level, count]) => ({ level, count })).filter((l) => l.count > 0);
  return { key, at, rows, level: (rows[0] as Row).level, overdue, newestMs, levels };
}

// A cluster's levels in one word, for what is painted: "MAJOR 3 LARGE 9".
export const sharesOf = (mark: Mark): string => mark.levels.map(({ level, count }) => `${level} ${count}`).join(' ');

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
