import { describe, expect, it } from 'vitest';
import type { IncidentView, ShowIncidentReply } from '../api/types';
import { duty, incident } from '../store/samples';
import { knownOf, presetOf } from './upward';
import { ACTS, actOf, countsOf, lacking, type ActName } from './acts';

const view: IncidentView = incident(7).incident;
const shown = (over: Partial<IncidentView> = {}, duties = [duty()]): ShowIncidentReply => ({ incident: { ...view, ...over }, duty: duties, timeline: [], log_index: '1' });

describe('requests', () => {
  it('a correction names only what was changed', () => {
    const act = actOf('correct');
    expect(act.body({ ...act.start(view), severity: 'EXTREME', reason: '复核' }, view)).toEqual({ incident_id: '7', reason: '复核', severity: 'EXTREME' });
  });
  it('a merge keeps the older one, whichever is open on the screen', () => {
    expect(actOf('merge').body({ other: '5', reason: 'r' }, view)).toEqual({ older: '5', younger: '7', reason: 'r' });
    expect(actOf('merge').body({ other: '9', reason: 'r' }, view)).toEqual({ older: '7', younger: '9', reason: 'r' });
  });
  it('two that are not the same are named by age, as a merge names them', () => {
    expect(actOf('dismiss').body({ other: '5', reason: 'r' }, view)).toEqual({ older: '5', younger: '7', reason: 'r' });
  });
  it('a response ends hours from when it is sent; an adjustment without hours leaves its end', () => {
    const act = actOf('response-start');
    expect(act.body({ ...act.start(null), level: 'LEVEL_III', matters: '强降雨', measures: '巡查', hours: '2', now: '1000' }, null)).toMatchObject({ level: 'LEVEL_III', division: '', expected_until_ms: '7201000' });
    expect(actOf('response-adjust').body({ response: '4', level: 'LEVEL_II', hours: '', measures: '', reason: 'r', now: '1000' }, null)).toMatchObject({ response_id: '4', expected_until_ms: '0' });
  });
  it('a report upward begins with what is known of the incident', () => {
    const rule = { rule: 'r1', title: '', source: '', kind: 'UPWARD_INITIAL', number: 1, form: ['UPWARD_WRITTEN'], required: [], due_ms: '0', made_at_ms: '0' };
    const report = { party: 'police-110', external_id: '', revision: '1', reported_at_ms: '5', occurred_at_ms: String(Date.UTC(2026, 6, 1)), caller_name: '', caller_phone: '', contact_phone: '', address: '上村12号', description: '', medical: '', details: [] };
    const known = knownOf({ ...view, counts: { dead: 0, injured: 2 }, reports: [report] }, '青石镇');
    const preset = presetOf('7', rule, rule.form, known, 480);
    expect(preset).toMatchObject({ incident: '7', rule: 'r1', kind: 'UPWARD_INITIAL', form: 'UPWARD_WRITTEN', happened: '2026-07-01T08:00', place: '上村12号', counts: { dead: '0', injured: '2' } });
    expect(knownOf({ ...view, reports: [] }, '青石镇')).toEqual({ happened_at_ms: '0', place: '青石镇' });
    const act = actOf('upward');
    expect(act.body({ ...act.start(null), ...preset }, null)).toMatchObject({ fields: { happened_at_ms: report.occurred_at_ms, place: '上村12号', counts: { dead: 0, injured: 2 } } });
  });
  it('a report upward says when it happened by the site\'s clock', () => {
    const act = actOf('upward');
    const body = act.body({ ...act.start(null), incident: '7', rule: 'r1', kind: 'UPWARD_INITIAL', happened: '2026-07-01T08:00', offset: '480', counts: { dead: '0' } }, null);
    expect(body).toMatchObject({ incident_id: '7', rule: 'r1', kind: 'UPWARD_INITIAL', fields: { happened_at_ms: String(Date.UTC(2026, 6, 1)), counts: { dead: 0 } } });
  });
  it('a return is granted to another or to nobody yet; a rejection names nobody', () => {
    const act = actOf('review-return');
    expect(act.body({ duty: '3', verdict: 'GRANT', to: '', reason: 'r' }, view)).toEqual({ duty_id: '3', grant: true, to: '', reason: 'r' });
    expect(act.body({ duty: '3', verdict: 'REJECT', to: 'x', reason: 'r' }, view)).toEqual({ duty_id: '3', grant: false, reason: 'r' });
  });
  it('an order to all townships names none; one of its own says purpose and lane', () => {
    const act = actOf('order');
    const body = act.body({ ...act.start(null), text: '巡查', all: true, parties: ['x'], given_by: '张', accept: '10', urgent: true }, null);
    expect(body).toMatchObject({ incident_id: '0', party: [], all_townships: true, accept_within_s: 600, complete_within_s: 0, purpose: 'ACTUAL', urgent: true });
    expect(act.body({ ...act.start(view), text: '巡查', parties: ['x'], given_by: '张' }, view)).not.toHaveProperty('purpose');
  });
  it('a word by telephone carries who said so, and a reason only with a refusal', () => {
    const act = actOf('ack-for');
    expect(act.body({ ...act.start(view), duty: '3', told_by: '李', reason: 'x' }, view)).toEqual({ duty_id: '3', state: 'ACCEPTED', told_by: '李' });
    expect(act.body({ ...act.start(view), duty: '3', told_by: '李', state: 'COMPLETED', counts: { dead: '0' } }, view)).toEqual({ duty_id: '3', state: 'COMPLETED', told_by: '李', counts: { dead: 0 } });
  });
  it('a corrected acknowledgment puts both ladders where they stand', () => {
    expect(actOf('correct-ack').body({ duty: '3', fix: 'EN_ROUTE', reason: 'r' }, view)).toEqual({ duty_id: '3', person: 'ACCEPTED', field: 'EN_ROUTE', reason: 'r' });
    expect(actOf('correct-ack').body({ duty: '3', fix: 'SEEN', reason: 'r' }, view)).toEqual({ duty_id: '3', person: 'SEEN', field: 'ACK_STATE_UNSPECIFIED', reason: 'r' });
  });
  it('a report leaves out what was not said', () => {
    const act = actOf('report');
    expect(act.body({ ...act.start(null), description: ' 落石 ' }, null)).toEqual({
      report: { open: { purpose: 'ACTUAL', severity: 'SEVERITY_UNKNOWN', danger_to_life: 'ANSWER_UNKNOWN', channel: 'screen' }, sealed: { description: '落石' } },
    });
  });
});

describe('forms', () => {
  it('an empty count is not said, a zero is', () => {
    expect(countsOf({ c: { dead: '0', missing: '', injured: '3' } }, 'c')).toEqual({ dead: 0, injured: 3 });
    expect(countsOf({ c: {} }, 'c')).toBeUndefined();
  });
  it('name what is lacking, and ask only for what applies', () => {
    const act = actOf('order');
    const v = { ...act.start(view), text: '巡查', given_by: '张' };
    expect(lacking(act.fields, v).map((f) => f.name)).toEqual(['parties']);
    expect(lacking(act.fields, { ...v, all: true })).toEqual([]);
  });
  it('say why an act is not possible now', () => {
    expect(actOf('split').hindrance?.(shown())).toBe('hinder.notMerged');
    expect(actOf('verify').hindrance?.(shown({ verification: 'VERIFIED' }))).toBe('hinder.verified');
    expect(actOf('ack-for').hindrance?.(shown({}, [duty({ status: 'DUTY_DONE' })]))).toBe('hinder.noDuty');
    expect(actOf('close').hindrance?.(shown())).toBeNull();
  });
  it('every act asks under a token of its own, but the three of one emergency response', () => {
    const tokens = ACTS.filter((a) => !['response-adjust', 'response-end'].includes(a.name)).map((a) => a.token);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(['start', 'adjust', 'end'].map((n) => actOf(`response-${n}` as ActName).token)).toEqual(['response', 'response', 'response']);
  });
});
