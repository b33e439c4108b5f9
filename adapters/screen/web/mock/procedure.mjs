// The linkage procedure on the mock's world: responses in force, posts, reports upward, suggestions, assignments, returns.
import { Refused } from './world.mjs';

const FORMS = ['UPWARD_PHONE', 'UPWARD_WRITTEN'];

export class Procedure {
  constructor(world) {
    this.world = world;
    this.responses = new Map();
    this.posts = world.site.posts.map((p) => ({ post: p.id, party: p.party, title_zh: p.title_zh, title_en: p.title_en, person: p.person, phone_24h: p.phone_24h, until_ms: '0', handed_over: false }));
    this.upward = [];
    this.suggestions = [];
  }

  // Only for tests: a party owes a report upward of this incident.
  owe({ incident_id, party }) {
    const held = this.world.find(incident_id);
    const { incident } = held;
    const rule = {
      rule: 'sample-1h', title: '一小时书面报告', source: '样例条款', kind: 'UPWARD_INITIAL', number: 1, form: FORMS, required: ['UPWARD_SCENE', 'UPWARD_MEASURES'],
      due_ms: String(this.world.now() + 3_600_000), made_at_ms: '0',
    };
    const duty = this.world.addDuty(held, { party: party ?? incident.holder, role: 'LEAD', within: [30, 600, 0, 0], statutory: rule }, this.world.now(), 'UPWARD_REPORT');
    const report = {
      incident_id: String(incident_id), duty_id: duty.line.duty_id, party: duty.line.party, status: 'DUTY_OPEN', title: `${incident.division_zh}${incident.category_zh}`, late: false,
      rule,
      fields: { unit_profile: '', happened_at_ms: incident.opened_at_ms, place: incident.division_zh, scene: '', course: '', measures: '', other: '', progress: '' },
      missing: rule.required, form: FORMS,
    };
    this.upward.push(report);
    return report;
  }

  resemble({ older, younger }) {
    this.suggestions.push({ older, younger });
    return {};
  }

  returned({ duty_id }) {
    const { line, held } = this.world.findDuty(duty_id);
    line.return_requested = true;
    this.world.record(held, { party: line.party, way: 'BY_CLIENT' }, 'ACKNOWLEDGED', `${this.world.name(line.party)} 申请退单`, `${line.party} asks to return it`);
    this.world.told(held);
    return {};
  }

  suggestionsOf(id) {
    const view = (one) => { const { source, ...rest } = this.world.find(one).incident; return rest; };
    return this.suggestions.filter((s) => s.older === id || s.younger === id).map((s) => ({
      ...s, suggestion: { score: 82 }, text: '同一乡镇，相隔4分钟，同一类别', text_en: 'same township, 4 minutes apart, same category', older_view: view(s.older), younger_view: view(s.younger),
    }));
  }

  reportsOf(incident) { return this.upward.filter((r) => (incident === '0' ? r.rule.made_at_ms === '0' : r.incident_id === incident)); }

  // null: no act of the procedure.
  act(me, name, body) {
    const doing = { 'hand-over': 'handOver', upward: 'file', assign: 'assign', 'review-return': 'review', dismiss: 'dismiss', 'response-start': 'start', 'response-adjust': 'adjust', 'response-end': 'end' }[name];
    return doing === undefined ? null : this[doing](body, { party: me.party, person: me.person, role: '值班员', way: 'BY_SCREEN' });
  }

  told(held, actor, what, zh, en, note) {
    const index = this.world.record(held, actor, what, zh, en, note);
    this.world.told(held);
    return { incident_id: held.incident.incident_id, log_index: String(index) };
  }

  handOver({ post, person, phone_24h }) {
    const line = this.posts.find((p) => p.post === post);
    if (!line) throw new Refused(404, 'UNKNOWN_POST', `没有岗位 ${post}`, `there is no post ${post}`, 'post');
    Object.assign(line, { person, handed_over: true }, phone_24h ? { phone_24h } : {});
    return { post: line, log_index: String(++this.world.index) };
  }

  file(body, actor) {
    const report = this.upward.find((r) => r.incident_id === body.incident_id && r.rule.rule === body.rule && r.rule.kind === body.kind && r.rule.made_at_ms === '0');
    if (!report) throw new Refused(409, 'NOTHING_DUE', '没有待报的信息', 'no such report is due', 'rule');
    Object.assign(report, { fields: body.fields, form: [body.form], missing: [], status: 'DUTY_DONE' });
    report.rule.made_at_ms = String(this.world.now());
    this.world.findDuty(report.duty_id).line.status = 'DUTY_DONE';
    this.world.rest(this.world.findDuty(report.duty_id));
    return this.told(this.world.find(body.incident_id), actor, 'UPWARD_REPORT', `${report.rule.title}已报`, `${report.rule.rule} made`);
  }

  assign(body, actor) {
    const held = this.world.find(body.incident_id);
    for (const [party, role] of [[body.lead, 'LEAD'], ...body.support.map((p) => [p, 'SUPPORT'])]) this.world.addDuty(held, { party, role, within: [30, body.accept_within_s || 600, 0, 0] }, this.world.now());
    held.incident.holder = body.lead;
    return this.told(held, actor, 'ASSIGNED', `指定${this.world.name(body.lead)}主办`, `${body.lead} leads`, body.reason);
  }

  review(body, actor) {
    const { line, held } = this.world.findDuty(body.duty_id);
    line.return_requested = false;
    if (body.grant) line.status = 'DUTY_REFUSED';
    if (body.grant && body.to) this.world.addDuty(held, { party: body.to, role: line.role, within: [30, 600, 0, 0] }, this.world.now());
    return this.told(held, actor, 'RETURN_REVIEWED', body.grant ? '同意退单' : '驳回退单', body.grant ? 'return granted' : 'return rejected', body.reason);
  }

  dismiss(body, actor) {
    this.suggestions = this.suggestions.filter((s) => s.older !== body.older || s.younger !== body.younger);
    return this.told(this.world.find(body.older), actor, 'SUGGESTION_DISMISSED', `与事件${body.younger}不是同一事件`, `not the same as ${body.younger}`, body.reason);
  }

  start(body) {
    const id = String(++this.world.index);
    this.responses.set(id, { ...body, id, started_at_ms: String(this.world.now()) });
    return { response_id: id, log_index: id };
  }

  response(id) {
    const found = this.responses.get(id);
    if (!found) throw new Refused(404, 'UNKNOWN_RESPONSE', `没有应急响应 ${id}`, `there is no response ${id}`, 'response_id');
    return found;
  }

  adjust(body) {
    const found = this.response(body.response_id);
    Object.assign(found, { level: body.level }, body.measures ? { measures: body.measures } : {}, body.expected_until_ms !== '0' ? { expected_until_ms: body.expected_until_ms } : {});
    return { response_id: found.id, log_index: String(++this.world.index) };
  }

  end(body) {
    const found = this.response(body.response_id);
    this.responses.delete(found.id);
    return { response_id: found.id, log_index: String(++this.world.index) };
  }
}
