// What the wall's boards list, from the rows. Pure.
import type { Purpose, Severity } from '../api/types';
import type { Cell, Row } from './rows';

// Highest first. Unknown is not "none": it stands above the lowest two until somebody has looked.
export const LEVELS: readonly Severity[] = ['EXTREME', 'MAJOR', 'SEVERITY_UNKNOWN', 'LARGE', 'GENERAL'];
const RANK = new Map(LEVELS.map((level, n) => [level, n]));
export const rankOf = (level: Severity): number => RANK.get(level) ?? LEVELS.length;

export interface Due { row: Row; cell: Cell; overdue: boolean; dueMs: number }
export interface DeadlineBoard { overdue: Due[]; next: Due[]; nextTotal: number }
const NEXT_MAX = 200;  // who looks further ahead than this looks at the matrix

// What runs out next, and what has run out. Within the overdue the higher level first: there the next step of the climb counts down.
export function deadlines(rows: readonly Row[]): DeadlineBoard {
  const overdue: Due[] = [];
  for (const row of rows) for (const cell of row.overdue) overdue.push({ row, cell, overdue: true, dueMs: cell.nextMs });
  overdue.sort((a, b) => rankOf(a.row.level) - rankOf(b.row.level) || b.cell.steps - a.cell.steps || a.row.order - b.row.order
    || byName(a.cell, b.cell));
  // The first N deadlines stand in the first N incidents by their own first deadline, so that not all need to be sorted.
  const soonest = rows.filter((row) => row.waiting.length > 0).sort((a, b) => firstOf(a) - firstOf(b)).slice(0, NEXT_MAX);
  const next = soonest.flatMap((row) => row.waiting.map((cell) => ({ row, cell, overdue: false, dueMs: cell.nextMs })));
  next.sort((a, b) => a.dueMs - b.dueMs || a.row.order - b.row.order || byName(a.cell, b.cell));
  return { overdue, next: next.slice(0, NEXT_MAX), nextTotal: rows.reduce((sum, row) => sum + row.waiting.length, 0) };
}
const firstOf = (row: Row): number => row.waiting[0]?.nextMs ?? Infinity;
const byName = (a: Cell, b: Cell): number => (a.party < b.party ? -1 : a.party > b.party ? 1 : 0);

export type Order = 'level' | 'newest' | 'late';

export function ordered(rows: readonly Row[], order: Order): Row[] {
  const out = [...rows];
  if (order === 'newest') return out.sort((a, b) => b.order - a.order);
  if (order === 'level') return out.sort((a, b) => rankOf(a.level) - rankOf(b.level) || b.order - a.order);
  const due = (r: Row): number => (r.nextMs === 0 ? Infinity : r.nextMs);
  return out.sort((a, b) => b.overdue.length - a.overdue.length || due(a) - due(b) || b.order - a.order);
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
