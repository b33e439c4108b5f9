// How long from an event until its cell is painted, and how busy the page is: node tests/web/bench_paint.mjs [--incidents N] [--per-s N] [--seconds N]
// The mock stands for the screen; both run on this machine, so the times include the mock's own work.
import { readFileSync, readdirSync } from 'node:fs';
import { PASSWORD, startMock } from '../../adapters/screen/web/mock/server.mjs';
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

// In the page: when each duty's event arrived and was sent, and when the cell that shows it was painted.
function observe() {
  window.bench = { paints: [], long: [], arrived: new Map(), from: Infinity };
  new PerformanceObserver((list) => list.getEntries().forEach((e) => { if (e.startTime > window.bench.from) window.bench.long.push(Math.round(e.duration)); })).observe({ type: 'longtask' });
  const add = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function listen(name, take) {
    return add.call(this, name, (event) => {
      if (name === 'incident') {
        const summary = JSON.parse(event.data);
        for (const duty of summary.duty) window.bench.arrived.set(duty.duty_id, { sent: summary.mock_sent_ms, at: performance.now() });
      }
      take(event);
    });
  };
  const painted = (cell) => {
    const event = window.bench.arrived.get(cell.dataset.duty);
    if (event === undefined || performance.now() < window.bench.from) return;
    window.bench.arrived.delete(cell.dataset.duty);
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.bench.paints.push({ page: performance.now() - event.at, whole: Date.now() - event.sent });
      channel.port2.postMessage(0);
    });
  };
  new MutationObserver((changes) => changes.forEach((c) => painted(c.target))).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-state'] });
}

// Most of the updates fall anywhere, some on what is in sight, so that there is something to measure.
const IN_SIGHT_PER_S = Math.min(perS, 10);
// The largest of the browser's own page processes, as the system counts it.
function residentMiB() {
  const parents = new Map();
  const renderers = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      parents.set(pid, /PPid:\s+(\d+)/.exec(status)[1]);
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) renderers.push([pid, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  const ours = (pid) => pid === String(process.pid) || (parents.has(pid) && pid !== '1' && ours(parents.get(pid)));
  return Math.round(Math.max(0, ...renderers.filter(([pid]) => ours(pid)).map(([, kib]) => kib)) / 1024);
}

const mock = await startMock({ incidents, drills: 0, stepsPerS: perS - IN_SIGHT_PER_S });
const browser = await launch();
const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 } })).newPage();
await page.addInitScript(observe);
await page.goto(mock.url);
await page.fill('[name=account]', 'duty');
await page.fill('[name=password]', PASSWORD);
await page.click('.sign-box .button.main');
await page.waitForSelector('.matrix-line.row');
const size = async () => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  return Math.round(usedSize / 2 ** 20);
};
const before = await size();
await page.waitForTimeout(SETTLE_MS);
const NEXT = { ASSIGNED: 'RECEIVED', RECEIVED: 'SEEN', SEEN: 'ACCEPTED', ACCEPTED: 'EN_ROUTE', EN_ROUTE: 'ON_SCENE', ON_SCENE: 'COMPLETED' };
const stepping = setInterval(async () => {
  const cells = await page.evaluate(() => [...document.querySelectorAll('.matrix-line.row .cell')].filter((c) => !c.classList.contains('inform')).map((c) => [c.dataset.duty, c.dataset.state])).catch(() => []);
  const open = cells.filter(([, state]) => NEXT[state]);
  const [duty, state] = open[Math.floor(Math.random() * open.length)] ?? [];
  if (duty) mock.night.say(mock.world.findDuty(duty), NEXT[state]);
}, 1000 / IN_SIGHT_PER_S);
await page.evaluate(() => { window.bench.from = performance.now(); });
await page.waitForTimeout(seconds * 1000);
clearInterval(stepping);
const { paints, long } = await page.evaluate(() => ({ paints: window.bench.paints, long: window.bench.long }));
const at = (list, share) => (list.length === 0 ? NaN : [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))]);
const line = (name, list) => console.log(`${name}: p50 ${at(list, 0.5).toFixed(1)} ms, p99 ${at(list, 0.99).toFixed(1)} ms, max ${at(list, 1).toFixed(1)} ms (${list.length} cells)`);
console.log(`${incidents} incidents, ${perS} updates a second, ${seconds} s, 1920x1080`);
line('event in the page -> painted cell', paints.map((p) => p.page));
line('sent by the mock -> painted cell', paints.map((p) => p.whole));
console.log(`main-thread tasks over 50 ms: ${long.length}${long.length > 0 ? ` (${long.join(', ')} ms)` : ''}`);
console.log(`JavaScript heap: ${before} MiB before, ${await size()} MiB after; the page's process: ${residentMiB()} MiB resident`);
await browser.close();
await mock.stop();
process.exit(0);
