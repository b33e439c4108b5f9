// What the two benchmarks of the page measure in it.
import { readFileSync, readdirSync } from 'node:fs';

// In the page: when each duty's event arrived and was sent, and when the cell that shows it was painted. Looks into an event only when a cell in sight has
// changed: what the measurement does beside it is no work of the page.
export function observe() {
  const RECENT_MAX = 500;
  window.bench = { paints: [], recent: [], from: Infinity };
  const shown = new WeakMap();
  const add = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function listen(name, take) {
    return add.call(this, name, (event) => {
      if (name === 'incident') {
        window.bench.recent.push({ data: event.data, at: performance.now() });
        if (window.bench.recent.length > RECENT_MAX) window.bench.recent.splice(0, RECENT_MAX / 2);
      }
      take(event);
    });
  };
  const painted = (cell) => {
    const { duty, state } = cell.dataset;
    const event = window.bench.recent.findLast(({ data }) => data.includes(`"duty_id":"${duty}"`));
    if (event === undefined || shown.get(cell) === event || performance.now() < window.bench.from) return;
    shown.set(cell, event);
    const sent = Number(/"mock_sent_ms":"?(\d+)/.exec(event.data)?.[1] ?? 0);
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.bench.paints.push({ duty, state, page: performance.now() - event.at, at: performance.timeOrigin + performance.now(), whole: Date.now() - sent });
      channel.port2.postMessage(0);
    });
  };
  new MutationObserver((changes) => changes.forEach((c) => painted(c.target))).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-state'] });
}

// The largest of the browser's own page processes, as the system counts it, in MiB: what is resident of it, with the browser's program that all its
// processes share, and what is its own, which is what the browser's task manager shows.
export function memoryMiB() {
  const parents = new Map();
  const renderers = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
      parents.set(pid, String(kib('PPid')));
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) renderers.push({ pid, resident: kib('VmRSS'), own: kib('RssAnon') + kib('VmSwap') });
    } catch {
      // It has ended meanwhile.
    }
  }
  const ours = (pid) => pid === String(process.pid) || (parents.has(pid) && pid !== '1' && ours(parents.get(pid)));
  const largest = renderers.filter(({ pid }) => ours(pid)).sort((a, b) => b.resident - a.resident)[0] ?? { resident: 0, own: 0 };
  return { resident: Math.round(largest.resident / 1024), own: Math.round(largest.own / 1024) };
}

export const at = (list, share) => (list.length === 0 ? NaN : [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))]);

// MiB of live JavaScript.
export async function heapMiB(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  await cdp.detach();
  return Math.round(usedSize / 2 ** 20);
}

// Of the cells that can be seen now and ask for more than to be stored: [duty, state].
export const cellsInSight = (page) => page.evaluate(() => [...document.querySelectorAll('.matrix-line.row .cell')]
  .filter((c) => !c.classList.contains('inform')).map((c) => [c.dataset.duty, c.dataset.state])).catch(() => []);
