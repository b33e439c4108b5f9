// What the wall's boards list, from the rows. Pure.
import type { Purpose, Severity } from '../api/types';
import type { Cell, Row } from './rows';

// Highest first. Unknown is not "none": it stands above the lowest two until somebody has looked.
export const LEVELS: readonly Severity[] = ['EXTREME', 'MAJOR', 'SEVERITY_UNKNOWN', 'LARGE', 'GENERAL'];
const RANK: Record<string, number> = Object.fromEntries(LEVELS.map((level, n) => [level, n]));
export const rankOf = (level: Severity): number => RANK[level] ?? LEVELS.length;

export interface Due { row: Row; cell: Cell; overdue: boolean; dueMs: number }
export interface DeadlineBoard { overdue: Due[]; next: Due[]; nextTotal: number }
const NEXT_MAX = 200;  // who looks further ahead than this looks at the matrix

type Compare<T> = (a: T, b: T) => number;

// The same as sorting `items`, but begins from the order that they had `before`: of thousands of which a few have changed, sorting then costs one
// pass. `compare` must tell any two apart.
export function resorted<T>(items: readonly T[], before: readonly T[], idOf: (item: T) => string, compare: Compare<T>): T[] {
  const left = new Map<string, T>();
  for (const item of items) left.set(idOf(item), item);
  const out: T[] = [];
  for (const old of before) {
    const id = idOf(old);
    const now = left.get(id);
    if (now === undefined) continue;
    out.push(now);
    left.delete(id);
  }
  for (const item of left.values()) out.push(item);
  return out.sort(compare);
}
const idOf = (row: Row): string => row.id;

// What runs out next, and what has run out. Within the overdue the higher level first: there the next step of the climb counts down.
export class Deadlines {
  private soonest: Row[] = [];

  of(rows: readonly Row[]): DeadlineBoard {
    const overdue: Due[] = [];
    let nextTotal = 0;
    for (const row of rows) {
      for (const cell of row.overdue) overdue.push({ row, cell, overdue: true, dueMs: cell.nextMs });
      nextTotal += row.waiting.length;
    }
    overdue.sort((a, b) => rankOf(a.row.level) - rankOf(b.row.level) || b.cell.steps - a.cell.steps || a.row.order - b.row.order
      || byName(a.cell, b.cell));
    // The first N deadlines stand in the first N incidents by their own first deadline, so that not all need to be sorted.
    this.soonest = resorted(rows.filter((row) => row.waiting.length > 0), this.soonest, idOf, (a, b) => firstOf(a) - firstOf(b) || a.order - b.order);
    const next = this.soonest.slice(0, NEXT_MAX).flatMap((row) => row.waiting.map((cell) => ({ row, cell, overdue: false, dueMs: cell.nextMs })));
    next.sort((a, b) => a.dueMs - b.dueMs || a.row.order - b.row.order || byName(a.cell, b.cell));
    return { overdue, next: next.slice(0, NEXT_MAX), nextTotal };
  }
}
const firstOf = (row: Row): number => row.waiting[0]?.nextMs ?? Infinity;
const byName = (a: Cell, b: Cell): number => (a.party < b.party ? -1 : a.party > b.party ? 1 : 0) || Number(a.dutyId) - Number(b.dutyId);

export type Order = 'level' | 'newest' | 'late';
const due = (r: Row): number => (r.nextMs === 0 ? Number.MAX_VALUE : r.nextMs);
const ORDERS: Record<Order, Compare<Row>> = {
  newest: (a, b) => b.order - a.order,
  level: (a, b) => rankOf(a.level) - rankOf(b.level) || b.order - a.order,
  late: (a, b) => b.overdue.length - a.overdue.length || due(a) - due(b) || b.order - a.order,
};

// Rows in an order that follows them while they change.
export class Ordered {
  private last: Row[] = [];
  of(rows: readonly Row[], order: Order): Row[] {
    this.last = resorted(rows, this.last, idOf, ORDERS[order]);
    return this.last;
  }
}

// Exercises and tests never stand beside what is real.
export const isActual = (purpose: Purpose): boolean => purpose === 'ACTUAL';
export function split(rows: Iterable<Row>): { actual: Row[]; drill: Row[] } {
  const actual: Row[] = [];
  const drill: Row[] = [];
  for (const row of rows) (isActual(row.purpose) ? actual : drill).push(row);
  return { actual, drill };
}

export interface Counted { open: number; overdue: number; perLevel: Map<Severity, number> }
export function counted(rows: readonly Row[]): Counted {
  const perLevel = new Map<Severity, number>(LEVELS.map((level) => [level, 0]));
  let overdue = 0;
  for (const row of rows) {
    perLevel.set(row.level, (perLevel.get(row.level) ?? 0) + 1);
    if (row.overdue.length > 0) overdue += 1;
  }
  return { open: rows.length, overdue, perLevel };
}

// How many incidents were opened in each slot of the last hours, by level; the newest slot is last.
export function opened(rows: readonly Row[], nowMs: number, slots: number, slotMs: number): Map<Severity, number[]> {
  const out = new Map<Severity, number[]>(LEVELS.map((level) => [level, new Array<number>(slots).fill(0)]));
  const last = Math.floor(nowMs / slotMs);
  for (const row of rows) {
    const slot = slots - 1 - (last - Math.floor(row.openedMs / slotMs));
    const line = out.get(row.level);
    if (line !== undefined && slot >= 0 && slot < slots) line[slot] = (line[slot] ?? 0) + 1;
  }
  return out;
}
