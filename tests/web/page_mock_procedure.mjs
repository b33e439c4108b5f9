// The linkage procedure at the desk: responses, reports upward, posts, suggestions, assignment, returns; what is over; an authenticator; roles.
import assert from 'node:assert/strict';
import { act, flow, select, until } from './flows.mjs';

const TOWN = '339921100000';

flow('the procedure: a response starts, is adjusted and ends; a report upward is made; a post is handed over', async (stage) => {
  const { world } = stage.mock;
  const told = await stage.tell('tell', { category: 'accident.fire', severity: 'MAJOR', division: TOWN });
  await stage.tell('owe', { incident_id: told.incident.incident_id });
  const page = await stage.signIn('duty');
  await page.click('[data-go="procedure"]');
  await page.waitForSelector('text=没有启动的应急响应');
  const sent = Date.now();
  const { response_id: id } = await act(page, 'response-start', { level: 'LEVEL_IV', category: 'natural.flood', hours: '6', matters: '强降雨', measures: '巡查山洪沟' }, '[data-response-start]');
  const line = page.locator(`[data-response="${id}"]`);
  await line.waitFor();
  assert.match(await line.innerText(), /四级[\s\S]*强降雨[\s\S]*巡查山洪沟/);
  await act(page, 'response-adjust', { level: 'LEVEL_III', reason: '雨势加大' }, `[data-response="${id}"] [data-response-adjust]`);
  await page.waitForSelector(`[data-response="${id}"] >> text=三级`);
  const until_ms = await page.evaluate(async () => (await (await fetch('/api/responses')).json()).response[0].expected_until_ms);
  assert.ok(Number(until_ms) >= sent + 6 * 3_600_000 - 5000, 'an adjustment without hours leaves its end');
  const upward = page.locator('[data-upward="sample-1h"]');
  assert.match(await upward.innerText(), /初报[\s\S]*尚缺：现场情况、处置措施/);
  await stage.accessible(page, 'procedure');
  await stage.shot(page, 'procedure', { fullPage: true });
  await act(page, 'upward', { form: 'UPWARD_WRITTEN', scene: '明火已灭', measures: '疏散', dead: '0' }, '[data-upward="sample-1h"] [data-file]');
  await upward.waitFor({ state: 'detached' });
  await act(page, 'hand-over', { person: '钱新' }, '[data-post="command-duty-officer"] button');
  await page.waitForSelector('[data-post="command-duty-officer"] >> text=/钱新.*已交接/');
  await act(page, 'response-end', { reason: '雨停' }, `[data-response="${id}"] [data-response-end]`);
  await line.waitFor({ state: 'detached' });
  await page.goto(`${stage.mock.url}/incident/${told.incident.incident_id}`);
  await page.waitForSelector('[data-upward="sample-1h"] >> text=已报');
  assert.equal(world.find(told.incident.incident_id).timeline.find((one) => one.what === 'UPWARD_REPORT').actor.person, '张岭云');
});

flow('an incident: what may be the same is dismissed or merged; a lead is named; a return is reviewed', async (stage) => {
  const { world } = stage.mock;
  const tell = async () => (await stage.tell('tell', { category: 'natural.landslide', severity: 'MAJOR', division: TOWN })).incident.incident_id;
  const [a, b, c] = [await tell(), await tell(), await tell()];
  await stage.tell('resemble', { older: a, younger: b });
  await stage.tell('resemble', { older: b, younger: c });
  const page = await stage.signIn('duty');
  await select(page, b);
  await page.waitForSelector(`[data-suggestion="${a}"] >> text=相似度 82`);
  assert.equal(await page.locator('[data-act="dismiss"], [data-act="hand-over"], [data-act="response-start"]').count(), 0, 'what is begun elsewhere is not in the bar');
  await stage.shot(page, 'suggestions');
  await act(page, 'dismiss', { reason: '两处滑坡' }, `[data-suggestion="${a}"] [data-suggest="dismiss"]`);
  await page.waitForSelector(`[data-suggestion="${a}"]`, { state: 'detached' });
  await act(page, 'assign', { lead: 'resources-bureau', parties: ['town-baisha'], reason: '主管部门' });
  assert.equal(world.find(b).incident.holder, 'resources-bureau');
  const duty = world.find(b).duties.find((d) => d.line.party === 'town-baisha').line;
  assert.equal(await page.locator('[data-act="review-return"]').isDisabled(), true);
  await stage.tell('returned', { duty_id: duty.duty_id });
  await until(() => page.locator('[data-act="review-return"]').isEnabled(), 'a return waits for review');
  await act(page, 'review-return', { duty: duty.duty_id, verdict: 'GRANT', to: 'town-dawan', reason: '属地不符' });
  assert.ok(world.find(b).duties.some((d) => d.line.party === 'town-dawan'));
  await act(page, 'merge', { reason: '同一处' }, `[data-suggestion="${c}"] [data-suggest="merge"]`);
  assert.equal(world.find(c).incident.merged_into, b);
});

flow('what is over can be looked up, older page by page', async (stage) => {
  await stage.tell('grow', { count: 60 });
  const told = await stage.tell('tell', { category: 'natural.landslide', division: TOWN });
  const id = told.incident.incident_id;
  const page = await stage.signIn('duty');
  await select(page, id);
  await act(page, 'cancel', { reason: '重复' });
  await page.keyboard.press('Escape');
  await page.click('[data-go="past"]');
  await page.waitForSelector(`[data-past="${id}"] >> text=已撤销`);
  assert.equal(await page.locator('[data-past]').count(), 50);
  await stage.accessible(page, 'past');
  await stage.shot(page, 'past');
  await page.click('.past-older');
  await until(async () => (await page.locator('[data-past]').count()) === stage.mock.world.incidents.size, 'all of them');
  await page.click(`[data-past="${id}"] .past-open`);
  await page.waitForSelector('text=派发依据');
});

flow('an authenticator is enrolled by its code on the screen; a keeper changes roles; a clerk hands over a post of the own party only', async (stage) => {
  const page = await stage.signIn('duty');
  await page.goto(`${stage.mock.url}/account`);
  await page.click('text=登记验证器');
  const modules = await page.locator('.qr path').getAttribute('d');
  assert.ok(modules.split('M').length > 200, 'a code of many modules');
  await stage.accessible(page, 'authenticator');
  await stage.shot(page, 'authenticator');
  await page.fill('[name="code"]', '123456');
  await page.click('.totp .button.main');
  await page.waitForSelector('text=第二因素已启用');
  const keeper = await stage.signIn('keeper', { waitFor: '[data-account="viewer"]' });
  await keeper.click('[data-account="viewer"] [data-roles]');
  await keeper.check('[name="give-role"][value="duty_officer"]');
  await keeper.click('.asked .button.main');
  await keeper.waitForSelector('.asked >> text=viewer 的角色改为');
  await keeper.click('.asked .button.main');
  await keeper.waitForSelector('[data-account="viewer"] >> text=值班员');
  const clerk = await stage.signIn('qingshi', { width: 360, height: 800, phone: true });
  await clerk.click('nav >> text=值班');
  await clerk.waitForSelector('[data-post="head-qingshi"]');
  assert.equal(await clerk.locator('[data-post]').count(), 1);
  await act(clerk, 'hand-over', { person: '林坞' }, '[data-post="head-qingshi"] button');
  await clerk.waitForSelector('[data-post="head-qingshi"] >> text=/林坞.*已交接/');
  await stage.accessible(clerk, 'clerk posts');
  await stage.shot(clerk, 'clerk-posts');
});
