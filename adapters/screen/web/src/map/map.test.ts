import { describe, expect, it } from 'vitest';
import { rowOf } from '../store/rows';
import { incident } from '../store/samples';
import { Divider, Seats, marksOf, nearest, sharesOf, type Mark } from './cluster';
import { toDatum, wgs84ToGcj02 } from './datum';
import { fit, honeycomb, inside, levelsOf, prefixOf, tilesFor, widest, type XY } from './project';

describe('datums', () => {
  // Published test points, reproduced by two independent libraries.
  it.each([[31.1774276, 121.5272106, 31.17530398364597, 121.531541859215], [22.543847, 113.912316, 22.540796131694766, 113.9171764808363],
    [39.911954, 116.377817, 39.91334545536069, 116.38404722455657]])('WGS-84 %f, %f', (lat, lng, toLat, toLng) => {
    const p = wgs84ToGcj02({ lat, lng });
    expect(p.lat).toBeCloseTo(toLat, 10);
    expect(p.lng).toBeCloseTo(toLng, 10);
  });
  it('BD-09 by way of GCJ-02', () => {
    const p = toDatum({ lat: 28.4569, lng: 119.9225 }, 'BD09');
    expect(p.lat).toBeCloseTo(28.45921504148329, 9);
    expect(p.lng).toBeCloseTo(119.93348260371535, 9);
  });
  it('leaves points alone outside China, and for WGS-84, CGCS2000 and unknown', () => {
    expect(wgs84ToGcj02({ lat: 48, lng: 2 })).toEqual({ lat: 48, lng: 2 });
    for (const datum of ['WGS84', 'CGCS2000', 'DATUM_UNKNOWN'] as const) expect(toDatum({ lat: 28, lng: 119 }, datum)).toEqual({ lat: 28, lng: 119 });
  });
});

const SQUARE = [{ lat: 28, lng: 119 }, { lat: 28, lng: 120 }, { lat: 29, lng: 120 }, { lat: 29, lng: 119 }, { lat: 28, lng: 119 }];
describe('the projection', () => {
  it('fits everything into the box, north up', () => {
    const p = fit([SQUARE], { width: 800, height: 600 }, 10);
    const [sw, ne] = [p.of({ lat: 28, lng: 119 }), p.of({ lat: 29, lng: 120 })];
    expect(sw.y).toBeCloseTo(590, 3);
    expect(ne.y).toBeCloseTo(10, 3);
    expect(sw.x).toBeGreaterThan(10);
    expect(ne.x).toBeLessThan(790);
  });
  it('lays tiles under the same points', () => {
    const box = { width: 800, height: 600 };
    const p = fit([SQUARE], box, 10);
    const tiles = tilesFor({ url: '/t/{z}/{x}/{y}.png', datum: 'WGS84', attribution: '' }, p, box);
    expect(tiles.length).toBeGreaterThan(3);
    expect(Math.min(...tiles.map((t) => t.x))).toBeLessThanOrEqual(0);
    expect(Math.max(...tiles.map((t) => t.x + t.size))).toBeGreaterThanOrEqual(800);
    expect(tiles[0]?.url).toMatch(/^\/t\/\d+\/\d+\/\d+\.png$/);
  });
  it('knows townships whose own digits end in zeros', () => {
    expect(['339921100000', '339921001000', '339921000000', '330000000000', '339921001003'].map(prefixOf)).toEqual(['339921100', '339921001', '339921', '33', '339921001003']);
    const d = (code: string): Parameters<typeof levelsOf>[0][number] => ({ code, name_zh: '', name_en: '', outline: SQUARE });
    const { frame, areas } = levelsOf([d('339921000000'), d('339921100000'), d('339921001000')]);
    expect([frame.length, areas.length]).toEqual([1, 2]);
  });
  it('finds the widest place, inside, of a shape that bends', () => {
    const l: XY[] = [{ x: 0, y: 0 }, { x: 100, y: 0 }, { x: 100, y: 20 }, { x: 20, y: 20 }, { x: 20, y: 100 }, { x: 0, y: 100 }, { x: 0, y: 0 }];
    const { at, radius } = widest(l);
    expect(inside(at, l)).toBe(true);
    expect(radius).toBeGreaterThan(9);
  });
});

describe('marks', () => {
  const rows = (n: number): ReturnType<typeof rowOf>[] => Array.from({ length: n }, (_, i) => rowOf(incident(i + 1, { severity: i === 3 ? 'EXTREME' : 'GENERAL' }), 1));
  const places = honeycomb({ x: 50, y: 50 }, 40, 20);
  it('never stand on one another', () => {
    expect(places.length).toBeGreaterThan(4);
    for (const [n, a] of places.entries()) for (const b of places.slice(n + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(17);
  });
  it('show each incident while there is room, and the rest as one cluster, the most urgent apart', () => {
    expect(marksOf('t', rows(places.length), places, new Seats()).every((m) => m.rows.length === 1)).toBe(true);
    const crowded = marksOf('t', rows(40), places, new Seats());
    expect(crowded).toHaveLength(places.length);
    expect(crowded.reduce((sum, m) => sum + m.rows.length, 0)).toBe(40);
    expect(crowded.find((m) => m.rows.length > 1)?.levels).toEqual([{ level: 'GENERAL', count: 40 - places.length + 1 }]);
  });
  it('keep their places while others come and go', () => {
    const taken = new Seats();
    const before = marksOf('t', rows(5), places, taken);
    const after = marksOf('t', rows(5).slice(1), places, taken);
    for (const mark of after) expect(mark.at).toEqual(before.find((m) => m.key === mark.key)?.at);
  });
  it('show the rows of now, in the order of now, while rows change', () => {
    const seats = new Seats();
    marksOf('t', rows(40), places, seats);
    const after = rows(40).map((row, n) => (n === 9 ? rowOf(incident(10, { severity: 'MAJOR' }), 2) : row));
    const marks = marksOf('t', after, places, seats);
    expect(marks.find((m) => m.key === '10')?.level).toBe('MAJOR');
    expect(new Set(marks.flatMap((m) => m.rows))).toEqual(new Set(after));
    const many = marks.find((m) => m.rows.length > 1) as Mark;
    expect(sharesOf(many)).toBe(`GENERAL ${many.rows.length}`);
    expect(many.newestMs).toBe(1_000_000);
  });
  it('stand in the area that holds their division, and nowhere when none does', () => {
    const row = (id: number, division: string): ReturnType<typeof rowOf> => rowOf(incident(id, { division }), 1);
    const divider = new Divider(['339921100000', '339921001000']);
    for (let again = 0; again < 2; again += 1) {
      const { known, unknown } = divider.divide([row(1, '339921100000'), row(2, '339921001003'), row(3, '339921000000'), row(4, '')]);
      expect([...known].map(([code, list]) => [code, list.map((r) => r.id)])).toEqual([['339921100000', ['1']], ['339921001000', ['2']]]);
      expect(unknown.map((r) => r.id)).toEqual(['3', '4']);
    }
  });
  it('are reached by arrow keys: straight ahead first, nothing behind', () => {
    const mark = (key: string, x: number, y: number): Mark => ({ key, at: { x, y }, rows: rows(1), level: 'GENERAL', overdue: false, newestMs: 0, levels: [] });
    const all = [mark('a', 0, 0), mark('b', 50, 5), mark('c', 40, 60), mark('d', -30, 0)];
    expect(nearest(all[0] as Mark, all, 'ArrowRight')?.key).toBe('b');
    expect(nearest(all[0] as Mark, all, 'ArrowLeft')?.key).toBe('d');
    expect(nearest(all[0] as Mark, all, 'ArrowUp')).toBeNull();
  });
});
