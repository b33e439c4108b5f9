// What a duty officer and a clerk do.
import assert from 'node:assert/strict';
import { act, flow, select, until } from './flows.mjs';

const TOWN = '339921100000';

flow('a duty officer: reports by hand, verifies, corrects, orders, confirms by telephone, reassigns, notes', async (stage) => {
  const { world } = stage.mock;
  const page = await stage.signIn('duty');
  const made = await act(page, 'report',
    { description: '后山落石', category: 'natural.rockfall', severity: 'LARGE', division: TOWN, danger: 'YES', injured: '2' }, 'text=＋ 新建事件');
  const id = made.incident_id;
  const held = world.find(id);
  assert.equal(held.incident.reports[0].description, '后山落石');
  assert.deepEqual(held.incident.counts, { injured: 2 });
  assert.equal(held.timeline[0].actor.person, '张岭云');
  await select(page, id);
  await act(page, 'verify');
  assert.equal(held.incident.verification, 'VERIFIED');
  await until(() => page.locator('[data-act="verify"]').isDisabled(), 'verify is disabled when it is done');
  await act(page, 'correct', { severity: 'MAJOR', reason: '现场复核' });
  assert.equal(held.incident.severity, 'MAJOR');
  await page.waitForSelector(`[data-incident="${id}"] .level-mark.MAJOR`);
  const order = await act(page, 'order', { text: '立即转移坡下住户', parties: ['town-qingshi', 'town-baisha'], given_by: '曹湾海', accept: '10' });
  assert.equal(order.delivery_id.split(',').length, 2);
  await page.waitForSelector(`[data-incident="${id}"] [data-state="ASSIGNED"]`);
  const duty = held.duties.find((d) => d.line.party === 'town-baisha' && d.line.status === 'DUTY_OPEN').line;
  await act(page, 'ack-for', { duty: duty.duty_id, state: 'ACCEPTED', told_by: '白沙滩镇 韩岙平' });
  assert.equal(duty.person, 'ACCEPTED');
  assert.deepEqual([held.timeline.at(-1).actor.way, held.timeline.at(-1).actor.told_by], ['BY_TELEPHONE', '白沙滩镇 韩岙平']);
  await page.waitForSelector(`[data-duty="${duty.duty_id}"][data-state="ACCEPTED"]`);
  await act(page, 'correct-ack', { duty: duty.duty_id, fix: 'SEEN', reason: '听错单位' });
  await page.waitForSelector(`[data-duty="${duty.duty_id}"][data-state="SEEN"]`);
  await act(page, 'reassign', { duty: duty.duty_id, to: 'town-dawan', reason: '属地更正' });
  assert.ok(held.duties.some((d) => d.line.party === 'town-dawan'));
  await act(page, 'transfer', { to: 'resources-bureau', reason: '主管部门' });
  await act(page, 'note', { text: '已通知带班领导' });
  assert.equal(held.timeline.at(-1).note, '已通知带班领导');
  await page.click('text=全部详情');
  await page.waitForSelector('text=派发依据');
  await page.waitForSelector('text=电话告知：白沙滩镇 韩岙平');
  await page.waitForSelector('.clauses q');
  await stage.accessible(page, 'incident');
  await stage.shot(page, 'incident', { fullPage: true });
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.isVisible('.act-bar'), false);
  assert.equal(await page.isVisible('text=派发依据'), true);
  await stage.shot(page, 'incident-print', { fullPage: true });
});

flow('a duty officer: merges, splits, marks a false alarm, closes, withdraws; a refusal by the hub is shown as it is', async (stage) => {
  const { world } = stage.mock;
  const page = await stage.signIn('duty');
  const tell = async () => (await stage.tell('tell', { category: 'natural.landslide', severity: 'MAJOR', division: TOWN })).incident.incident_id;
  const [older, younger, wrong] = [await tell(), await tell(), await tell()];
  await select(page, younger);
  await act(page, 'merge', { other: older, reason: '同一处' });
  assert.equal(world.find(younger).incident.merged_into, older);
  await page.waitForSelector(`[data-incident="${younger}"]`, { state: 'detached' });
  await page.waitForSelector('.ip-status >> text=已并案');
  await until(() => page.locator('[data-act="split"]').isEnabled(), 'split is possible');
  await act(page, 'split', { reason: '两处' });
  assert.equal(world.find(younger).incident.status, 'OPEN');
  await page.waitForSelector(`[data-incident="${younger}"]`);
  await select(page, wrong);
  await act(page, 'false-alarm', { reason: '现场无险情' });
  assert.equal(world.find(wrong).incident.verification, 'FALSE_ALARM');
  await act(page, 'cancel', { reason: '误报' });
  assert.equal(world.find(wrong).incident.status, 'CANCELLED');
  // The mock closes nothing that its lead has not accepted.
  await select(page, older);
  await page.click('[data-act="close"]');
  await page.fill('dialog.act [name="reason"]', '处置完毕');
  await page.click('dialog.act .button.main');
  await page.waitForSelector('dialog.act .sure');
  await page.click('dialog.act footer .button >> nth=1');
  await page.waitForSelector('dialog.act .error >> text=主责单位尚未签收，不能办结');
  await stage.shot(page, 'act-refused');
  await page.keyboard.press('Escape');
  for (const d of world.find(older).duties) if (d.line.status === 'DUTY_OPEN') await stage.tell('step', { duty_id: d.line.duty_id, state: 'ACCEPTED' });
  await act(page, 'close', { reason: '处置完毕' });
  assert.equal(world.find(older).incident.status, 'CLOSED');
});

flow('the forms are accessible and ask once with a summary', async (stage) => {
  const page = await stage.signIn('duty');
  await page.click('text=＋ 新建事件');
  await stage.accessible(page, 'report form');
  await stage.shot(page, 'act-report');
  await page.click('dialog.act .button.main');
  await page.waitForSelector('dialog.act .error >> text=请填写：情况');
  await page.fill('dialog.act [name="description"]', '落石');
  await page.click('dialog.act .button.main');
  await page.waitForSelector('dialog.act .sure >> text=张岭云');
  await stage.accessible(page, 'summary');
  await stage.shot(page, 'act-summary');
  assert.equal(stage.mock.world.incidents.size, 27);
});

flow('a viewer sees everything and can do nothing', async (stage) => {
  const page = await stage.signIn('viewer');
  await page.click('.matrix-line.row >> nth=0');
  await page.waitForSelector('text=您的角色只能查看');
  assert.equal(await page.locator('[data-act]').count(), 0);
  assert.equal(await page.locator('text=新建事件').count(), 0);
});

flow('a clerk on a telephone: only own deliveries; accepts, departs, arrives, completes with counts; the wall shows it', async (stage) => {
  const { world } = stage.mock;
  const told = await stage.tell('tell', { category: 'natural.flood.flash', severity: 'MAJOR', division: TOWN, danger: 'YES' });
  const duty = told.duty.find((d) => d.party === 'town-qingshi');
  const wall = await stage.signIn('duty');
  const page = await stage.signIn('qingshi', { width: 360, height: 800, phone: true });
  const card = page.locator(`[data-task="duty:${duty.duty_id}"]`);
  await card.waitFor();
  for (const key of await page.locator('[data-task]').evaluateAll((all) => all.map((e) => e.dataset.task))) assert.equal(world.findDuty(key.replace('duty:', '')).line.party, 'town-qingshi');
  await until(() => world.findDuty(duty.duty_id).line.transport === 'RECEIVED', 'RECEIVED by showing it');
  assert.deepEqual(await page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth)), 0);
  await card.locator('.task-head').click();
  await until(() => world.findDuty(duty.duty_id).line.person === 'SEEN', 'SEEN by opening it');
  await stage.shot(page, 'clerk-360x800');
  await stage.accessible(page, 'clerk');
  const step = async (state, fill = {}) => {
    await card.locator(`[data-step="${state}"]`).click();
    for (const [name, value] of Object.entries(fill)) {
      const box = page.locator(`dialog[open] [name="${name}"]`);
      if (await box.evaluate((e) => e.tagName === 'SELECT')) await box.selectOption(value);
      else await box.fill(value);
    }
    if (state === 'COMPLETED') await stage.shot(page, 'clerk-complete');
    await page.click('dialog[open] .button.main');
    await page.waitForSelector('dialog[open]', { state: 'detached' });
  };
  await step('ACCEPTED');
  await wall.waitForSelector(`[data-duty="${duty.duty_id}"][data-state="ACCEPTED"]`);
  await step('EN_ROUTE');
  await step('PROGRESS', { note: '道路积水，绕行' });
  await step('ON_SCENE');
  await step('COMPLETED', { evacuated: '12', dead: '0' });
  await wall.waitForSelector(`[data-duty="${duty.duty_id}"][data-state="COMPLETED"]`);
  const { counts } = world.find(told.incident.incident_id).incident;
  assert.deepEqual([counts.evacuated, counts.dead], [12, 0]);
  await page.waitForSelector(`[data-task="duty:${duty.duty_id}"]`, { state: 'detached' });
});

flow('a clerk: a refusal needs a reason; reports; a drill is marked; new work comes by itself', async (stage) => {
  const page = await stage.signIn('qingshi', { width: 360, height: 800, phone: true });
  const told = await stage.tell('tell', { category: 'natural.landslide', severity: 'MAJOR', division: TOWN, purpose: 'EXERCISE' });
  const duty = told.duty.find((d) => d.party === 'town-qingshi');
  const card = page.locator(`[data-task="duty:${duty.duty_id}"]`);
  await card.waitFor();
  assert.match(await card.innerText(), /演练 · 非实战/);
  await card.locator('[data-step="REFUSED"]').click();
  await page.click('dialog[open] .button.main');
  await page.waitForSelector('dialog[open] .error');
  await page.selectOption('dialog[open] [name="reason"]', '力量不足');
  await page.click('dialog[open] .button.main');
  await until(() => stage.mock.world.findDuty(duty.duty_id).line.reason === '力量不足', 'the refusal with its reason');
  await page.click('nav >> text=上报');
  await page.fill('[name="description"]', '村口积水半米');
  await page.selectOption('[name="category"]', 'natural.flood.waterlogging');
  await stage.accessible(page, 'clerk report');
  await stage.shot(page, 'clerk-report');
  await page.click('.clerk-report .button.main');
  await page.waitForSelector('.said');
  const last = [...stage.mock.world.incidents.values()].at(-1).incident;
  assert.deepEqual([last.holder === 'town-qingshi' || last.source === 'town-qingshi', last.division, last.reports[0].description], [true, TOWN, '村口积水半米']);
});

flow('a clerk on a telephone: a report upward that the law asks for is accepted, filled in and filed', async (stage) => {
  const { world } = stage.mock;
  const told = await stage.tell('tell', { category: 'accident.fire', severity: 'MAJOR', division: TOWN });
  const owed = await stage.tell('owe', { incident_id: told.incident.incident_id, party: 'town-qingshi' });
  const page = await stage.signIn('qingshi', { width: 360, height: 800, phone: true });
  const card = page.locator(`[data-task="duty:${owed.duty_id}"]`);
  await card.waitFor();
  assert.match(await card.innerText(), /一小时书面报告 · 初报 · 须报：现场情况、处置措施/);
  assert.equal(await card.locator('[data-step="EN_ROUTE"], [data-step="COMPLETED"]').count(), 0, 'nobody drives anywhere for it');
  await card.locator('[data-step="ACCEPTED"]').click();
  await page.click('dialog[open] .button.main');
  await card.locator('[data-step="ACCEPTED"]').waitFor({ state: 'detached' });
  await card.locator('[data-file]').click();
  await page.waitForSelector('dialog.act[open]');
  await page.fill('dialog.act [name="scene"]', '明火已灭');
  await page.fill('dialog.act [name="measures"]', '疏散十二人');
  assert.deepEqual(await page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth)), 0);
  await stage.accessible(page, 'clerk upward');
  await stage.shot(page, 'clerk-upward');
  await page.click('dialog.act .button.main');
  await page.waitForSelector('dialog.act .sure >> text=沈源清');
  await page.click('dialog.act footer .button >> nth=1');
  await page.waitForSelector('dialog.act [data-answer="log_index"]');
  await page.click('dialog.act footer .button');
  await card.waitFor({ state: 'detached' });
  assert.equal(world.find(told.incident.incident_id).timeline.find((one) => one.what === 'UPWARD_REPORT').actor.person, '沈源清');
});

flow('an account keeper makes, resets and disables accounts, and sees no incident', async (stage) => {
  const page = await stage.signIn('keeper', { waitFor: '[data-account="duty"]' });
  assert.equal(await page.locator('.matrix').count(), 0);
  await page.fill('[name="new-account"]', 'baisha.1');
  await page.fill('[name="new-person"]', '韩岙平');
  await page.selectOption('[name="new-party"]', 'town-baisha');
  assert.deepEqual(await page.locator('[name="new-role"]').evaluateAll((all) => all.map((e) => e.value)), ['clerk']);
  await page.check('[name="new-role"]');
  await page.click('.new-account .button.main');
  await page.waitForSelector('.asked >> text=韩岙平');
  await page.click('.asked .button.main');
  await page.waitForSelector('.secret-line >> text=shown-once-7');
  await page.waitForSelector('[data-account="baisha.1"]');
  await page.click('[data-account="baisha.1"] .button >> text=停用');
  await page.click('.asked .button.main');
  await page.waitForSelector('[data-account="baisha.1"] >> text=已停用');
  await stage.accessible(page, 'accounts');
  await stage.shot(page, 'accounts');
});
