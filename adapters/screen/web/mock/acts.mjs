// A duty officer's acts on the mock's world, and a clerk's.
import { Refused } from './world.mjs';

const need = (body, field, zh) => {
  if (body[field] === undefined || body[field] === '' || (Array.isArray(body[field]) && body[field].length === 0)) {
    throw new Refused(400, 'MISSING_FIELD', `缺少${zh}`, `${field} is missing`, field);
  }
  return body[field];
};
const reply = (held, index, extra = {}) =>
  ({ incident_id: held.incident.incident_id, incident_revision: held.incident.revision, log_index: String(index), delivery_id: '0', ...extra });

function endAll(held, status) {
  for (const duty of held.duties) if (duty.line.status === 'DUTY_OPEN') Object.assign(duty.line, { status, next_deadline_ms: '0', next_rung: 'RUNG_UNSPECIFIED' });
}

export function act(world, me, name, body) {
  const actor = { party: me.party, person: me.person, role: '值班员', way: 'BY_SCREEN' };
  const change = (held, what, zh, en, note) => {
    const index = world.record(held, actor, what, zh, en, note);
    world.told(held);
    return index;
  };
  switch (name) {
    case 'report': {
      const { open = {}, sealed = {} } = body.report ?? {};
      const held = world.report({
        source: me.party, category: open.category, severity: open.severity, division: open.division, purpose: need(open, 'purpose', '用途'),
        danger: open.danger_to_life, sealed, counts: open.counts, actor,
      });
      const last = held.timeline[0];
      return {
        external_id: held.incident.reports[0].external_id, outcome: 'NEW_INCIDENT', incident_id: held.incident.incident_id, incident_revision: held.incident.revision,
        log_index: last.log_index, recorded_at_ms: last.time_ms, lane: held.incident.lane,
      };
    }
    case 'correct': {
      const held = world.find(body.incident_id);
      const { incident } = held;
      const fields = ['category', 'severity', 'division', 'danger_to_life'].filter((field) => body[field] !== undefined);
      need({ fields }, 'fields', '要更正的内容');
      for (const field of fields) incident[field] = body[field];
      incident.category_zh = world.site.categories.find((c) => c.code === incident.category)?.name_zh ?? '';
      incident.division_zh = world.site.divisions.find((d) => d.code === incident.division)?.name_zh ?? '';
      incident.unconfirmed = incident.unconfirmed.filter((field) => !fields.includes(field));
      return reply(held, change(held, 'CORRECTED', `更正 ${fields.join('、')}`, `corrected: ${fields.join(', ')}`, body.reason));
    }
    case 'verify': {
      const held = world.find(body.incident_id);
      held.incident.verification = 'VERIFIED';
      return reply(held, change(held, 'VERIFIED', '核实', 'verified'));
    }
    case 'false-alarm': {
      const held = world.find(body.incident_id);
      held.incident.verification = 'FALSE_ALARM';
      endAll(held, 'DUTY_CANCELLED');
      return reply(held, change(held, 'VERIFIED', '误报', 'false alarm', body.reason));
    }
    case 'order': {
      need(body, 'text', '指令内容');
      need(body, 'given_by', '下达人');
      const parties = body.all_townships ? world.site.parties.filter((p) => p.kind === 'TOWNSHIP').map((p) => p.id) : need(body, 'party', '接收单位');
      const held = body.incident_id && body.incident_id !== '0' ? world.find(body.incident_id)
        : world.report({ source: me.party, category: 'command', severity: 'GENERAL', purpose: body.purpose, danger: body.urgent ? 'YES' : 'NO', sealed: { description: body.text }, actor });
      const within = [30, body.accept_within_s || 900, 0, body.complete_within_s || 0];
      const made = parties.map((party) => world.addDuty(held, { party, role: 'LEAD', within }, world.now(), 'ORDER', body.text));
      const index = change(held, 'ORDER', `${body.given_by} 下达指令，${parties.length} 个单位`, `order given to ${parties.length} parties`, body.text);
      return { incident_id: held.incident.incident_id, delivery_id: made.map((d) => d.line.delivery_id), log_index: String(index) };
    }
    case 'reassign': {
      const duty = world.findDuty(body.duty_id);
      const { held, line } = duty;
      Object.assign(line, { status: 'DUTY_REASSIGNED', next_deadline_ms: '0', next_rung: 'RUNG_UNSPECIFIED' });
      const next = world.addDuty(held, { party: need(body, 'to', '改派单位'), role: line.role, within: [30, 600, 3600, 0] }, world.now());
      return reply(held, change(held, 'REASSIGNED', `改派 ${world.name(body.to)}`, `reassigned to ${body.to}`, body.reason), { delivery_id: next.line.delivery_id });
    }
    case 'transfer': {
      const held = world.find(body.incident_id);
      return reply(held, change(held, 'TRANSFER_OFFERED', `${world.name(held.incident.holder)} 拟移交 ${world.name(need(body, 'to', '移交单位'))}`, `offered to ${body.to}`, body.reason));
    }
    case 'close':
    case 'cancel': {
      const held = world.find(body.incident_id);
      const cancelled = name === 'cancel';
      if (!cancelled && held.duties.some((d) => d.line.status === 'DUTY_OPEN' && d.line.role === 'LEAD' && d.line.person === 'ACK_STATE_UNSPECIFIED')) {
        throw new Refused(409, 'DUTIES_OPEN', '主责单位尚未签收，不能办结', 'the lead has not accepted yet', 'incident_id');
      }
      held.incident.status = cancelled ? 'CANCELLED' : 'CLOSED';
      endAll(held, 'DUTY_CANCELLED');
      return reply(held, change(held, 'CLOSED', `${cancelled ? '撤销' : '办结'}：${body.reason ?? ''}`, `${cancelled ? 'cancelled' : 'closed'}: ${body.reason ?? ''}`));
    }
    case 'merge': {
      const [older, younger] = [world.find(need(body, 'older', '主事件')), world.find(need(body, 'younger', '并入事件'))];
      if (older.incident.purpose !== younger.incident.purpose) throw new Refused(409, 'OTHER_PURPOSE', '用途不同的事件不能并案', 'incidents of different purposes never merge');
      Object.assign(younger.incident, { status: 'MERGED', merged_into: older.incident.incident_id });
      endAll(younger, 'DUTY_MERGED_INTO');
      older.incident.reports.push(...younger.incident.reports);
      world.record(younger, actor, 'MERGED', `事件${body.younger}并入${body.older}`, `merged into ${body.older}`, body.reason);
      world.told(younger);
      return reply(older, change(older, 'MERGED', `事件${body.younger}并入${body.older}`, `incident ${body.younger} merged into ${body.older}`, body.reason));
    }
    case 'split': {
      const held = world.find(body.incident_id);
      if (held.incident.status !== 'MERGED') throw new Refused(409, 'NOT_MERGED', '该事件没有并入其他事件', 'this incident is not merged', 'incident_id');
      Object.assign(held.incident, { status: 'OPEN', merged_into: '0' });
      for (const duty of held.duties) if (duty.line.status === 'DUTY_MERGED_INTO') duty.line.status = 'DUTY_OPEN';
      return reply(held, change(held, 'SPLIT', `事件${body.incident_id}拆分`, `incident ${body.incident_id} split off`, body.reason));
    }
    case 'correct-ack': {
      const duty = world.findDuty(body.duty_id);
      need(body, 'reason', '原因');
      Object.assign(duty.line, { person: body.person ?? 'ACK_STATE_UNSPECIFIED', field: body.field ?? 'ACK_STATE_UNSPECIFIED', status: 'DUTY_OPEN' });
      world.rest(duty);
      return reply(duty.held, change(duty.held, 'ACKNOWLEDGMENT_CORRECTED', `更正回执：${body.reason}`, `acknowledgment corrected: ${body.reason}`));
    }
    case 'ack-for': {
      const duty = world.findDuty(body.duty_id);
      const told_by = need(body, 'told_by', '告知人');
      if (body.state === 'REFUSED') need(body, 'reason', '原因');
      return world.acknowledge(duty, body.state, { reason: body.reason, counts: body.counts, actor: { ...actor, way: 'BY_TELEPHONE', told_by } });
    }
    case 'note': {
      const held = world.find(body.incident_id);
      return reply(held, change(held, 'NOTE', '备注', 'note', need(body, 'text', '备注内容')));
    }
    default:
      throw new Refused(404, 'UNKNOWN_ACT', `没有 ${name} 这个动作`, `there is no act ${name}`);
  }
}

export function deliveriesOf(world, party) {
  return world.deliveries.filter((d) => d.envelope.party === party && d.duty.held.incident.status === 'OPEN').map((d) => {
    const { duty } = d;
    const { source, ...incident } = duty.held.incident;
    const [receive, accept, arrive, complete] = duty.due.map(String);
    const { clause } = duty;
    return {
      envelope: d.envelope,
      body: {
        incident: { ...incident, reports: incident.reports.map((r) => ({ ...r, caller_name: '', caller_phone: '', external_id: '' })),
                    withheld: [{ field: 'CALLER_NAME', clauses: [] }, { field: 'CALLER_PHONE', clauses: [] }] },
        duty: {
          duty_id: duty.line.duty_id, role: duty.line.role, status: duty.line.status, person: duty.line.person, field: duty.line.field, verify_first: false,
          clauses: clause ? [{ ref: { agreement: clause.agreement, clause: clause.id, site_version: '3' }, title: clause.title, text: clause.text }] : [],
          receive_by_ms: receive, accept_by_ms: accept, arrive_by_ms: arrive, complete_by_ms: complete,
          ...(duty.statutory ? { statutory: duty.statutory } : {}),
        },
        feedback: [], text: d.text ?? '', text_en: '',
      },
    };
  });
}

export function acknowledge(world, me, body) {
  const delivery = world.deliveries.find((d) => d.envelope.delivery_id === String(body.delivery_id));
  if (!delivery || delivery.envelope.party !== me.party) throw new Refused(403, 'NOT_YOUR_DELIVERY', '不是发给本单位的', 'this delivery is not yours', 'delivery_id');
  if (body.state === 'REFUSED') need(body, 'reason', '原因');
  const actor = { party: me.party, person: me.person, role: '值班员', way: 'BY_SCREEN' };
  const answer = world.acknowledge(delivery.duty, body.state, { reason: body.reason, note: body.note, counts: body.counts, actor });
  world.emit('delivery', delivery);
  return { delivery_id: String(body.delivery_id), state: body.state, message: '', ...answer };
}
