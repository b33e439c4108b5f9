// A small runner for browser flows: each flow gets a mock of its own and fails on whatever the browser complains about.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PASSWORD, startMock } from '../../adapters/screen/web/mock/server.mjs';
import { graveFindings } from './axe.mjs';
import { ROOT, SKIP, launch, whatIsMissing } from './browser.mjs';

export const WAIT_MS = 60_000;  // generous: machines that test are busy
const SHOTS = process.env.LIANDONG_SHOTS ?? join(ROOT, 'build/screenshots');
const flows = [];
export const flow = (name, run, mock = {}) => flows.push({ name, run, mock });

export class Stage {
  constructor(browser, mock, name) {
    Object.assign(this, { browser, mock, name, complaints: [], pages: [] });
  }

  async open({ width = 1920, height = 1080, phone = false, init } = {}) {
    const context = await this.browser.newContext({ viewport: { width, height }, ...(phone ? { deviceScaleFactor: 2, isMobile: true, hasTouch: true } : {}) });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    this.pages.push(context);
    if (init) await page.addInitScript(init);
    page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      // A refused call is the server's answer and is looked at where it is made.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) this.complaints.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(this.mock.url)) this.complaints.push(`leaves the site: ${request.url()}`);
    });
    await page.goto(this.mock.url);
    return page;
  }

  async signIn(account, options = {}) {
    const page = await this.open(options);
    await page.fill('[name=account]', account);
    await page.fill('[name=password]', PASSWORD);
    await page.click('.sign-box .button.main');
    await page.waitForSelector(options.waitFor ?? '.matrix-line.row, .clerk-list');
    return page;
  }

  async tell(control, body = {}) {
    const answer = await fetch(`${this.mock.url}/mock/${control}`, { method: 'POST', body: JSON.stringify(body) });
    return answer.json();
  }

  shot(page, name, options = {}) {
    mkdirSync(SHOTS, { recursive: true });
    return page.screenshot({ path: join(SHOTS, `${name}.png`), ...options });
  }

  // No finding of axe that is serious or critical.
  async accessible(page, what) {
    assert.deepEqual(await graveFindings(page, what), []);
  }
}

export async function until(condition, what) {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`never came: ${what}`);
    await new Promise((done) => { setTimeout(done, 50); });
  }
}

// Opens an act of the selected incident, fills it, goes through the summary, and returns the server's answer.
export async function act(page, name, fill, opener = `[data-act="${name}"]`) {
  await page.click(opener);
  await page.waitForSelector('dialog.act[open]');
  if (fill) {
    for (const [field, value] of Object.entries(fill)) {
      const box = page.locator(`dialog.act [name="${field}"]`);
      const kind = await box.first().evaluate((e) => (e.tagName === 'SELECT' ? 'select' : e.type));
      if (kind === 'select') await box.selectOption(value);
      else if (kind === 'checkbox') for (const v of [value].flat()) await (v === true ? box.first() : page.locator(`dialog.act [name="${field}"][value="${v}"]`)).check();
      else await box.fill(value);
    }
    await page.click('dialog.act .button.main');
  }
  await page.waitForSelector('dialog.act .sure');
  await page.click('dialog.act footer .button >> nth=1');
  await page.waitForSelector('dialog.act [data-answer="log_index"]');
  const answer = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll('dialog.act [data-answer]')].map((e) => [e.dataset.answer, e.textContent])));
  await page.click('dialog.act footer .button');
  await page.waitForSelector('dialog.act', { state: 'detached' });
  return answer;
}
export const select = async (page, id) => {
  await page.keyboard.press('Escape');
  await page.fill('.matrix-find input', id);
  await page.click(`[data-incident="${id}"]`);
  await page.waitForSelector('.act-bar, .look-only');
};

export async function run(only = process.argv.slice(2)) {
  const missing = whatIsMissing();
  if (missing) {
    console.log(`SKIPPED: ${missing}`);
    process.exit(SKIP);
  }
  const browser = await launch();
  let failed = 0;
  for (const { name, run: play, mock: options } of flows) {
    if (only.length > 0 && !only.some((word) => name.includes(word))) continue;
    const mock = await startMock({ incidents: 24, drills: 3, ...options });
    const stage = new Stage(browser, mock, name);
    const started = Date.now();
    try {
      await play(stage);
      assert.deepEqual(stage.complaints, []);
      console.log(`ok    ${name} (${Date.now() - started} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n${error.stack}\n${stage.complaints.join('\n')}`);
      const page = stage.pages.at(-1)?.pages()[0];
      if (page) await stage.shot(page, `failed-${name.replace(/\W+/g, '-')}`).catch(() => {});
    }
    await Promise.all(stage.pages.map((context) => context.close()));
    await mock.stop();
  }
  await browser.close();
  console.log(failed === 0 ? 'all flows passed' : `${failed} flows failed`);
  process.exit(failed === 0 ? 0 : 1);
}
