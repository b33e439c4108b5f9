import { describe, expect, it } from 'vitest';
import type { IncidentSummary, View } from '../api/types';
import { Alarms } from './alarms';
import { Deadlines, Ordered, counted, opened, resorted, split } from './boards';
import { ServerClock, clockText, localTime } from './clock';
import { cellOf, rowOf } from './rows';
import { duty, incident } from './samples';
import { apply, emptyState, reset } from './state';

const view = (incidents: IncidentSummary[], index = '10'): View => ({
  index, time_ms: '1000', incidents, links: [], stats: { open: 0, overdue: 0, per_hotline: {}, per_severity: {}, first_response_s_now: 0, first_response_s_30d: 0 },
  feed: { ok: true, age_ms: 0, lost: 0 },
});
const open = (): ReturnType<typeof emptyState> => {
  const state = emptyState();
  reset(state, view([incident(1, {}, [duty({ duty_id: '1' })])]));
  return state;
};

describe('a cell', () => {
  it('shows the furthest of the three ladders', () => {
    expect(cellOf(duty()).state).toBe('ASSIGNED');
    expect(cellOf(duty({ transport: 'RECEIVED' })).state).toBe('RECEIVED');
    expect(cellOf(duty({ transport: 'RECEIVED', person: 'SEEN' })).state).toBe('SEEN');
    expect(cellOf(duty({ person: 'ACCEPTED', field: 'ON_SCENE' })).state).toBe('ON_SCENE');
    expect(cellOf(duty({ person: 'REFUSED', status: 'DUTY_REFUSED' })).state).toBe('REFUSED');
  });
  it('counts a person, not a computer, as confirmed; for INFORM the computer is enough', () => {
    expect(cellOf(duty({ transport: 'RECEIVED', person: 'SEEN' })).confirmed).toBe(false);
    expect(cellOf(duty({ person: 'PARTIALLY_ACCEPTED' })).confirmed).toBe(true);
    expect(cellOf(duty({ role: 'INFORM', transport: 'RECEIVED' })).confirmed).toBe(true);
    expect(cellOf(duty({ person: 'REFUSED', status: 'DUTY_REFUSED' })).confirmed).toBe(false);
  });
  it('is overdue until the missed rung is reached after all', () => {
    expect(cellOf(duty({ missed: ['RUNG_ACCEPT'] })).overdue).toBe('RUNG_ACCEPT');
    expect(cellOf(duty({ missed: ['RUNG_ACCEPT'], person: 'ACCEPTED' })).overdue).toBeNull();
    expect(cellOf(duty({ missed: ['RUNG_ACCEPT', 'RUNG_ARRIVE'], person: 'ACCEPTED', field: 'EN_ROUTE' })).overdue).toBe('RUNG_ARRIVE');
    expect(cellOf(duty({ missed: ['RUNG_ACCEPT'], status: 'DUTY_CANCELLED' })).overdue).toBeNull();
  });
});

describe('a row', () => {
  it('names who is missing, and does not count what was withdrawn', () => {
    const row = rowOf(incident(1, {}, [duty({ party: 'a', person: 'ACCEPTED' }), duty({ party: 'b' }), duty({ party: 'c', status: 'DUTY_REASSIGNED' })]), 1);
    expect([row.confirmed, row.total, row.missing]).toEqual([1, 2, ['b']]);
  });
  it('shows of two duties of one party the one that needs more', () => {
    const row = rowOf(incident(1, {}, [duty({ party: 'a', person: 'ACCEPTED', field: 'COMPLETED', status: 'DUTY_DONE' }), duty({ party: 'a', missed: ['RUNG_RECEIVE'] })]), 1);
    expect(row.byParty.get('a')?.overdue).toBe('RUNG_RECEIVE');
    expect(row.total).toBe(1);
  });
});

describe('a row that changes', () => {
  const duties = (over: Parameters<typeof duty>[0] = {}): IncidentSummary => incident(1, {}, [duty({ duty_id: '1', delivery_id: '8', party: 'a' }), duty({ duty_id: '2', delivery_id: '9', party: 'b', ...over })]);
  it('keeps the cells that are as they were, and no other', () => {
    const before = rowOf(duties(), 1);
    for (const over of [{ person: 'ACCEPTED' }, { missed: ['RUNG_ACCEPT'] }, { next_deadline_ms: '77' }, { steps_climbed: 1 }, { reason: '无车' }, { role: 'INFORM' }, { status: 'DUTY_CANCELLED' },
      { told_next: 'post', on_post: '甲' }] as Parameters<typeof duty>[0][]) {
      const after = rowOf(duties(over), 2, before);
      expect(after.cells[0]).toBe(before.cells[0]);
      expect(after.cells[1]).not.toBe(before.cells[1]);
      expect(after.cells).toEqual(rowOf(duties(over), 2).cells);
    }
    expect(rowOf(duties({ told_next: 'post', on_post: '甲' }), 3, rowOf(duties({ told_next: 'post', on_post: '乙' }), 2)).cells[1]?.told?.person).toBe('甲');
  });
});

describe('the state', () => {
  it('takes an event once: repeats and older ones change nothing', () => {
    const state = open();
    const step = { kind: 'incident' as const, index: 11, summary: incident(1, {}, [duty({ duty_id: '1', person: 'ACCEPTED' })]) };
    expect(apply(state, step).map((n) => n.kind)).toEqual(['step']);
    expect(apply(state, step)).toEqual([]);
    expect(apply(state, { ...step, index: 9, summary: incident(1) })).toEqual([]);
    expect(state.rows.get('1')?.cells[0]?.state).toBe('ACCEPTED');
  });
  it('tells what is new, what is late, who took over and what ended', () => {
    const state = open();
    expect(apply(state, { kind: 'incident', index: 12, summary: incident(2) }).map((n) => n.kind)).toEqual(['new']);
    expect(apply(state, { kind: 'incident', index: 13, summary: incident(1, { holder: 'fire-119' }, [duty({ duty_id: '1', missed: ['RUNG_ACCEPT'] })]) }).map((n) => n.kind)).toEqual(['holder', 'overdue']);
    expect(apply(state, { kind: 'incident', index: 14, summary: incident(2, { status: 'CLOSED' }) }).map((n) => n.kind)).toEqual(['closed']);
    expect([...state.rows.keys()]).toEqual(['1']);
    expect(state.index).toBe(14);
  });
  it('after a reset holds exactly what the view holds', () => {
    const state = open();
    apply(state, { kind: 'incident', index: 12, summary: incident(2) });
    reset(state, view([incident(3)], '20'));
    expect([...state.rows.keys()]).toEqual(['3']);
    expect(state.index).toBe(20);
    expect(apply(state, { kind: 'incident', index: 15, summary: incident(3, { severity: 'EXTREME' }) })).toEqual([]);
  });
  it('forgets what is gone', () => {
    const state = open();
    apply(state, { kind: 'gone', incidentId: '1' });
    expect(state.rows.size).toBe(0);
  });
});

describe('the boards', () => {
  it('list what runs out next first, and the overdue by level', () => {
    const rows = [
      rowOf(incident(1, { severity: 'GENERAL' }, [duty({ next_deadline_ms: '500' }), duty({ missed: ['RUNG_ACCEPT'], next_deadline_ms: '100' })]), 1),
      rowOf(incident(2, { severity: 'EXTREME' }, [duty({ next_deadline_ms: '300' }), duty({ missed: ['RUNG_ACCEPT'] })]), 1),
    ];
    const board = new Deadlines().of(rows);
    expect(board.next.map((d) => d.dueMs)).toEqual([300, 500]);
    expect(board.overdue.map((d) => d.row.id)).toEqual(['2', '1']);
    expect(board.nextTotal).toBe(2);
  });
  it('find the soonest deadlines among many incidents', () => {
    const rows = Array.from({ length: 900 }, (_, n) => rowOf(incident(n + 1, {}, [duty({ next_deadline_ms: String(((n * 7919) % 900) + 1) })]), 1));
    const board = new Deadlines().of(rows);
    expect(board.next.slice(0, 3).map((d) => d.dueMs)).toEqual([1, 2, 3]);
    expect(board.nextTotal).toBe(900);
  });
  it('stay in order while incidents come, change and go, as if sorted anew', () => {
    const random = (n: number): number => (n * 7919 + 13) % 1009;
    const levels = ['GENERAL', 'SEVERITY_UNKNOWN', 'LARGE', 'MAJOR', 'EXTREME'] as const;
    const rows = new Map<string, ReturnType<typeof rowOf>>();
    const put = (id: number, turn: number): void => {
      const seed = random(id + 31 * turn);
      const duties = [duty({ next_deadline_ms: String(1 + (seed % 97)) }), duty(seed % 5 === 0 ? { missed: ['RUNG_ACCEPT'], next_deadline_ms: '5' } : {})];
      rows.set(String(id), rowOf({ ...incident(id, { severity: levels[seed % 5] }, duties), next_deadline_ms: String(seed % 7) }, turn));
    };
    for (let id = 1; id <= 300; id += 1) put(id, 0);
    const kept = { level: new Ordered(), newest: new Ordered(), late: new Ordered(), due: new Deadlines() };
    for (let turn = 1; turn <= 60; turn += 1) {
      for (let n = 0; n < 20; n += 1) put(1 + (random(turn * 20 + n) % 320), turn);
      rows.delete(String(1 + (random(turn) % 320)));
      const all = [...rows.values()];
      for (const order of ['level', 'newest', 'late'] as const) expect(kept[order].of(all, order).map((r) => r.id)).toEqual(new Ordered().of(all, order).map((r) => r.id));
      expect(kept.due.of(all)).toEqual(new Deadlines().of(all));
    }
  });
  it('hold the rows of now, not those that were sorted before', () => {
    const [old, now] = [rowOf(incident(1), 1), rowOf(incident(1, { severity: 'EXTREME' }), 2)];
    expect(resorted([now], [old], (r) => r.id, (a, b) => a.order - b.order)).toEqual([now]);
  });
  it('an unknown level stands above the two lowest', () => {
    const rows = (['GENERAL', 'SEVERITY_UNKNOWN', 'LARGE', 'EXTREME'] as const).map((severity, n) => rowOf(incident(n, { severity }), 1));
    expect(new Ordered().of(rows, 'level').map((r) => r.level)).toEqual(['EXTREME', 'SEVERITY_UNKNOWN', 'LARGE', 'GENERAL']);
  });
  it('never count an exercise beside what is real', () => {
    const { actual, drill } = split([rowOf(incident(1), 1), rowOf(incident(2, { purpose: 'EXERCISE' }), 1), rowOf(incident(3, { purpose: 'TEST' }), 1)]);
    expect([counted(actual).open, counted(drill).open]).toEqual([1, 2]);
  });
  it('sort what was opened into slots, the newest last', () => {
    const line = opened([rowOf(incident(1, { opened_at_ms: '1000' }), 1), rowOf(incident(2, { opened_at_ms: '350' }), 1)], 1050, 3, 100).get('MAJOR');
    expect(line).toEqual([0, 0, 1]);
  });
});

describe('alarms', () => {
  const news = (n: number): ReturnType<typeof apply> => apply(emptyState(), { kind: 'incident', index: n, summary: incident(n) });
  it('tell a condition once, also when its event comes again', () => {
    const alarms = new Alarms();
    expect(alarms.hear(news(1), 0)).toHaveLength(1);
    expect(alarms.hear(news(1), 0)).toHaveLength(0);
    expect(alarms.hear(news(2), 0)).toHaveLength(1);
  });
  it('a mute ends by itself and nothing old is shouted afterwards', () => {
    const alarms = new Alarms();
    alarms.mute(1000);
    expect(alarms.hear(news(1), 999)).toHaveLength(0);
    expect(alarms.hear(news(1), 1001)).toHaveLength(0);
    expect(alarms.hear(news(2), 1001)).toHaveLength(1);
    expect(alarms.muteLeftMs(400)).toBe(600);
  });
  it('an exercise makes no sound', () => {
    const told = apply(emptyState(), { kind: 'incident', index: 1, summary: incident(1, { purpose: 'EXERCISE' }) });
    expect(new Alarms().hear(told, 0)).toEqual([]);
  });
  it('a lost line is told once until it is back', () => {
    const alarms = new Alarms();
    expect([true, true, false, true].map((s) => alarms.staleness(s, 0).length)).toEqual([1, 0, 0, 1]);
  });
});

describe('the clock', () => {
  it('goes by the message with the least delay and not by this computer', () => {
    let mono = 0;
    const clock = new ServerClock(() => mono, () => 42);
    expect(clock.nowMs()).toBe(42);
    clock.observe(10_000);      // 0 ms late
    mono = 1000;
    clock.observe(10_700);      // 300 ms late
    expect(clock.nowMs()).toBe(11_000);
  });
  it('writes spans and local times', () => {
    expect([clockText(247_000), clockText(-7_447_000), clockText(90_061_000)]).toEqual(['4:07', '2:04:07', '1d 1:01:01']);
    expect(localTime(0, 480, true)).toBe('1970-01-01 08:00:00');
  });
});
