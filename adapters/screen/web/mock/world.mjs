// A hub's answers without a hub: incidents, duties and their ladders, just true enough to show the page what it will see.
import { EventEmitter } from 'node:events';
import { fired } from './county.mjs';

const RUNGS = ['RUNG_RECEIVE', 'RUNG_ACCEPT', 'RUNG_ARRIVE', 'RUNG_COMPLETE'];
const TAKEN = ['ACCEPTED', 'PARTIALLY_ACCEPTED'];
const FIELD = ['EN_ROUTE', 'ON_SCENE', 'COMPLETED'];
const ROLE_RANK = { LEAD: 3, SUPPORT: 2, INFORM: 1 };
export const STATE_ZH = {
  RECEIVED: '已接收', SEEN: '已阅', ACCEPTED: '已签收', PARTIALLY_ACCEPTED: '部分承接', REFUSED: '拒绝', DEFERRED: '暂缓', EN_ROUTE: '已出动',
  ON_SCENE: '已到场', COMPLETED: '处置完毕', PROGRESS: '进展',
};
const RUNG_ZH = { RUNG_RECEIVE: '未接收', RUNG_ACCEPT: '未签收', RUNG_ARRIVE: '未到场', RUNG_COMPLETE: '未办结' };

export class Refused extends Error {
  constructor(status, reason, zh, en, field = '') {
    super(en);
    this.status = status;
    this.body = { reason, message_zh: zh, message: en, retry: false, retry_after_ms: 0, field };
  }
}

// Emits 'incident' (a summary), 'gone' (an id) and 'delivery' (one delivery).
export class World extends EventEmitter {
  constructor(county, now = Date.now) {
    super();
    this.county = county;
    this.site = county.site;
    this.clock = now;
    this.backdated = 0;
    this.index = 1000;
    this.ids = { incident: 2000, duty: 7000, delivery: 9000, external: 100 };
    this.incidents = new Map();
    this.duties = new Map();
    this.deliveries = [];
    this.parties = new Map(this.site.parties.map((p) => [p.id, p]));
    this.heard = new Map(this.site.parties.map((p) => [p.id, now()]));
    this.down = new Set();
    this.setMaxListeners(0);
  }

  // Log time; while the night so far is made up, the time at which a step is said to have been taken.
  now() { return this.backdated || this.clock(); }

  name(id) { return this.parties.get(id)?.name_zh ?? id; }

  find(id) {
    const found = this.incidents.get(String(id));
    if (!found) throw new Refused(404, 'UNKNOWN_INCIDENT', `没有事件 ${id}`, `there is no incident ${id}`, 'incident_id');
    return found;
  }

  findDuty(id) {
    const found = this.duties.get(String(id));
    if (!found) throw new Refused(404, 'UNKNOWN_DUTY', `没有任务 ${id}`, `there is no duty ${id}`, 'duty_id');
    return found;
  }

  // A report of one party opens an incident; the clauses that hold give its duties.
  report({ source, category = '', severity = 'SEVERITY_UNKNOWN', division = '', purpose = 'ACTUAL', danger = 'ANSWER_UNKNOWN', sealed = {}, counts, actor, openedMs }) {
    const entry = this.site.categories.find((c) => c.code === category);
    const town = this.site.divisions.find((d) => d.code === division);
    const external = `${source.replace(/\D/g, '') || 'X'}-${++this.ids.external}`;
    const unconfirmed = [...(entry ? [] : ['category']), ...(severity === 'SEVERITY_UNKNOWN' ? ['severity'] : []), ...(town ? [] : ['division'])];
    const opened = openedMs ?? this.now();
    const incident = {
      incident_id: String(++this.ids.incident), revision: '1', status: 'OPEN', verification: 'UNVERIFIED', purpose,
      lane: danger === 'NO' ? 'ORDINARY' : 'URGENT', category, category_zh: entry?.name_zh ?? '', severity, division,
      division_zh: town?.name_zh ?? '', holder: source, opened_at_ms: String(opened), danger_to_life: danger, ...(counts ? { counts } : {}),
      reports: [], withheld: [], unconfirmed, merged_into: '0', secret: false, source,
    };
    const held = { incident, duties: [], timeline: [], decisions: [], first: 0 };
    this.incidents.set(incident.incident_id, held);
    this.addReport(held, source, external, opened, sealed);
    const clauses = fired(this.county, { ...incident, source }, sealed.description ?? '');
    this.route(held, clauses, opened);
    if (!held.duties.some((d) => d.line.role === 'LEAD')) incident.holder = source;
    this.record(held, actor ?? { party: source }, 'REPORT', `${this.name(source)} 新建事件 ${external}`, `${source} reported ${external}: NEW_INCIDENT`, sealed.description, opened);
    this.decide(held, clauses, opened);
    this.told(held);
    return held;
  }

  addReport(held, source, external, at, sealed) {
    held.incident.reports.push({
      party: source, external_id: external, revision: '1', reported_at_ms: String(at), occurred_at_ms: String(at - 60000), caller_name: '', caller_phone: '',
      contact_phone: '', address: '', description: '', medical: '', details: [], ...sealed,
    });
  }

  route(held, clauses, at) {
    const wanted = new Map();
    for (const clause of clauses) {
      for (const duty of clause.duty) {
        const party = duty.party === '@township' ? this.site.parties.find((p) => p.division === held.incident.division && p.division)?.id : duty.party;
        if (!party || (party === held.incident.source && duty.role !== 'LEAD')) continue;
        const before = wanted.get(party);
        if (!before || ROLE_RANK[duty.role] > ROLE_RANK[before.role]) wanted.set(party, { ...duty, party, clause });
      }
    }
    for (const duty of wanted.values()) this.addDuty(held, duty, at);
  }

  addDuty(held, { party, role, within, escalate = 1, clause, statutory }, at, kind = 'TASK', text = '') {
    const rungs = role === 'INFORM' ? [within[0], 0, 0, 0] : within;
    const line = {
      duty_id: String(++this.ids.duty), party, role, status: 'DUTY_OPEN', transport: 'ACK_STATE_UNSPECIFIED', person: 'ACK_STATE_UNSPECIFIED',
      field: 'ACK_STATE_UNSPECIFIED', next_deadline_ms: '0', next_rung: 'RUNG_UNSPECIFIED', steps_climbed: 0, missed: [],
      delivery_id: String(++this.ids.delivery), reason: '',
    };
    const duty = { line, held, due: rungs.map((s) => (s > 0 ? at + s * 1000 : 0)), escalate, clause, statutory, text, climbMs: 0 };
    held.duties.push(duty);
    this.duties.set(line.duty_id, duty);
    this.rest(duty);
    this.deliver(duty, kind, line.delivery_id, text, at);
    return duty;
  }

  deliver(duty, kind, id, text, at = this.now()) {
    const { incident } = duty.held;
    const delivery = {
      envelope: {
        delivery_id: id ?? String(++this.ids.delivery), party: duty.line.party, lane: incident.lane, sequence: String(this.deliveries.length + 1),
        incident_id: incident.incident_id, incident_revision: incident.revision, kind, purpose: incident.purpose, duty_id: duty.line.duty_id,
        queued_at_ms: String(at), resent: false,
      },
      duty, text,
    };
    this.deliveries.push(delivery);
    this.emit('delivery', delivery);
    return delivery;
  }

  // What comes next for a duty: the first rung that is not reached, or the next step of its climb.
  rest(duty) {
    const { line } = duty;
    const reached = [line.transport === 'RECEIVED', TAKEN.includes(line.person) || FIELD.includes(line.field),
      line.field === 'ON_SCENE' || line.field === 'COMPLETED', line.field === 'COMPLETED'];
    const open = line.status === 'DUTY_OPEN';
    const missed = line.missed.some((rung) => !reached[RUNGS.indexOf(rung)]);
    let at = 0;
    let rung = 'RUNG_UNSPECIFIED';
    if (open && missed && duty.climbMs > 0) [at, rung] = [duty.climbMs, 'RUNG_ESCALATION'];
    RUNGS.forEach((name, n) => {
      if (!open || reached[n] || duty.due[n] === 0 || line.missed.includes(name)) return;
      if (at === 0 || duty.due[n] < at) [at, rung] = [duty.due[n], name];
    });
    line.next_deadline_ms = String(at);
    line.next_rung = rung;
  }

  record(held, actor, what, text, text_en, note = '', at = this.now()) {
    this.index += 1;
    held.incident.revision = String(Number(held.incident.revision) + 1);
    held.timeline.push({
      log_index: String(this.index), time_ms: String(at), actor: { party: '', person: '', role: '', way: 'BY_ADAPTER', told_by: '', ...actor }, what, text, text_en,
      note: note ?? '',
    });
    return this.index;
  }

  decide(held, clauses, at) {
    const cite = (clause) => ({ agreement: clause.agreement, clause: clause.id, site_version: '3' });
    const near = this.county.clauses.filter((c) => !clauses.includes(c) && c.when.some((w) => w.words.length > 0)).slice(0, 3);
    held.decisions.push({
      log_index: String(this.index), time_ms: String(at),
      decision: {
        site_version: '3', fired: clauses.map((c) => ({ clause: cite(c), uncertain: held.incident.unconfirmed })), note: clauses.length ? [] : ['NO_CLAUSE'],
        near_miss: near.map((c) => ({ clause: cite(c), condition: 'any_word', wanted: c.when[0].words.slice(0, 3).join('、'), found: '' })),
      },
      clause: clauses.map((c) => ({ ref: cite(c), title: c.title, text: c.text })),
      text: clauses.length ? `依据 ${clauses.length} 条协议条款，派发 ${held.duties.length} 项任务` : '没有条款适用，由县应急指挥中心处置',
      text_en: clauses.length ? `${clauses.length} clauses apply; ${held.duties.length} duties` : 'no clause applies; the command centre holds it',
    });
  }

  // A party says where it stands; or somebody says so for it.
  acknowledge(duty, state, { reason = '', actor, note = '', counts } = {}) {
    const { line, held } = duty;
    if (line.status !== 'DUTY_OPEN') throw new Refused(409, 'DUTY_ENDED', '该任务已结束', 'this duty has ended', 'delivery_id');
    const rank = ['RECEIVED', 'SEEN', 'DEFERRED', 'PARTIALLY_ACCEPTED', 'ACCEPTED', 'EN_ROUTE', 'ON_SCENE', 'COMPLETED'];
    const stands = FIELD.includes(line.field) ? line.field : line.person !== 'ACK_STATE_UNSPECIFIED' ? line.person : line.transport;
    if (rank.includes(state) && rank.indexOf(state) <= rank.indexOf(stands)) return { outcome: 'ALREADY_DONE', log_index: String(this.index) };
    line.transport = 'RECEIVED';
    if (FIELD.includes(state)) {
      line.field = state;
      if (!TAKEN.includes(line.person)) line.person = 'ACCEPTED';
      if (state === 'COMPLETED') line.status = 'DUTY_DONE';
    } else if (state !== 'RECEIVED' && state !== 'PROGRESS') {
      line.person = state;
      if (state === 'REFUSED') [line.status, line.reason] = ['DUTY_REFUSED', reason];
    }
    if (line.role === 'INFORM') line.status = 'DUTY_DONE';
    if (state === 'ACCEPTED' && line.role === 'LEAD') held.incident.holder = line.party;
    if (counts) held.incident.counts = { ...held.incident.counts, ...counts };
    if (!held.first && line.person !== 'ACK_STATE_UNSPECIFIED') held.first = this.now();
    this.heard.set(line.party, this.now());
    this.rest(duty);
    const words = reason ? `：${reason}` : '';
    const index = this.record(held, actor ?? { party: line.party, way: 'BY_CLIENT' }, 'ACKNOWLEDGED', `${this.name(line.party)} ${STATE_ZH[state]}${words}`, `${line.party} ${state}${words}`, note);
    this.told(held);
    return { outcome: 'APPLIED', log_index: String(index) };
  }

  // One look at the clock: what is late climbs a step.
  tick() {
    const now = this.now();
    for (const duty of this.duties.values()) {
      const { line, held } = duty;
      const at = Number(line.next_deadline_ms);
      if (at === 0 || at > now || held.incident.status !== 'OPEN') continue;
      const rung = line.next_rung === 'RUNG_ESCALATION' ? line.missed[line.missed.length - 1] : line.next_rung;
      if (!line.missed.includes(rung)) line.missed.push(rung);
      line.steps_climbed += 1;
      duty.climbMs = line.steps_climbed <= duty.escalate ? now + 180_000 : 0;
      this.rest(duty);
      const last = line.steps_climbed > duty.escalate || duty.escalate <= 1;
      const to = last ? this.name(this.site.command_party) : (this.site.posts.find((p) => p.party === line.party)?.title_zh ?? this.name(this.site.command_party));
      this.record(held, { party: '', way: 'BY_HUB' }, 'DEADLINES_MISSED', `${this.name(line.party)}${RUNG_ZH[rung]}，升级至${to}`, `${line.party} missed ${rung}, escalated`);
      this.told(held);
    }
  }

  told(held) { this.emit('incident', this.summary(held)); }

  summary(held) {
    const { source, ...incident } = held.incident;
    const duty = held.duties.map((d) => ({ ...d.line, missed: [...d.line.missed] }));
    const next = duty.map((d) => Number(d.next_deadline_ms)).filter((t) => t > 0);
    return { incident: { ...incident, reports: [] }, duty, next_deadline_ms: String(next.length ? Math.min(...next) : 0), log_index: held.timeline.at(-1)?.log_index ?? '0' };
  }

  open() { return [...this.incidents.values()].filter((h) => h.incident.status === 'OPEN'); }

  stats() {
    const actual = this.open().filter((h) => h.incident.purpose === 'ACTUAL');
    const count = (key) => actual.reduce((sum, h) => ({ ...sum, [key(h)]: (sum[key(h)] ?? 0) + 1 }), {});
    const late = (h) => h.duties.some((d) => d.line.status === 'DUTY_OPEN' && d.line.missed.length > 0 && d.line.next_rung === 'RUNG_ESCALATION');
    const answered = actual.filter((h) => h.first).map((h) => (h.first - Number(h.incident.opened_at_ms)) / 1000);
    return {
      open: actual.length, overdue: actual.filter(late).length, per_hotline: count((h) => h.incident.source), per_severity: count((h) => h.incident.severity),
      first_response_s_now: answered.length ? answered.reduce((a, b) => a + b, 0) / answered.length : 0, first_response_s_30d: 148.2,
    };
  }

  links() {
    return this.site.parties.filter((p) => p.id !== this.site.command_party).map((p) => {
      const waits = this.deliveries.filter((d) => d.envelope.party === p.id && d.duty.line.transport !== 'RECEIVED' && d.duty.line.status === 'DUTY_OPEN');
      const urgent = waits.filter((d) => d.envelope.lane === 'URGENT').length;
      return {
        party: p.id, streams: this.down.has(p.id) ? 0 : 1, outstanding_urgent: urgent, outstanding_ordinary: waits.length - urgent,
        last_heard_ms: String(this.heard.get(p.id) ?? 0), ...(p.kind === 'HOTLINE' ? { spool: this.down.has(p.id) ? 12 : 0 } : {}),
      };
    });
  }
}
