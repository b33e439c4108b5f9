// Where the page's main thread spends its long tasks: Chrome's own trace, read. A task's wall time counts what else ran on the machine meanwhile;
// its processor time does not, so both are told.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';

const CATEGORIES = ['disabled-by-default-devtools.timeline', 'devtools.timeline', 'disabled-by-default-v8.cpu_profiler', 'v8'];
const BUFFER_KB = 1024 * 1024;
const LONG_MS = 50;
const TOP = 4;

// Traces until stopped. stop() gives the events.
export async function traced(browser) {
  const cdp = await browser.newBrowserCDPSession();
  await cdp.send('Tracing.start', { transferMode: 'ReturnAsStream', traceConfig: { recordMode: 'recordUntilFull', traceBufferSizeInKb: BUFFER_KB, includedCategories: CATEGORIES, excludedCategories: ['*'] } });
  return async () => {
    const complete = new Promise((resolve) => { cdp.once('Tracing.tracingComplete', resolve); });
    await cdp.send('Tracing.end');
    const { stream, dataLossOccurred } = await complete;
    if (dataLossOccurred) throw new Error('the trace was too long for its buffer: measure for a shorter time');
    const parts = [];
    for (;;) {
      const { data, base64Encoded, eof } = await cdp.send('IO.read', { handle: stream, size: 1 << 22 });
      parts.push(base64Encoded ? Buffer.from(data, 'base64') : Buffer.from(data));
      if (eof) break;
    }
    await cdp.send('IO.close', { handle: stream });
    await cdp.detach();
    return JSON.parse(Buffer.concat(parts).toString()).traceEvents;
  };
}

// The thread that ran most tasks of a page.
function mainThread(events) {
  const names = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid}/${e.tid}`));
  const busy = new Map();
  for (const e of events) {
    const key = `${e.pid}/${e.tid}`;
    if (e.name === 'RunTask' && e.ph === 'X' && names.has(key)) busy.set(key, (busy.get(key) ?? 0) + e.dur);
  }
  return [...busy].sort((a, b) => b[1] - a[1])[0]?.[0];
}

// Functions by where they stand in the sources, if the page was built with source maps into `dist`.
function namer(dist) {
  const maps = new Map();
  const mapOf = (file) => {
    if (!maps.has(file)) {
      try {
        maps.set(file, new SourceMap(JSON.parse(readFileSync(join(dist, 'assets', `${file}.map`), 'utf8'))));
      } catch {
        maps.set(file, null);
      }
    }
    return maps.get(file);
  };
  return ({ functionName, url, lineNumber, columnNumber }) => {
    const name = functionName || '(anonymous)';
    if (!url) return name;
    const found = dist === undefined ? undefined : mapOf(url.split('/').at(-1))?.findEntry(lineNumber, columnNumber);
    return found?.originalSource === undefined ? name : `${found.name ?? name} ${found.originalSource.split('/').at(-1)}:${found.originalLine + 1}`;
  };
}

// The samples of the page's processor profile: [time in us, names from the innermost outwards].
function samplesOf(events, pid, name) {
  const nodes = new Map();
  const out = [];
  const profiles = new Map();
  for (const e of events) {
    if (e.pid !== pid) continue;
    if (e.name === 'Profile') profiles.set(e.id, e.args.data.startTime);
    if (e.name !== 'ProfileChunk' || !profiles.has(e.id)) continue;
    const { cpuProfile, timeDeltas = [] } = e.args.data;
    for (const node of cpuProfile?.nodes ?? []) nodes.set(`${e.id}/${node.id}`, { name: name(node.callFrame), parent: node.parent === undefined ? undefined : `${e.id}/${node.parent}` });
    let at = profiles.get(e.id);
    (cpuProfile?.samples ?? []).forEach((sample, n) => {
      at += timeDeltas[n];
      out.push([at, `${e.id}/${sample}`]);
    });
    profiles.set(e.id, at);
  }
  return { samples: out.sort((a, b) => a[0] - b[0]), stack: (id) => {
    const names = [];
    for (let node = nodes.get(id); node !== undefined; node = nodes.get(node.parent)) names.push(node.name);
    return names;
  } };
}

const top = (sums, ms = 1000) => [...sums].sort((a, b) => b[1] - a[1]).slice(0, TOP).map(([name, us]) => [name, Math.round(us / ms)]).filter(([, n]) => n > 0);
const add = (sums, key, n) => sums.set(key, (sums.get(key) ?? 0) + n);

// Every task over `longMs` wall time: {wall, cpu} in ms, what the browser did in it (steps, own time each) and the functions that took most, alone
// (self) and with what they called (whole), [name, ms]. And the histogram of all tasks' processor times.
export function tasksOf(events, { dist, longMs = LONG_MS } = {}) {
  const thread = mainThread(events);
  if (thread === undefined) throw new Error('the trace names no page');
  const [pid, tid] = thread.split('/').map(Number);
  const mine = events.filter((e) => e.ph === 'X' && e.pid === pid && e.tid === tid).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const tasks = mine.filter((e) => e.name === 'RunTask');
  const { samples, stack } = samplesOf(events, pid, namer(dist));
  const long = tasks.filter((e) => e.dur > longMs * 1000).map((task) => {
    const within = mine.filter((e) => e.ts >= task.ts && e.ts + e.dur <= task.ts + task.dur);
    const steps = new Map();
    const open = [];
    for (const e of within) {
      while (open.length > 0 && open.at(-1).ts + open.at(-1).dur <= e.ts) open.pop();
      add(steps, e.name, e.tdur ?? 0);
      if (open.length > 0) add(steps, open.at(-1).name, -(e.tdur ?? 0));
      open.push(e);
    }
    const self = new Map();
    const whole = new Map();
    samples.forEach(([at, id], n) => {
      if (at < task.ts || at > task.ts + task.dur) return;
      const took = Math.min(samples[n + 1]?.[0] ?? at, task.ts + task.dur) - at;
      const names = stack(id);
      add(self, names[0], took);
      for (const one of new Set(names)) if (one !== '(root)') add(whole, one, took);
    });
    return { at: Math.round((task.ts - tasks[0].ts) / 1000), wall: Math.round(task.dur / 1000), cpu: Math.round((task.tdur ?? task.dur) / 1000), steps: top(steps), self: top(self), whole: top(whole) };
  });
  const spread = [5, 10, 16, 25, 35, 50, Infinity].map((to) => [to, 0]);
  for (const e of tasks) spread.find(([to]) => (e.tdur ?? 0) / 1000 <= to)[1] += 1;
  const busy = tasks.reduce((sum, e) => sum + (e.tdur ?? 0), 0) / Math.max(1, tasks.at(-1).ts - tasks[0].ts);
  return { long, spread, busy: Math.round(busy * 100), cpuMost: Math.round(Math.max(...tasks.map((e) => e.tdur ?? 0)) / 1000) };
}

// One line a task, for people.
export const told = (task) => [`  ${task.wall} ms, of it ${task.cpu} ms processor`, task.steps, task.self, task.whole]
  .map((part) => (typeof part === 'string' ? part : part.map(([name, ms]) => `${name} ${ms}`).join(', '))).join(' | ');
