// A lively typhoon night: what is told, and how the parties get on with it. Every place, person and storm is invented.

const CALLS = [
  ['police-110', 'natural.flood.flash', 'MAJOR', 'YES', '山洪进屋，三个人被困在二楼，水还在涨', '上村12号', { trapped: 3 }],
  ['fire-119', 'natural.landslide', 'MAJOR', 'YES', '后山滑坡压到两间房，有人被埋', '坑口自然村', { missing: 2, injured: 1 }],
  ['medical-120', 'health.illness', 'LARGE', 'YES', '男，71岁，胸痛出汗', '学前路5号', {}],
  ['hotline-12345', 'service.streetlight', 'GENERAL', 'NO', '整条街路灯不亮，天黑风大看不清路', '人民路', {}],
  ['hotline-12345', 'natural.flood.waterlogging', 'GENERAL', 'ANSWER_UNKNOWN', '小区地下车库进水，水位到小腿', '溪南小区', {}],
  ['police-110', 'accident.power', 'LARGE', 'YES', '大风刮断电线，电线杆倒在路上，还带电', '老街口', {}],
  ['police-110', 'accident.traffic', 'LARGE', 'YES', '两车相撞，一人卡在驾驶室', '省道K32处', { injured: 2 }],
  ['hotline-12345', 'service.power', 'GENERAL', 'NO', '整栋楼停电两个小时', '松涛苑3幢', {}],
  ['fire-119', 'accident.fire', 'LARGE', 'YES', '厂房冒烟，疑似配电房起火', '工业区2号', {}],
  ['hotline-12345', 'natural.house_collapse', 'SEVERITY_UNKNOWN', 'ANSWER_UNKNOWN', '老屋一面墙倒了，里面的人已出来', '里弄8号', {}],
  ['police-110', 'natural.rockfall', 'GENERAL', 'YES', '落石堵住半边路，有车绕行', '盘山公路', {}],
  ['hotline-12345', 'service.telecom', 'GENERAL', 'NO', '全村手机没有信号', '岭头村', {}],
  ['police-110', 'natural.flood.reservoir', 'EXTREME', 'YES', '山塘坝体渗水，下游有四十多户', '石门山塘', { evacuated: 120 }],
  ['hotline-12345', '', 'SEVERITY_UNKNOWN', 'ANSWER_UNKNOWN', '听见山里有很大的响声，不知道是什么', '', {}],
  ['police-110', 'security.missing', 'LARGE', 'ANSWER_UNKNOWN', '老人上山后未归', '后山', { missing: 1 }],
  ['fire-119', 'natural.debris_flow', 'MAJOR', 'YES', '泥石流冲进溪沟，两户需转移', '坑底村', { evacuated: 9 }],
];
const NAMES = ['周某', '吴某', '郑某', '王某', '冯某', '陈某'];

export function randomOf(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export class Night {
  constructor(world, seed) {
    this.world = world;
    this.random = randomOf(seed);
    this.towns = world.site.divisions.filter((d) => d.code.endsWith('000') && !d.code.endsWith('000000'));
    this.known = new Set(world.site.categories.map((c) => c.code));
    this.count = 0;
  }

  pick(list) { return list[Math.floor(this.random() * list.length)]; }

  tell(openedMs, purpose = 'ACTUAL', over = {}) {
    const call = CALLS[this.count++ < CALLS.length ? this.count - 1 : Math.floor(this.random() * CALLS.length)];
    const [source, category, severity, danger, description, address, counts] = call;
    const town = this.pick(this.towns);
    const lat = town.outline.reduce((sum, p) => sum + p.lat, 0) / town.outline.length;
    const lng = town.outline.reduce((sum, p) => sum + p.lng, 0) / town.outline.length;
    const nowhere = address === '';
    return this.world.report({
      source, severity, danger, purpose, openedMs, counts: Object.keys(counts).length ? counts : undefined,
      category: this.known.has(category) ? category : category.split('.')[0], division: nowhere ? '' : town.code,
      actor: { party: source, person: `${Math.floor(this.random() * 900) + 100}号`, role: '接警员', way: 'BY_ADAPTER' },
      sealed: {
        caller_name: this.pick(NAMES), caller_phone: `0199-555-0${Math.floor(this.random() * 800) + 200}`, address: nowhere ? '' : `${town.name_zh}${address}`, description,
        ...(nowhere ? {} : { point: { has_wgs84: true, lat, lng, original_x: lng, original_y: lat, original_datum: 'WGS84' } }),
        details: [{ name: '来话方式', value: '电话' }],
      },
      ...over,
    });
  }

  // The night so far: incidents of the last hours, each about as far as its age suggests; a few are late.
  begin(incidents, drills) {
    const now = this.world.now();
    this.world.down.add('town-songling');
    for (let n = 0; n < incidents; n += 1) {
      const age = Math.pow(this.random(), 1.6) * 100 * 60_000 + 15_000;
      this.past(this.tell(now - age), age);
    }
    for (let n = 0; n < drills; n += 1) {
      const held = this.tell(now - 600_000 * this.random(), n % 3 === 2 ? 'TEST' : 'EXERCISE');
      this.past(held, 400_000);
    }
    for (const [party, at] of this.world.heard) this.world.heard.set(party, at - Math.floor(this.random() * 50_000));
    this.world.heard.set('town-songling', now - 23 * 60_000);
    this.world.tick();
  }

  past(held, ageMs) {
    const opened = Number(held.incident.opened_at_ms);
    const said = [];
    for (const duty of held.duties) {
      if (this.world.down.has(duty.line.party)) continue;
      const slow = this.random() < 0.035 ? 40 : 1;
      let at = opened + 1500;
      if (duty.line.role === 'SUPPORT' && this.random() < 0.02) said.push([at + 60_000, duty, 'REFUSED', this.pick(['属地不符', '力量不足', '无车可派'])]);
      for (const [state, minutes] of [['RECEIVED', 0.02], ['SEEN', 0.6], ['ACCEPTED', 1], ['EN_ROUTE', 3], ['ON_SCENE', 14], ['COMPLETED', 40]]) {
        if (state !== 'RECEIVED') at += slow * minutes * 60_000 * (0.4 + 1.2 * this.random());
        if (at < opened + ageMs) said.push([at, duty, state, '']);
      }
    }
    said.sort((a, b) => a[0] - b[0]);
    for (const [at, duty, state, reason] of said) {
      this.world.backdated = at;
      this.say(duty, state, reason);
    }
    this.world.backdated = 0;
  }

  say(duty, state, reason = '') {
    try {
      return this.world.acknowledge(duty, state, { reason });
    } catch {
      return undefined;
    }
  }

  // About `perSecond` steps a second, and now and then a new call.
  step() {
    const open = [...this.world.duties.values()].filter((d) => d.line.status === 'DUTY_OPEN' && d.held.incident.status === 'OPEN' && !this.world.down.has(d.line.party));
    if (open.length === 0 || this.random() < 0.08) {
      this.tell();
      return;
    }
    const duty = this.pick(open);
    const { line } = duty;
    const next = line.transport !== 'RECEIVED' ? 'RECEIVED' : line.person === 'ACK_STATE_UNSPECIFIED' ? 'SEEN'
      : line.person === 'SEEN' ? 'ACCEPTED' : line.field === 'ACK_STATE_UNSPECIFIED' ? 'EN_ROUTE' : line.field === 'EN_ROUTE' ? 'ON_SCENE' : 'COMPLETED';
    this.say(duty, next);
  }
}
