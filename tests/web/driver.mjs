// Browsers for a test that is written elsewhere: one JSON command a line on stdin, one JSON answer a line on stdout. Ends with stdin.
// {"page", "do": open|goto|fill|click|select|check|wait|text|count|attribute|shot|axe|press|complaints, ...}; a page is opened by its first "open".
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { graveFindings } from './axe.mjs';
import { ROOT, launch } from './browser.mjs';

const SHOTS = process.env.LIANDONG_SHOTS ?? join(ROOT, 'build/screenshots');
const browser = await launch();
const pages = new Map();
const complaints = [];

const doing = {
  async open({ page: name, url, width = 1920, height = 1080, phone = false, wait_ms }) {
    // The site's own authority is made for the test and nobody's browser knows it.
    const context = await browser.newContext({ viewport: { width, height }, ignoreHTTPSErrors: true, ...(phone ? { deviceScaleFactor: 2, isMobile: true, hasTouch: true } : {}) });
    const page = await context.newPage();
    page.setDefaultTimeout(wait_ms);
    page.on('pageerror', (error) => complaints.push(`${name}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(`${name}: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (new URL(request.url()).host !== new URL(url).host) complaints.push(`${name} leaves the site: ${request.url()}`);
    });
    pages.set(name, page);
    await page.goto(url);
  },
  fill: ({ page, at, value }) => page.fill(at, value),
  click: ({ page, at }) => page.click(at),
  select: ({ page, at, value }) => page.selectOption(at, value),
  check: ({ page, at }) => page.check(at),
  press: ({ page, key }) => page.keyboard.press(key),
  wait: ({ page, at, state = 'visible' }) => page.waitForSelector(at, { state }),
  text: ({ page, at }) => page.innerText(at),
  count: ({ page, at }) => page.locator(at).count(),
  attribute: ({ page, at, name }) => page.getAttribute(at, name),
  async shot({ page, name }) {
    mkdirSync(SHOTS, { recursive: true });
    await page.screenshot({ path: join(SHOTS, `${name}.png`) });
  },
  axe: ({ page, name }) => graveFindings(page, name),
  complaints: () => complaints,
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    const value = await doing[command.do](command.do === 'open' ? command : { ...command, page: pages.get(command.page) });
    answer = { value: ['string', 'number'].includes(typeof value) || Array.isArray(value) ? value : null };
  } catch (error) {
    const page = pages.get(command.page);
    if (page) await page.screenshot({ path: join(SHOTS, `failed-${command.page}.png`) }).catch(() => {});
    answer = { error: String(error.message) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
process.exit(0);
