// The browser of bench_real.py: node tests/web/bench_watch.mjs URL ACCOUNT PASSWORD DIST (the page with its source maps; empty: nothing is traced) [profile]. Says {"ready": MiB} when the page shows its rows; then one answer
// to each line: "cells" (what can be seen), "begin" (forget what was measured), "end" (what was measured since; then it ends).
import { createInterface } from 'node:readline';
import { cellsInSight, heapMiB, memoryMiB, observe } from './bench_page.mjs';
import { tasksIn, told, traced } from './bench_trace.mjs';
import { launch } from './browser.mjs';

const [url, account, password, dist, profile] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const browser = await launch();
const page = await (await browser.newContext({ viewport: { width: 1920, height: 1080 }, ignoreHTTPSErrors: true })).newPage();
page.setDefaultTimeout(300_000);
await page.addInitScript(observe);
await page.goto(url);
await page.fill('[name=account]', account);
await page.fill('[name=password]', password);
await page.click('.sign-box .button.main');
await page.waitForSelector('.matrix-line.row');
say({ ready: await heapMiB(page) });
let heap = [];
const most = { resident: 0, own: 0 };
const LOOK_MS = 2000;
const look = () => Object.entries(memoryMiB()).forEach(([name, mib]) => { most[name] = Math.max(most[name], mib); });
let untrace;
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'cells') say(await cellsInSight(page));
  if (line === 'begin') {
    heap = [await heapMiB(page)];
    // The collection of garbage that was just asked for is not the page's.
    await page.waitForTimeout(500);
    if (dist) untrace = await traced(browser, { profile: profile !== undefined });
    else setInterval(look, LOOK_MS);
    say(await page.evaluate(() => Object.assign(window.bench, { paints: [], from: performance.now() }) && true));
  }
  if (line === 'end') {
    const paints = await page.evaluate(() => window.bench.paints);
    look();
    const tasks = untrace ? tasksIn(await untrace(), { dist }) : null;
    say({ paints, tasks, told: tasks ? told(tasks) : '', heap: [...heap, await heapMiB(page)], most });
    break;
  }
}
await browser.close();
process.exit(0);
