import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { fired, loadCounty } from './county.mjs';
import { all, one, parse } from './textproto.mjs';

const county = loadCounty(join(dirname(fileURLToPath(import.meta.url)), '../../../../deploy/county/site'));

describe('protobuf text', () => {
  it('is read: nesting, repetition, lists, comments, escapes, adjacent strings', () => {
    const m = parse('# c\na: "x\\"y" b { c: 1.5 d: YES } b < c: -2 > e: [1, 2] f: "p" "q" # end\n');
    expect(one(m, 'a')).toBe('x"y');
    expect(all(m, 'b').map((b) => one(b, 'c'))).toEqual([1.5, -2]);
    expect(one(all(m, 'b')[0], 'd')).toBe('YES');
    expect(all(m, 'e')).toEqual([1, 2]);
    expect(one(m, 'f')).toBe('pq');
  });
});

describe('the county', () => {
  it('is whole: every township has an outline and every party of people a telephone', () => {
    const townships = county.site.parties.filter((p) => p.kind === 'TOWNSHIP');
    expect(townships.length).toBeGreaterThan(5);
    for (const t of townships) expect(county.site.divisions.find((d) => d.code === t.division)?.outline.length).toBeGreaterThan(3);
    for (const p of county.site.parties.filter((p) => p.kind !== 'SCREEN')) expect(p.phone_24h).not.toBe('');
  });
  it('has clauses that answer a flood with a lead', () => {
    const clauses = fired(county, { category: 'natural.flood.flash', severity: 'MAJOR', division: '339921100000', source: 'police-110', danger_to_life: 'YES' }, '');
    expect(clauses.flatMap((c) => c.duty).some((d) => d.role === 'LEAD')).toBe(true);
  });
});
