import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { en } from './en';
import { zh } from './zh';
import { fill } from './index';
import { shortEn, shortZh } from './names';

const SRC = join(__dirname, '..');
const files = (folder: string): string[] => readdirSync(folder, { withFileTypes: true }).flatMap((f) => (f.isDirectory() ? files(join(folder, f.name)) : [join(folder, f.name)]));
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] as string).sort();

describe('the words', () => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });
  it('have the same places to fill, and none is empty', () => {
    for (const key of Object.keys(zh) as (keyof typeof zh)[]) {
      expect([key, holes(en[key])]).toEqual([key, holes(zh[key])]);
      expect(zh[key].trim() + en[key].trim()).not.toBe('');
    }
  });
  it('name every value of the contract that a person is shown', () => {
    const folder = join(SRC, '../../../../protos/liandong/v1');
    const protos = readdirSync(folder).map((f) => readFileSync(join(folder, f), 'utf8')).join('\n');
    const shown = { deliveryKind: 'DeliveryKind', state: 'AckState', role: 'Role', level: 'Severity', purpose: 'Purpose', status: 'IncidentStatus', verification: 'Verification', way: 'Way',
      upwardKind: 'UpwardKind', missingField: 'UpwardField', form: 'UpwardForm' };
    for (const [prefix, name] of Object.entries(shown)) {
      const body = new RegExp(`^enum ${name} \\{([^}]*)\\}`, 'm').exec(protos)?.[1] ?? '';
      const values = [...body.matchAll(/^ +(\w+) = \d+/gm)].map((m) => m[1] as string).filter((value) => !value.endsWith('_UNSPECIFIED'));
      expect(values.length).toBeGreaterThan(1);
      expect(values.filter((value) => !(`${prefix}.${value}` in zh))).toEqual([]);
    }
  });
  it('are all used', () => {
    const source = files(SRC).filter((f) => /\.(vue|ts)$/.test(f) && !/words\/(zh|en|procedure)\.ts$/.test(f)).map((f) => readFileSync(f, 'utf8')).join('\n');
    const unused = Object.keys(zh).filter((key) => {
      const prefix = key.slice(0, key.lastIndexOf('.'));
      return !source.includes(`'${key}'`) && !source.includes(`token('${prefix}'`) && !source.includes(`words('${prefix}'`) && !source.includes(`\`${prefix}.`);
    });
    expect(unused).toEqual([]);
  });
  it('stand nowhere else: no template holds Chinese of its own', () => {
    for (const file of files(SRC).filter((f) => f.endsWith('.vue'))) {
      const template = readFileSync(file, 'utf8').split('<template>').slice(1).join('').replace(/'中文'|'中'/g, '');
      expect([file, /[\u4e00-\u9fff]/.exec(template)?.[0]]).toEqual([file, undefined]);
    }
  });
  it('are filled, and what is not given stays to be seen', () => {
    expect(fill('{a} of {b}', { a: 1 })).toBe('1 of {b}');
  });
});

describe('short names', () => {
  const zhName = (kind: 'HOTLINE' | 'AGENCY' | 'TOWNSHIP', name_zh: string): string => shortZh({ id: 'x', kind, name_zh });
  it('fit a narrow column', () => {
    expect(zhName('HOTLINE', '县公安局110报警服务台')).toBe('110');
    expect(zhName('HOTLINE', '县12345政务服务便民热线中心')).toBe('12345');
    expect(zhName('AGENCY', '县自然资源和规划局')).toBe('自然资源');
    expect(zhName('AGENCY', '县供电公司')).toBe('供电');
    expect(zhName('TOWNSHIP', '白沙滩镇')).toBe('白沙滩');
    expect(zhName('TOWNSHIP', '东溪街道')).toBe('东溪');
    expect(shortEn({ id: 'x', kind: 'AGENCY', name_en: 'Weather Bureau' })).toBe('Weather');
  });
});
