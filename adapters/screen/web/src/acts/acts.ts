// A duty officer's acts: what each asks, and the request it becomes. Pure; ActDialog.vue only draws it.
import type { Counts, IncidentView, ShowIncidentReply } from '../api/types';
import type { Key } from '../words';

export type ActName = 'report' | 'verify' | 'false-alarm' | 'correct' | 'order' | 'ack-for' | 'reassign' | 'transfer' | 'merge' | 'split'
  | 'correct-ack' | 'note' | 'close' | 'cancel' | 'assign' | 'review-return' | 'dismiss' | 'upward' | 'response-start' | 'response-adjust' | 'response-end' | 'hand-over';

export type FieldKind = 'text' | 'area' | 'minutes' | 'severity' | 'answer' | 'category' | 'division' | 'party' | 'parties' | 'duty' | 'incident'
  | 'state' | 'fixState' | 'counts' | 'purpose' | 'check' | 'reason' | 'hours' | 'verdict' | 'responseLevel' | 'form' | 'time';
export type Values = Record<string, string | boolean | string[] | Record<string, string>>;
export interface FieldSpec {
  name: string;
  kind: FieldKind;
  label: Key;
  required?: boolean;
  hint?: Key;
  when?: (v: Values) => boolean;
}
export interface Act {
  name: ActName;
  token: string;                 // of `may`
  grave?: boolean;               // hard to take back
  aside?: boolean;               // begun elsewhere than in the incident's bar, with what it is about filled in
  fields: FieldSpec[];
  start(incident: IncidentView | null): Values;
  body(v: Values, incident: IncidentView | null): unknown;
  // Why it cannot be done to this incident now; null: it can.
  hindrance?(shown: ShowIncidentReply): Key | null;
}

export const str = (v: Values, name: string): string => (typeof v[name] === 'string' ? (v[name] as string).trim() : '');
const list = (v: Values, name: string): string[] => (Array.isArray(v[name]) ? (v[name] as string[]) : []);
// Hours from `now`, which the dialog writes when it sends; 0: not said.
const untilOf = (v: Values): string => { const hours = Number(str(v, 'hours')); return hours > 0 ? String(Math.round(Number(str(v, 'now')) + hours * 3_600_000)) : '0'; };
// This incident and another, the older first, whichever is open on the screen.
const pairOf = (v: Values, i: IncidentView | null): unknown => {
  const [older, younger] = [i?.incident_id ?? '', str(v, 'other')].sort((a, b) => Number(a) - Number(b));
  return { older, younger, reason: str(v, 'reason') };
};
const seconds = (v: Values, name: string): number => Math.round(Number(str(v, name) || 0) * 60);
export const COUNTS = ['dead', 'missing', 'injured', 'trapped', 'rescued', 'evacuated', 'loss_yuan'] as const;
export const hasCounts = (counts: Counts | undefined): counts is Counts => counts !== undefined && COUNTS.some((name) => counts[name] !== undefined);

// An empty box means "not said"; 0 means that none was said.
export function countsOf(v: Values, name: string): Record<string, number | string> | undefined {
  const said = Object.entries((v[name] ?? {}) as Record<string, string>).filter(([, n]) => /^\d+$/.test(n.trim()));
  if (said.length === 0) return undefined;
  return Object.fromEntries(said.map(([key, n]) => [key, key === 'loss_yuan' ? n.trim() : Number(n)]));
}
const withCounts = (v: Values): { counts?: Record<string, number | string> } => {
  const counts = countsOf(v, 'counts');
  return counts === undefined ? {} : { counts };
};

const REASON: FieldSpec = { name: 'reason', kind: 'text', label: 'field.reason', required: true, hint: 'hint.nothingPersonal' };
const onlyReason = (name: ActName, grave: boolean): Pick<Act, 'fields' | 'start' | 'body' | 'name' | 'grave'> => ({
  name, grave, fields: [REASON], start: () => ({ reason: '' }),
  body: (v, incident) => ({ incident_id: incident?.incident_id, reason: str(v, 'reason') }),
});
const openDuties = (shown: ShowIncidentReply): Key | null => (shown.duty.some((d) => d.status === 'DUTY_OPEN') ? null : 'hinder.noDuty');
const notMerged = (shown: ShowIncidentReply): Key | null => (shown.incident.status === 'OPEN' ? null : 'hinder.notOpen');

export const ACTS: readonly Act[] = [
  {
    name: 'report', token: 'report',
    fields: [
      { name: 'description', kind: 'area', label: 'field.description', required: true },
      { name: 'category', kind: 'category', label: 'field.category' },
      { name: 'severity', kind: 'severity', label: 'field.severity' },
      { name: 'division', kind: 'division', label: 'field.division' },
      { name: 'address', kind: 'text', label: 'field.address' },
      { name: 'danger', kind: 'answer', label: 'field.danger', hint: 'hint.danger' },
      { name: 'caller_name', kind: 'text', label: 'field.callerName' },
      { name: 'caller_phone', kind: 'text', label: 'field.callerPhone' },
      { name: 'counts', kind: 'counts', label: 'field.counts' },
      { name: 'purpose', kind: 'purpose', label: 'field.purpose', required: true },
    ],
    start: () => ({ description: '', category: '', severity: 'SEVERITY_UNKNOWN', division: '', address: '', danger: 'ANSWER_UNKNOWN', caller_name: '', caller_phone: '', counts: {}, purpose: 'ACTUAL' }),
    body: (v) => ({ report: reportOf(v, 'screen') }),
  },
  {
    name: 'verify', token: 'verify', fields: [], start: () => ({}),
    body: (_, incident) => ({ incident_id: incident?.incident_id }),
    hindrance: ({ incident }) => (incident.verification === 'VERIFIED' ? 'hinder.verified' : null),
  },
  { ...onlyReason('false-alarm', true), token: 'false_alarm', hindrance: ({ incident }) => (incident.verification === 'FALSE_ALARM' ? 'hinder.falseAlarm' : null) },
  {
    name: 'correct', token: 'correct',
    fields: [
      { name: 'category', kind: 'category', label: 'field.category' },
      { name: 'severity', kind: 'severity', label: 'field.severity' },
      { name: 'division', kind: 'division', label: 'field.division' },
      { name: 'danger', kind: 'answer', label: 'field.danger' },
      REASON,
    ],
    start: (i) => ({ category: i?.category ?? '', severity: i?.severity ?? 'SEVERITY_UNKNOWN', division: i?.division ?? '', danger: i?.danger_to_life ?? 'ANSWER_UNKNOWN', reason: '' }),
    // Only what was changed: what is not named stays open to later revisions of the reports.
    body: (v, i) => ({
      incident_id: i?.incident_id, reason: str(v, 'reason'),
      ...(str(v, 'category') === i?.category ? {} : { category: str(v, 'category') }),
      ...(v.severity === i?.severity ? {} : { severity: v.severity }),
      ...(str(v, 'division') === i?.division ? {} : { division: str(v, 'division') }),
      ...(v.danger === i?.danger_to_life ? {} : { danger_to_life: v.danger }),
    }),
    hindrance: notMerged,
  },
  {
    name: 'order', token: 'order',
    fields: [
      { name: 'text', kind: 'area', label: 'field.order', required: true },
      { name: 'all', kind: 'check', label: 'field.allTownships' },
      { name: 'parties', kind: 'parties', label: 'field.parties', required: true, when: (v) => v.all !== true },
      { name: 'given_by', kind: 'text', label: 'field.givenBy', required: true },
      { name: 'accept', kind: 'minutes', label: 'field.acceptWithin', hint: 'hint.siteDefault' },
      { name: 'complete', kind: 'minutes', label: 'field.completeWithin', hint: 'hint.noDeadline' },
      { name: 'urgent', kind: 'check', label: 'field.urgent', when: (v) => v.own === true },
      { name: 'purpose', kind: 'purpose', label: 'field.purpose', required: true, when: (v) => v.own === true },
    ],
    start: (i) => ({ text: '', all: false, parties: [], given_by: '', accept: '', complete: '', urgent: false, purpose: 'ACTUAL', own: i === null }),
    body: (v, i) => ({
      incident_id: i?.incident_id ?? '0', party: v.all === true ? [] : list(v, 'parties'), all_townships: v.all === true, text: str(v, 'text'),
      accept_within_s: seconds(v, 'accept'), complete_within_s: seconds(v, 'complete'), given_by: str(v, 'given_by'),
      ...(i === null ? { purpose: v.purpose, urgent: v.urgent === true } : {}),
    }),
    hindrance: notMerged,
  },
  {
    name: 'ack-for', token: 'ack_for',
    fields: [
      { name: 'duty', kind: 'duty', label: 'field.duty', required: true },
      { name: 'state', kind: 'state', label: 'field.state', required: true },
      { name: 'told_by', kind: 'text', label: 'field.toldBy', required: true, hint: 'hint.toldBy' },
      { name: 'reason', kind: 'reason', label: 'field.reason', required: true, when: (v) => v.state === 'REFUSED' },
      { name: 'counts', kind: 'counts', label: 'field.counts', when: (v) => v.state === 'COMPLETED' || v.state === 'ON_SCENE' },
    ],
    start: () => ({ duty: '', state: 'ACCEPTED', told_by: '', reason: '', counts: {} }),
    body: (v) => ({
      duty_id: str(v, 'duty'), state: v.state, told_by: str(v, 'told_by'),
      ...(v.state === 'REFUSED' ? { reason: str(v, 'reason') } : {}), ...(v.state === 'COMPLETED' || v.state === 'ON_SCENE' ? withCounts(v) : {}),
    }),
    hindrance: openDuties,
  },
  {
    name: 'reassign', token: 'reassign',
    fields: [{ name: 'duty', kind: 'duty', label: 'field.duty', required: true }, { name: 'to', kind: 'party', label: 'field.to', required: true }, REASON],
    start: () => ({ duty: '', to: '', reason: '' }),
    body: (v) => ({ duty_id: str(v, 'duty'), to: str(v, 'to'), reason: str(v, 'reason') }),
    hindrance: (shown) => (shown.duty.some((d) => d.status === 'DUTY_OPEN' || d.status === 'DUTY_REFUSED') ? null : 'hinder.noDuty'),
  },
  {
    name: 'transfer', token: 'transfer',
    fields: [{ name: 'to', kind: 'party', label: 'field.to', required: true, hint: 'hint.transfer' }, { name: 'reason', kind: 'text', label: 'field.reason', required: true }],
    start: () => ({ to: '', reason: '' }),
    body: (v, i) => ({ incident_id: i?.incident_id, to: str(v, 'to'), reason: str(v, 'reason') }),
    hindrance: notMerged,
  },
  {
    name: 'merge', token: 'merge', grave: true,
    fields: [{ name: 'other', kind: 'incident', label: 'field.otherIncident', required: true, hint: 'hint.merge' }, REASON],
    start: () => ({ other: '', reason: '' }),
    body: pairOf,
    hindrance: notMerged,
  },
  { ...onlyReason('split', false), token: 'split', hindrance: ({ incident }) => (incident.status === 'MERGED' ? null : 'hinder.notMerged') },
  {
    name: 'correct-ack', token: 'correct_ack',
    fields: [{ name: 'duty', kind: 'duty', label: 'field.duty', required: true }, { name: 'fix', kind: 'fixState', label: 'field.fixState', required: true }, REASON],
    start: () => ({ duty: '', fix: 'ACK_STATE_UNSPECIFIED', reason: '' }),
    body: (v) => {
      const fix = str(v, 'fix');
      const atWork = fix === 'EN_ROUTE' || fix === 'ON_SCENE';
      return { duty_id: str(v, 'duty'), person: atWork ? 'ACCEPTED' : fix, field: atWork ? fix : 'ACK_STATE_UNSPECIFIED', reason: str(v, 'reason') };
    },
    hindrance: (shown) => (shown.duty.length > 0 ? null : 'hinder.noDuty'),
  },
  {
    name: 'note', token: 'note', fields: [{ name: 'text', kind: 'area', label: 'field.note', required: true }],
    start: () => ({ text: '' }), body: (v, i) => ({ incident_id: i?.incident_id, text: str(v, 'text') }),
  },
  {
    name: 'assign', token: 'assign', grave: true,
    fields: [
      { name: 'lead', kind: 'party', label: 'field.lead', required: true, hint: 'hint.assign' },
      { name: 'parties', kind: 'parties', label: 'field.support' },
      { name: 'accept', kind: 'minutes', label: 'field.acceptWithin', hint: 'hint.siteDefault' },
      { name: 'complete', kind: 'minutes', label: 'field.completeWithin', hint: 'hint.siteDefault' },
      REASON,
    ],
    start: () => ({ lead: '', parties: [], accept: '', complete: '', reason: '' }),
    body: (v, i) => ({
      incident_id: i?.incident_id, lead: str(v, 'lead'), support: list(v, 'parties').filter((p) => p !== str(v, 'lead')),
      accept_within_s: seconds(v, 'accept'), complete_within_s: seconds(v, 'complete'), reason: str(v, 'reason'),
    }),
    hindrance: notMerged,
  },
  {
    name: 'review-return', token: 'review_return',
    fields: [
      { name: 'duty', kind: 'duty', label: 'field.duty', required: true },
      { name: 'verdict', kind: 'verdict', label: 'field.verdict', required: true },
      { name: 'to', kind: 'party', label: 'field.newParty', hint: 'hint.newParty', when: (v) => v.verdict === 'GRANT' },
      REASON,
    ],
    start: () => ({ duty: '', verdict: '', to: '', reason: '' }),
    body: (v) => ({ duty_id: str(v, 'duty'), grant: v.verdict === 'GRANT', reason: str(v, 'reason'), ...(v.verdict === 'GRANT' ? { to: str(v, 'to') } : {}) }),
    hindrance: (shown) => (shown.duty.some((d) => d.return_requested === true) ? null : 'hinder.noReturn'),
  },
  {
    name: 'dismiss', token: 'dismiss', aside: true,
    fields: [{ name: 'other', kind: 'incident', label: 'field.otherIncident', required: true }, REASON],
    start: () => ({ other: '', reason: '' }), body: pairOf,
  },
  {
    name: 'upward', token: 'upward', aside: true,
    fields: [
      { name: 'form', kind: 'form', label: 'field.form', required: true },
      { name: 'happened', kind: 'time', label: 'field.happened' },
      { name: 'place', kind: 'text', label: 'field.place' },
      ...(['unit_profile', 'scene', 'course', 'measures', 'other'] as const).map((name): FieldSpec => ({ name, kind: 'area', label: `upward.${name}` })),
      { name: 'progress', kind: 'text', label: 'upward.progress' },
      { name: 'counts', kind: 'counts', label: 'field.counts' },
    ],
    start: () => ({ form: 'UPWARD_PHONE', happened: '', place: '', unit_profile: '', scene: '', course: '', measures: '', other: '', progress: '', counts: {} }),
    body: (v, i) => ({
      incident_id: i?.incident_id ?? str(v, 'incident'), rule: str(v, 'rule'), kind: v.kind, form: v.form,
      fields: {
        happened_at_ms: String(v.happened === '' ? 0 : Date.parse(`${str(v, 'happened')}Z`) - Number(str(v, 'offset') || 0) * 60_000),
        ...Object.fromEntries(['place', 'unit_profile', 'scene', 'course', 'measures', 'other', 'progress'].map((name) => [name, str(v, name)])), ...withCounts(v),
      },
    }),
  },
  {
    name: 'response-start', token: 'response', grave: true, aside: true,
    fields: [
      { name: 'level', kind: 'responseLevel', label: 'field.responseLevel', required: true },
      { name: 'category', kind: 'category', label: 'field.category', hint: 'hint.allCategories' },
      { name: 'division', kind: 'division', label: 'field.division', hint: 'hint.wholeCounty' },
      { name: 'purpose', kind: 'purpose', label: 'field.purpose', required: true },
      { name: 'hours', kind: 'hours', label: 'field.hours', required: true },
      { name: 'matters', kind: 'area', label: 'field.matters', required: true, hint: 'hint.nothingPersonal' },
      { name: 'measures', kind: 'area', label: 'upward.measures', required: true, hint: 'hint.nothingPersonal' },
    ],
    start: () => ({ level: '', category: '', division: '', purpose: 'ACTUAL', hours: '24', matters: '', measures: '' }),
    body: (v) => ({
      level: v.level, category: str(v, 'category'), division: str(v, 'division'), purpose: v.purpose, matters: str(v, 'matters'), measures: str(v, 'measures'),
      expected_until_ms: untilOf(v),
    }),
  },
  {
    name: 'response-adjust', token: 'response', grave: true, aside: true,
    fields: [
      { name: 'level', kind: 'responseLevel', label: 'field.responseLevel', required: true },
      { name: 'hours', kind: 'hours', label: 'field.hours', hint: 'hint.asItIs' },
      { name: 'measures', kind: 'area', label: 'upward.measures', hint: 'hint.asItIs' },
      REASON,
    ],
    start: () => ({ level: '', hours: '', measures: '', reason: '' }),
    body: (v) => ({ response_id: str(v, 'response'), level: v.level, measures: str(v, 'measures'), reason: str(v, 'reason'), expected_until_ms: untilOf(v) }),
  },
  {
    name: 'response-end', token: 'response', grave: true, aside: true, fields: [REASON], start: () => ({ reason: '' }),
    body: (v) => ({ response_id: str(v, 'response'), reason: str(v, 'reason') }),
  },
  {
    name: 'hand-over', token: 'hand_over', aside: true,
    fields: [{ name: 'person', kind: 'text', label: 'field.onPost', required: true }, { name: 'phone', kind: 'text', label: 'field.postPhone', hint: 'hint.postPhone' }],
    start: () => ({ person: '', phone: '' }),
    body: (v) => ({ post: str(v, 'post'), person: str(v, 'person'), phone_24h: str(v, 'phone') }),
  },
  { ...onlyReason('close', true), token: 'close', hindrance: notMerged },
  { ...onlyReason('cancel', true), token: 'cancel', hindrance: notMerged },
];

export const actOf = (name: ActName): Act => ACTS.find((a) => a.name === name) as Act;

// A report as the contract has it. Empty fields are left out: they were not said.
export function reportOf(v: Values, channel: string): unknown {
  const some = (pairs: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(pairs).filter(([, text]) => text !== ''));
  return {
    open: { purpose: v.purpose, severity: v.severity, danger_to_life: v.danger, channel, ...some({ category: str(v, 'category'), division: str(v, 'division') }), ...withCounts(v) },
    sealed: some({ description: str(v, 'description'), address: str(v, 'address'), caller_name: str(v, 'caller_name'), caller_phone: str(v, 'caller_phone') }),
  };
}

// Labels of what is required and empty; nothing may be sent while there is one.
export function lacking(fields: readonly FieldSpec[], v: Values): FieldSpec[] {
  return fields.filter((f) => f.required === true && (f.when === undefined || f.when(v)) && (Array.isArray(v[f.name]) ? list(v, f.name).length === 0 : str(v, f.name) === ''));
}
