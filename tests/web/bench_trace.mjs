// Where the page's main thread spends its long tasks: Chrome's own trace, read. A task's wall time counts what else ran on the machine meanwhile;
// its processor time does not, so both are told.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { WEB } from './browser.mjs';

const CATEGORIES = ['disabled-by-default-devtools.timeline', 'devtools.timeline'];
const PROFILE = ['disabled-by-default-v8.cpu_profiler', 'v8'];  // which functions: costs the page's thread a good part of its time
const BUFFER_KB = 1024 * 1024;
const WINDOW_MS = 60_000;
const LONG_MS = 50;
const TOP = 4;
const OUR_OWN = 'CpuProfiler::StartProfiling';  // the task with which a window begins is the measurement's

// A page with source maps, so that a function of it can be named: built into `dir` from the sources of now.
export function buildInto(dir) {
  const vite = join(WEB, 'node_modules/vite/bin/vite.js');
  const { status } = spawnSync(process.execPath, [vite, 'build', '--sourcemap', 'hidden', '--outDir', dir, '--emptyOutDir', '--logLevel', 'warn'], { cwd: WEB, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('the page could not be built');
}

// Traces until stopped, in windows that fit the browser's buffer. stop() gives the trace of each, as text: reading them can wait.
export async function traced(browser, { profile = false } = {}) {
  const cdp = await browser.newBrowserCDPSession();
  const begin = () => cdp.send('Tracing.start', { transferMode: 'ReturnAsStream', traceConfig: { recordMode: 'recordUntilFull', traceBufferSizeInKb: BUFFER_KB, includedCategories: [...CATEGORIES, ...(profile ? PROFILE : [])], excludedCategories: ['*'] } });
  const windows = [];
  const take = async () => {
    const complete = new Promise((resolve) => { cdp.once('Tracing.tracingComplete', resolve); });
    await cdp.send('Tracing.end');
    const { stream, dataLossOccurred } = await complete;
    if (dataLossOccurred) throw new Error('the trace does not fit its buffer: shorten WINDOW_MS');
    const parts = [];
    for (let eof = false; !eof;) {
      const part = await cdp.send('IO.read', { handle: stream, size: 1 << 22 });
      parts.push(Buffer.from(part.data, part.base64Encoded ? 'base64' : 'utf8'));
      ({ eof } = part);
    }
    await cdp.send('IO.close', { handle: stream });
    windows.push(Buffer.concat(parts));
  };
  let turning = Promise.resolve();
  await begin();
  const timer = setInterval(() => { turning = turning.then(take).then(begin); }, WINDOW_MS);
  return async () => {
    clearInterval(timer);
    await turning;
    await take();
    await cdp.detach();
    return windows;
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

const top = (sums) => [...sums].sort((a, b) => b[1] - a[1]).slice(0, TOP).map(([name, us]) => [name, Math.round(us / 1000)]).filter(([, n]) => n > 0);
const add = (sums, key, n) => sums.set(key, (sums.get(key) ?? 0) + n);

// What the browser did in a task: steps, the processor time of each without that of the steps within it.
function stepsOf(within) {
  const steps = new Map();
  const open = [];
  for (const e of within) {
    while (open.length > 0 && open.at(-1).ts + open.at(-1).dur <= e.ts) open.pop();
    add(steps, e.name, e.tdur ?? 0);
    if (open.length > 0) add(steps, open.at(-1).name, -(e.tdur ?? 0));
    open.push(e);
  }
  return steps;
}

// The main thread's tasks in one window: {seconds, tasks, busy_ms, cpu_most_ms, long}. Of each task over `longMs` of wall time: {wall, cpu} in ms, its steps and
// the functions that took most, alone (self) and with what they called (whole), as [name, ms].
function tasksOf(window, dist, longMs) {
  const events = JSON.parse(window.toString()).traceEvents;
  const thread = mainThread(events);
  if (thread === undefined) throw new Error('the trace names no page');
  const [pid, tid] = thread.split('/').map(Number);
  const mine = events.filter((e) => e.ph === 'X' && e.pid === pid && e.tid === tid).sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const withinOf = (task) => mine.filter((e) => e.ts >= task.ts && e.ts + e.dur <= task.ts + task.dur);
  const starts = mine.filter((e) => e.name === OUR_OWN);
  const tasks = mine.filter((e) => e.name === 'RunTask' && !starts.some((start) => start.ts >= e.ts && start.ts < e.ts + e.dur));
  const { samples, stack } = samplesOf(events, pid, namer(dist));
  const long = tasks.filter((e) => e.dur > longMs * 1000).map((task) => {
    const self = new Map();
    const whole = new Map();
    samples.forEach(([at, id], n) => {
      if (at < task.ts || at > task.ts + task.dur) return;
      const took = Math.min(samples[n + 1]?.[0] ?? at, task.ts + task.dur) - at;
      const names = stack(id);
      add(self, names[0], took);
      for (const one of new Set(names)) if (one !== '(root)') add(whole, one, took);
    });
    return { wall: Math.round(task.dur / 1000), cpu: Math.round((task.tdur ?? task.dur) / 1000), steps: top(stepsOf(withinOf(task))), self: top(self), whole: top(whole) };
  });
  const cpu = tasks.map((e) => (e.tdur ?? e.dur) / 1000);
  return { seconds: (tasks.at(-1).ts - tasks[0].ts) / 1e6, tasks: tasks.length, busy_ms: cpu.reduce((sum, ms) => sum + ms, 0), cpu_most_ms: Math.max(...cpu), long };
}

// All windows together; `cpu_most_ms` is the longest task by processor time.
export function tasksIn(windows, { dist, longMs = LONG_MS } = {}) {
  const each = windows.map((window) => tasksOf(window, dist, longMs));
  const sum = (key) => each.reduce((total, one) => total + one[key], 0);
  return {
    traced_s: Math.round(sum('seconds')), tasks: sum('tasks'), busy_percent: Math.round(sum('busy_ms') / sum('seconds') / 10), cpu_most_ms: Math.round(Math.max(...each.map((one) => one.cpu_most_ms))),
    long: each.flatMap((one) => one.long),
  };
}

// For people: the sums in one line, then each long task in one.
export function told({ traced_s, tasks, busy_percent, cpu_most_ms, long }) {
  const over = long.filter((task) => task.cpu > LONG_MS).length;
  const line = (parts) => parts.map(([name, ms]) => `${name} ${ms}`).join(', ') || '-';
  return [
    `main thread, ${traced_s} s traced: ${tasks} tasks, ${busy_percent}% busy; over ${LONG_MS} ms: ${long.length} by the wall, ${over} by the processor; the longest took ${cpu_most_ms} ms of processor`,
    ...long.map((task) => `  ${task.wall} ms, of it ${task.cpu} ms processor${task.cpu > LONG_MS ? '' : ' (the rest: others ran)'} | steps: ${line(task.steps)} | alone: ${line(task.self)} | in all: ${line(task.whole)}`),
  ].join('\n');
}
