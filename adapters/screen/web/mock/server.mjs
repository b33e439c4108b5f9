// Speaks the screen's interface over plain HTTP on the loopback, so that the page can be made and tested without a hub.
//   node mock/server.mjs [--port N] [--incidents N] [--drills N] [--steps-per-s N] [--seed N] [--dist DIR] [--site DIR]
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { act, acknowledge, deliveriesOf } from './acts.mjs';
import { loadCounty } from './county.mjs';
import { Night } from './night.mjs';
import { Procedure } from './procedure.mjs';
import { Refused, World } from './world.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };
const KEPT_EVENTS = 2000;
export const POLICY = "default-src 'self'; style-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

const ACTS = ['report', 'correct', 'verify', 'false_alarm', 'order', 'ack_for', 'reassign', 'transfer', 'close', 'cancel', 'merge', 'split', 'correct_ack', 'note',
  'dismiss', 'assign', 'review_return', 'response', 'hand_over', 'upward'];
const ACCOUNTS = {
  duty: { person: '张岭云', party: 'command', roles: ['duty_officer'], may: ['look', ...ACTS] },
  viewer: { person: '李观', party: 'command', roles: ['viewer'], may: ['look'] },
  totp: { person: '赵双', party: 'command', roles: ['duty_officer'], may: ['look', ...ACTS], totp: '123456' },
  fresh: { person: '钱新', party: 'command', roles: ['duty_officer'], may: ['look', ...ACTS], must: true },
  qingshi: { person: '沈源清', party: 'town-qingshi', roles: ['clerk'], may: ['look', 'deliveries', 'ack', 'report', 'hand_over', 'upward'] },
  power: { person: '褚潭秋', party: 'power-supply', roles: ['clerk'], may: ['look', 'deliveries', 'ack', 'report'] },
  keeper: { person: '郑管', party: 'command', roles: ['account_keeper'], may: ['accounts'] },
  wall: { person: '', party: 'command', roles: ['wall'], may: ['look'] },
};
export const PASSWORD = 'mock-only';

export function startMock({ port = 0, incidents = 46, drills = 4, stepsPerS = 0, seed = 7, site, dist, tiles = null, wall = false } = {}) {
  const county = loadCounty(site ?? join(HERE, '../../../../deploy/county/site'));
  county.site.tiles = tiles;
  const world = new World(county);
  const night = new Night(world, seed);
  night.begin(incidents, drills);
  const root = dist ?? join(HERE, '../dist');
  const sessions = new Map();
  const streams = new Set();
  const kept = [];
  const accounts = new Map(Object.entries(ACCOUNTS).map(([name, a]) => [name, { ...a }]));
  const fault = { feedOk: true, silent: false, down: false, feedSince: 0 };
  let failed = 0;

  const feed = () => ({ ok: fault.feedOk, age_ms: fault.feedOk ? 120 : Date.now() - fault.feedSince, lost: 0 });
  const seesDuties = (me) => me.party !== 'command';
  const seen = (me, summary) => (seesDuties(me) ? { ...summary, duty: summary.duty.filter((d) => d.party === me.party) } : summary);
  const visible = (me, summary) => !seesDuties(me) || summary.duty.some((d) => d.party === me.party);
  const send = (stream, name, data, id) => {
    if (!fault.silent) stream.res.write(`${id ? `id: ${id}\n` : ''}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  };

  world.on('incident', (summary) => {
    const event = { id: summary.log_index, summary };
    kept.push(event);
    if (kept.length > KEPT_EVENTS) kept.shift();
    for (const stream of streams) if (visible(stream.me, summary)) send(stream, 'incident', { ...seen(stream.me, summary), mock_sent_ms: Date.now() }, event.id);
  });
  world.on('delivery', ({ envelope }) => {
    for (const stream of streams) {
      if (stream.me.party === envelope.party) send(stream, 'delivery', { delivery_id: envelope.delivery_id, lane: envelope.lane, kind: envelope.kind });
    }
  });
  const status = (me) => ({ index: String(world.index), time_ms: String(Date.now()), feed: feed(), stats: world.stats(), ...(seesDuties(me) ? {} : { links: world.links() }) });
  const timers = [
    setInterval(() => streams.forEach((stream) => send(stream, 'status', status(stream.me))), 2000),
    setInterval(() => world.tick(), 250),
  ];
  if (stepsPerS > 0) timers.push(setInterval(() => night.step(), 1000 / stepsPerS));

  const cookie = (req) => /liandong_session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
  const whoIs = (req) => {
    const session = sessions.get(cookie(req)) ?? (wall ? sessionOf('wall') : undefined);
    if (!session) throw new Refused(401, 'NOT_SIGNED_IN', '请先登录', 'sign in first');
    return session;
  };
  const sessionOf = (account) => {
    const { person, party, roles, may, must = false } = ACCOUNTS[account];
    const { kind, name_zh, name_en } = world.parties.get(party);
    return {
      account, person, party, party_kind: kind, party_name_zh: name_zh, party_name_en: name_en, roles, may, must_change_password: must,
      expires_ms: String(Date.now() + 8 * 3600_000), csrf: randomBytes(16).toString('hex'), must_enrol: false, second_factor: ACCOUNTS[account].totp ? 'SECOND_FACTOR_TOTP' : 'SECOND_FACTOR_NONE',
    };
  };

  const procedure = new Procedure(world);
  const routes = {
    'POST /api/session': ({ body, res }) => {
      const account = ACCOUNTS[body.account];
      if (failed >= 5) throw new Refused(423, 'LOCKED', '密码错误次数过多，账号已锁定，请十分钟后再试', 'too many failures: locked for ten minutes');
      if (!account || body.password !== PASSWORD) {
        failed += 1;
        throw new Refused(401, 'BAD_CREDENTIALS', '账号或密码不正确', 'wrong account or password');
      }
      if (account.totp && !body.totp) throw new Refused(401, 'TOTP_REQUIRED', '请输入动态验证码', 'enter the code of your second factor');
      if (account.totp && body.totp !== account.totp) throw new Refused(401, 'BAD_CREDENTIALS', '动态验证码不正确', 'the code is wrong');
      failed = 0;
      const token = randomBytes(32).toString('hex');
      sessions.set(token, sessionOf(body.account));
      res.setHeader('Set-Cookie', `liandong_session=${token}; HttpOnly; SameSite=Strict; Path=/`);
      return sessions.get(token);
    },
    'DELETE /api/session': ({ req }) => (sessions.delete(cookie(req)), {}),
    'GET /api/me': ({ me }) => me,
    'GET /api/site': () => ({ ...county.site, categories: county.site.categories.map(({ danger, ...rest }) => rest) }),
    'GET /api/view': ({ me }) => ({
      ...status(me), incidents: world.open().map((h) => world.summary(h)).filter((s) => visible(me, s)).map((s) => seen(me, s)),
    }),
    'GET /api/incidents': ({ query }) => {
      const before = Number(query.get('before')) || Infinity;
      const found = [...world.incidents.values()].filter((h) => Number(h.incident.incident_id) < before && (query.get('closed') === '1' || h.incident.status === 'OPEN')).reverse();
      const limit = Number(query.get('limit')) || 50;
      return { incident: found.slice(0, limit).map((h) => world.summary(h)), more: found.length > limit };
    },
    'GET /api/posts': ({ me }) => ({ post: procedure.posts.filter((p) => !seesDuties(me) || p.party === me.party) }),
    'GET /api/responses': () => ({ response: [...procedure.responses.values()] }),
    'GET /api/upward': ({ query }) => ({ report: procedure.reportsOf(query.get('incident') ?? '0') }),
    'GET /api/deliveries': ({ me }) => ({ delivery: deliveriesOf(world, me.party), log_index: String(world.index) }),
    'POST /api/ack': ({ me, body }) => acknowledge(world, me, body),
    'POST /api/report': ({ me, body }) => act(world, me, 'report', { report: body }),
    'POST /api/password': ({ me, body }) => {
      if (body.old !== PASSWORD) throw new Refused(401, 'BAD_CREDENTIALS', '原密码不正确', 'the old password is wrong', 'old');
      me.must_change_password = false;
      return {};
    },
    'GET /api/accounts': () => ({
      account: [...accounts].map(([account, a]) => ({
        account, person: a.person, party: a.party, role: a.roles, disabled: a.disabled ?? false, locked_until_ms: '0', must_change_password: a.must ?? false,
        second_factor: a.totp ? 'SECOND_FACTOR_TOTP' : 'SECOND_FACTOR_NONE', created_ms: '0', last_sign_in_ms: '0', sessions: 0,
      })),
    }),
    'POST /api/accounts/create': ({ body }) => {
      if (accounts.has(body.account)) throw new Refused(409, 'ACCOUNT_EXISTS', '账号已存在', 'there is such an account already', 'account');
      accounts.set(body.account, { person: body.person, party: body.party, roles: body.role, may: [], must: true });
      return { account: { account: body.account }, password: 'shown-once-7' };
    },
    'POST /api/accounts/disable': ({ body }) => (Object.assign(accounts.get(body.account), { disabled: !body.enable }), { account: body.account }),
    'POST /api/accounts/roles': ({ body }) => (Object.assign(accounts.get(body.account), { roles: body.role }), { account: { account: body.account } }),
    'POST /api/accounts/reset': () => ({ password: 'shown-once-8' }),
    'POST /api/totp': () => ({ secret: 'JBSWY3DPEHPK3PXP', otpauth_uri: 'otpauth://totp/Liandong:mock?secret=JBSWY3DPEHPK3PXP&issuer=Liandong' }),
    'POST /api/totp/confirm': ({ me, body }) => {
      if (body.code !== '123456') throw new Refused(401, 'BAD_CREDENTIALS', '验证码不正确', 'the code is wrong', 'code');
      me.second_factor = 'SECOND_FACTOR_TOTP';
      return {};
    },
  };

  // Only here: what a test makes happen.
  const controls = {
    feed: ({ ok }) => Object.assign(fault, { feedOk: ok, feedSince: Date.now() }),
    silent: ({ on }) => { fault.silent = on; },
    down: ({ on }) => {
      fault.down = on;
      if (on) for (const stream of streams) stream.res.destroy();
    },
    reset: () => streams.forEach((stream) => send(stream, 'reset', {})),
    tell: (over) => world.summary(night.tell(Date.now(), over.purpose ?? 'ACTUAL', over)),
    step: ({ duty_id, state, reason }) => world.acknowledge(world.findDuty(duty_id), state, { reason }),
    due: ({ duty_id, in_ms }) => {
      const duty = world.findDuty(duty_id);
      const next = ['RUNG_RECEIVE', 'RUNG_ACCEPT', 'RUNG_ARRIVE', 'RUNG_COMPLETE'].indexOf(duty.line.next_rung);
      duty.due[next] = Date.now() + in_ms;
      world.rest(duty);
    },
    say: ({ duty_id }) => world.findDuty(duty_id).line,
    owe: (body) => procedure.owe(body),
    resemble: (body) => procedure.resemble(body),
    returned: (body) => procedure.returned(body),
    touch: ({ count }) => {
      for (let n = 0; n < count; n += 1) night.step();
      return {};
    },
    grow: ({ count }) => {
      for (let n = 0; n < count; n += 1) night.past(night.tell(Date.now() - 600_000), 600_000 * night.random());
      streams.forEach((stream) => send(stream, 'reset', {}));
    },
  };

  async function api(req, res, path) {
    let text = '';
    for await (const chunk of req) text += chunk;
    const body = text ? JSON.parse(text) : {};
    if (path.startsWith('/mock/')) return controls[path.slice(6)]?.(body) ?? {};
    if (fault.down) throw new Refused(503, 'HUB_AWAY', '与枢纽的连接中断', 'the hub is away');
    const me = path === '/api/session' && req.method === 'POST' ? undefined : whoIs(req);
    if (me && req.method !== 'GET' && req.headers['x-liandong-csrf'] !== me.csrf) throw new Refused(403, 'BAD_CSRF', '请刷新页面后重试', 'reload the page');
    const exact = routes[`${req.method} ${path}`];
    if (exact) return exact({ me, body, req, res, query: new URL(req.url, 'http://localhost').searchParams });
    const incident = /^\/api\/incidents\/(\d+)(\/explain)?$/.exec(path);
    if (incident) {
      const held = world.find(incident[1]);
      if (incident[2]) return { decision: held.decisions, log_index: String(world.index) };
      const { source, ...view } = held.incident;
      return { incident: view, duty: held.duties.map((d) => d.line), timeline: held.timeline, log_index: String(world.index), suggestion: procedure.suggestionsOf(incident[1]) };
    }
    const doing = /^\/api\/act\/([a-z-]+)$/.exec(path);
    if (doing && req.method === 'POST') {
      const token = doing[1].startsWith('response-') ? 'response' : doing[1].replace('-', '_');
      if (!me.may.includes(token)) throw new Refused(403, 'NOT_ALLOWED', '您的角色不能执行此操作', 'your role may not do this');
      return procedure.act(me, doing[1], body) ?? act(world, me, doing[1], body);
    }
    throw new Refused(404, 'NOT_FOUND', '没有这个地址', 'no such address');
  }

  function events(req, res) {
    if (fault.down) return res.writeHead(503).end();
    const me = whoIs(req);
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    res.write('retry: 1000\n\n');
    const stream = { res, me };
    const last = req.headers['last-event-id'];
    if (last !== undefined && last !== '') {
      if (kept.length > 0 && Number(kept[0].id) > Number(last) + 1 && Number(last) < world.index) send(stream, 'reset', {});
      else for (const { id, summary } of kept) if (Number(id) > Number(last) && visible(me, summary)) send(stream, 'incident', seen(me, summary), id);
    }
    send(stream, 'status', status(me));
    streams.add(stream);
    res.on('close', () => streams.delete(stream));
  }

  function file(res, path) {
    const wanted = normalize(path);
    const name = extname(wanted) === '' ? '/index.html' : wanted;
    try {
      const full = join(root, name);
      if (!statSync(full).isFile()) throw new Error('no file');
      res.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream', 'Cache-Control': 'no-cache' });
      res.end(readFileSync(full));
    } catch {
      res.writeHead(404, { 'Content-Type': 'text/plain' }).end('not found');
    }
  }

  const server = createServer((req, res) => {
    const path = new URL(req.url, 'http://localhost').pathname;
    res.setHeader('Content-Security-Policy', POLICY);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    const refuse = (error) => {
      const known = error instanceof Refused;
      if (!known) console.error(error);
      res.writeHead(known ? error.status : 500, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify({ error: known ? error.body : { reason: 'MOCK', message_zh: String(error), message: String(error) } }));
    };
    if (path === '/api/events') {
      try {
        events(req, res);
      } catch (error) {
        refuse(error);
      }
      return;
    }
    const tile = /^\/tiles\/(\d+\/\d+\/\d+)\.svg$/.exec(path);
    if (tile) {
      res.writeHead(200, { 'Content-Type': 'image/svg+xml' });
      return res.end(`<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"><rect width="256" height="256" fill="#dfe6d8" stroke="#8a9"/><text x="8" y="24">${tile[1]}</text></svg>`);
    }
    if (!path.startsWith('/api/') && !path.startsWith('/mock/')) return file(res, path);
    api(req, res, path).then((answer) => {
      res.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      res.end(JSON.stringify(answer));
    }, refuse);
  });

  return new Promise((ready) => {
    server.listen(port, '127.0.0.1', () => ready({
      url: `http://127.0.0.1:${server.address().port}`, world, night,
      stop() {
        timers.forEach(clearInterval);
        streams.forEach((stream) => stream.res.destroy());
        server.closeAllConnections();
        return new Promise((done) => { server.close(done); });
      },
    }));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name, otherwise) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? otherwise : process.argv[at + 1];
  };
  const mock = await startMock({
    port: Number(option('port', 8700)), incidents: Number(option('incidents', 46)), drills: Number(option('drills', 4)), stepsPerS: Number(option('steps-per-s', 1.2)),
    seed: Number(option('seed', 7)), dist: option('dist'), site: option('site'),
  });
  console.log(`${mock.url}  accounts: ${Object.keys(ACCOUNTS).join(', ')}; password: ${PASSWORD}`);
}
