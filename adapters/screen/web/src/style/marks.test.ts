import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { LEVELS } from '../store/boards';

// The pictures of the levels cannot read the page's tokens: they must say the same colours.
const HERE = fileURLToPath(new URL('.', import.meta.url));
const TOKEN: Record<string, string> = { EXTREME: 'extreme', MAJOR: 'major', LARGE: 'large', GENERAL: 'general', SEVERITY_UNKNOWN: 'unknown' };

it.each(LEVELS)('the picture of %s has the colour of its token', (level) => {
  const tokens = readFileSync(join(HERE, 'tokens.css'), 'utf8');
  const picture = readFileSync(join(HERE, '../parts/marks', `${level}.svg`), 'utf8');
  const colour = new RegExp(`--${TOKEN[level]}: (#[0-9a-f]{6});`).exec(tokens)?.[1];
  expect(colour).toBeDefined();
  expect([...picture.matchAll(/(?:fill|stroke)="(#[0-9a-f]{6})"/g)].map((m) => m[1])).toEqual([colour]);
});
