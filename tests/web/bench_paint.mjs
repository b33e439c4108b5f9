// How long from an event until its cell is painted, and how busy the page is: node tests/web/bench_paint.mjs [--incidents N] [--per-s N] [--seconds N]
// The mock stands for the screen; both run on this machine, so the times include the mock's own work. --long MS tells of all tasks over so long, --profile
// of their functions too, which slows the page.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PASSWORD, startMock } from '../../adapters/screen/web/mock/server.mjs';
import { at, cellsInSight, heapMiB, observe, memoryMiB } from './bench_page.mjs';
import { buildInto, tasksIn, told, traced } from './bench_trace.mjs';
import { launch, whatIsMissing } from './browser.mjs';

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const [incidents, perS, seconds] = [option('incidents', 2000), option('per-s', 50), option('seconds', 30)];
const missing = whatIsMissing();
if (missing) {
  console.error(missing);
  process.exit(1);
}
const SETTLE_MS = 6000;

// Most of the updates fall anywhere, some on what is in sight, so that there is something to measure.
const IN_SIGHT_PER_S = Math.min(perS, 10);
const dist = mkdtempSync(join(tmpdir(), 'bench-page-'));
buildInto(dist);
const mock = await startMock({ dist, incidents, drills: 0, stepsPerS: perS - IN_SIGHT_PER_S });
const browser = await launch();
const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 } })).newPage();
await page.addInitScript(observe);
await page.goto(mock.url);
await page.fill('[name=account]', 'duty');
await page.fill('[name=password]', PASSWORD);
await page.click('.sign-box .button.main');
await page.waitForSelector('.matrix-line.row');
const before = await heapMiB(page);
await page.waitForTimeout(SETTLE_MS);
const NEXT = { ASSIGNED: 'RECEIVED', RECEIVED: 'SEEN', SEEN: 'ACCEPTED', ACCEPTED: 'EN_ROUTE', EN_ROUTE: 'ON_SCENE', ON_SCENE: 'COMPLETED' };
const stepping = setInterval(async () => {
  const cells = await cellsInSight(page);
  const open = cells.filter(([, state]) => NEXT[state]);
  const [duty, state] = open[Math.floor(Math.random() * open.length)] ?? [];
  if (duty) mock.night.say(mock.world.findDuty(duty), NEXT[state]);
}, 1000 / IN_SIGHT_PER_S);
const untrace = await traced(browser, { profile: process.argv.includes('--profile') });
await page.evaluate(() => { window.bench.from = performance.now(); });
await page.waitForTimeout(seconds * 1000);
clearInterval(stepping);
const windows = await untrace();
const paints = await page.evaluate(() => window.bench.paints);
const line = (name, list) => console.log(`${name}: p50 ${at(list, 0.5).toFixed(1)} ms, p99 ${at(list, 0.99).toFixed(1)} ms, max ${at(list, 1).toFixed(1)} ms (${list.length} cells)`);
console.log(`${incidents} incidents, ${perS} updates a second, ${seconds} s, 1920x1080`);
line('event in the page -> painted cell', paints.map((p) => p.page));
line('sent by the mock -> painted cell', paints.map((p) => p.whole));
console.log(told(tasksIn(windows, { dist, longMs: option('long', 50) })));
console.log(`JavaScript heap: ${before} MiB before, ${await heapMiB(page)} MiB after; the page's process: ${memoryMiB().own} MiB, ${memoryMiB().resident} MiB resident`);
await browser.close();
await mock.stop();
rmSync(dist, { recursive: true });
process.exit(0);
