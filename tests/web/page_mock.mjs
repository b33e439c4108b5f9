// The page against its mock, in Debian's chromium: what people see and do. One or more words select flows: node page_mock.mjs clerk
import assert from 'node:assert/strict';
import { flow, run, until } from './flows.mjs';
import './page_mock_desk.mjs';
import './page_mock_procedure.mjs';

const openDuty = (summary, party) => summary.duty.find((d) => d.status === 'DUTY_OPEN' && (party === undefined || d.party === party));
const TOWN = '339921100000';  // 青石镇

flow('sign-in: a wrong password is told in words, a second factor is asked for, a first password must be changed', async (stage) => {
  const page = await stage.open();
  await stage.shot(page, 'sign-in');
  await stage.accessible(page, 'sign-in');
  await page.fill('[name=account]', 'totp');
  await page.fill('[name=password]', 'wrong');
  await page.click('.sign-box .button.main');
  await page.waitForSelector('text=账号或密码不正确');
  await page.fill('[name=password]', 'mock-only');
  await page.click('.sign-box .button.main');
  await page.fill('[name=totp]', '123456');
  await page.click('.sign-box .button.main');
  await page.waitForSelector('.matrix-line.row');
  const fresh = await stage.open();
  await fresh.fill('[name=account]', 'fresh');
  await fresh.fill('[name=password]', 'mock-only');
  await fresh.click('.sign-box .button.main');
  await fresh.waitForSelector('text=请先修改密码');
  assert.equal(await fresh.locator('.matrix').count(), 0);
  await fresh.fill('[name=old]', 'mock-only');
  await fresh.fill('[name=new]', 'long-enough-1');
  await fresh.fill('[name=again]', 'long-enough-1');
  await fresh.click('.account-box .button.main');
  await fresh.waitForSelector('.matrix-line.row');
});

flow('a wall with a device certificate needs no password and can only look', async (stage) => {
  const page = await stage.open();
  await page.waitForSelector('.matrix-line.row');
  await page.click('.matrix-line.row >> nth=0');
  await page.waitForSelector('text=您的角色只能查看');
  assert.equal(await page.locator('[data-act], text=新建事件').count().catch(() => 0), 0);
}, { wall: true });

flow('an incident appears on the map, the board and in the matrix; an acknowledgment changes its cell; a miss shows', async (stage) => {
  const page = await stage.signIn('duty');
  const told = await stage.tell('tell', { category: 'natural.flood.flash', severity: 'EXTREME', division: TOWN, danger: 'YES' });
  const id = told.incident.incident_id;
  const row = page.locator(`[data-incident="${id}"]`);
  await row.waitFor();
  assert.match(await row.innerText(), /小流域山洪\s*青石镇/);
  const duty = openDuty(told, 'town-qingshi');
  await page.waitForSelector(`[data-mark="${id}"]`);
  const cell = page.locator(`[data-incident="${id}"] [data-duty="${duty.duty_id}"]`);
  assert.equal(await cell.getAttribute('data-state'), 'ASSIGNED');
  await stage.tell('step', { duty_id: duty.duty_id, state: 'ACCEPTED' });
  await page.waitForSelector(`[data-duty="${duty.duty_id}"][data-state="ACCEPTED"]`);
  assert.match(await row.innerText(), new RegExp(`1/${new Set(told.duty.map((d) => d.party)).size}`));
  const late = openDuty(told, 'power-supply') ?? told.duty.find((d) => d.status === 'DUTY_OPEN' && d.duty_id !== duty.duty_id);
  await stage.tell('due', { duty_id: late.duty_id, in_ms: 200 });
  await page.waitForSelector(`.cell.late[data-duty="${late.duty_id}"]`);
  await page.waitForSelector(`[data-mark="${id}"].late`);
  // The board lists the overdue of the highest level first; what is below is reached by scrolling.
  const line = page.locator(`.due-row.late[data-due="${late.duty_id}"]`);
  await until(async () => {
    if (await line.count() > 0) return true;
    await page.evaluate(() => { const box = document.querySelector('.due-part.overdue .virtual'); box.scrollTop = (box.scrollTop + 80) % box.scrollHeight; });
    return false;
  }, 'the missed deadline on the board');
  assert.match(await line.innerText(), /升级1级[\s\S]*0199-555/);
  await stage.shot(page, 'wall-1920x1080');
});

flow('what is not current says so: the service away, the hub away, silence; afterwards all is right again', async (stage) => {
  const page = await stage.signIn('duty');
  await stage.tell('down', { on: true });
  await page.waitForSelector('.stale >> text=与大屏服务的连接中断');
  await stage.shot(page, 'stale');
  const told = await stage.tell('tell', { category: 'natural.landslide', severity: 'EXTREME', division: TOWN });
  assert.equal(await page.locator(`[data-incident="${told.incident.incident_id}"]`).count(), 0);
  await stage.tell('down', { on: false });
  await page.waitForSelector(`[data-incident="${told.incident.incident_id}"]`);
  await page.waitForSelector('.stale', { state: 'detached' });
  await stage.tell('feed', { ok: false });
  await page.waitForSelector('.stale >> text=与枢纽断开');
  await stage.accessible(page, 'stale');
  await stage.tell('feed', { ok: true });
  await page.waitForSelector('.stale', { state: 'detached' });
  await stage.tell('silent', { on: true });
  await page.waitForSelector('.stale >> text=大屏服务没有消息');
  await stage.tell('silent', { on: false });
  await page.waitForSelector('.stale', { state: 'detached' });
  assert.match(await page.innerText('.current'), /实时/);
});

flow('a reset makes the page fetch the whole view again', async (stage) => {
  const page = await stage.signIn('duty');
  await stage.tell('grow', { count: 10 });
  await until(async () => Number(await page.innerText('.count.big b >> nth=0')) === stage.mock.world.stats().open, 'the counter after the reset');
});

flow('exercises have a palette, a watermark and counters of their own', async (stage) => {
  const page = await stage.signIn('duty');
  const actual = stage.mock.world.stats().open;
  assert.equal(Number(await page.innerText('.count.big b >> nth=0')), actual);
  const drill = await stage.tell('tell', { purpose: 'EXERCISE', severity: 'EXTREME', division: TOWN });
  await page.waitForSelector('.drill-button:has-text("4")');
  assert.equal(await page.locator(`[data-incident="${drill.incident.incident_id}"]`).count(), 0);
  await page.click('.drill-button');
  await page.waitForSelector(`[data-incident="${drill.incident.incident_id}"]`);
  await until(async () => Number(await page.innerText('.count.big b >> nth=0')) === 4, 'the counter of exercises');
  assert.equal(await page.locator('.water').count(), 1);
  await stage.shot(page, 'exercise');
  await stage.accessible(page, 'exercise');
  await page.click('.views .button >> nth=0');
  await until(async () => Number(await page.innerText('.count.big b >> nth=0')) === actual, 'the counter of what is real');
});

flow('keyboard only: the matrix, the map by arrow keys, a cluster, an act', async (stage) => {
  const page = await stage.signIn('duty');
  await page.focus('.matrix-grid');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.incident-panel');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.incident-panel', { state: 'detached' });
  await page.focus('.mark[tabindex="0"]');
  const before = await page.evaluate(() => document.activeElement.dataset.mark);
  const moved = await until(async () => {
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp']) {
      await page.keyboard.press(key);
      const now = await page.evaluate(() => document.activeElement.dataset?.mark);
      if (now !== undefined && now !== before) return now;
    }
    return false;
  }, 'another mark in focus');
  assert.notEqual(moved, before);
  for (let n = 0; n < 2; n += 1) await stage.tell('tell', { division: '' });
  await page.waitForSelector('[data-mark="unknown"].many');
  await page.focus('[data-mark="unknown"]');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.map-list');
  await page.keyboard.press('Enter');  // the close button has the focus
  await page.waitForSelector('.map-list', { state: 'detached' });
  await page.focus('.matrix-grid');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.focus('[data-act="note"]');
  await page.keyboard.press('Enter');
  await page.keyboard.type('按键录入');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.act .sure');
  await page.keyboard.press('Enter');
  await page.waitForSelector('[data-answer="log_index"]');
});

flow('English is one button away and stays after a reload', async (stage) => {
  const page = await stage.signIn('duty');
  await page.click('text=English');
  await page.waitForSelector('text=Acknowledgments');
  await page.reload();
  await page.waitForSelector('text=Deadlines');
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  await stage.shot(page, 'wall-english');
  await stage.accessible(page, 'wall in English');
});

flow('fits from 1366x768 to 3840x2160 and is accessible', async (stage) => {
  for (const [width, height] of [[1366, 768], [1920, 1080], [3840, 2160]]) {
    const page = await stage.signIn('duty', { width, height });
    await page.click('.matrix-line.row >> nth=0');
    await page.waitForSelector('.ip-duties li');
    const spill = await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]);
    assert.deepEqual(spill.map((px) => Math.max(0, px)), [0, 0], `${width}x${height} spills over`);
    if (width === 1366) await stage.accessible(page, `wall ${width}`);
    await page.keyboard.press('Escape');
    await stage.shot(page, `wall-${width}x${height}`);
  }
});

flow('one alarm for one condition, heard and spoken; a mute ends by itself', async (stage) => {
  const init = () => {
    window.spoken = [];
    window.SpeechSynthesisUtterance = function Utterance(text) { this.text = text; };
    Object.defineProperty(window, 'speechSynthesis', { value: { speak: (u) => window.spoken.push(u.text), cancel() {}, getVoices: () => [] } });
  };
  const page = await stage.signIn('duty', { init });
  await page.click('.sound button');
  await page.waitForSelector('text=声音已开');
  await stage.tell('tell', { category: 'natural.landslide', severity: 'MAJOR', division: TOWN });
  await until(() => page.evaluate(() => window.spoken.some((text) => text.includes('新事件，青石镇，山体滑坡，重大'))), 'the voice');
  await stage.tell('tell', { category: 'natural.landslide', purpose: 'EXERCISE', division: TOWN });
  const told = await stage.tell('tell', { category: 'accident.gas', severity: 'LARGE', division: TOWN });
  await until(() => page.evaluate(() => window.spoken.some((text) => text.includes('燃气泄漏'))), 'the voice again');
  const count = await page.evaluate(() => window.spoken.filter((text) => text.includes('新事件')).length);
  assert.equal(count, 2);
  await page.click('.sound button');
  await page.click('text=静音 5 分钟');
  await page.waitForSelector('text=/静音 [45]:/');
  const duty = openDuty(told);
  await stage.tell('due', { duty_id: duty.duty_id, in_ms: 100 });
  await page.waitForSelector(`.cell.late[data-duty="${duty.duty_id}"]`);
  assert.equal(await page.evaluate(() => window.spoken.some((text) => text.includes('超时'))), false);
});

flow('tiles of a declared datum lie under the map, and the points are shifted to them', async (stage) => {
  const page = await stage.signIn('duty');
  await until(() => page.evaluate(() => document.querySelectorAll('.map-tiles img').length > 3 && [...document.querySelectorAll('.map-tiles img')].every((i) => i.complete && i.naturalWidth > 0)), 'the tiles');
  await page.waitForSelector('text=测试图源');
  await stage.shot(page, 'wall-tiles');
}, { tiles: { url: '/tiles/{z}/{x}/{y}.svg', datum: 'GCJ02', attribution: '测试图源' } });

await run();
