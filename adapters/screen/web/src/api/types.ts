// The contract's messages as the screen writes them: protobuf's JSON with the proto's own field names; 64-bit numbers are
// strings, enums their names. Only what the page reads.

export type U64 = string;
export type Purpose = 'PURPOSE_UNSPECIFIED' | 'ACTUAL' | 'EXERCISE' | 'TEST';
export type Severity = 'SEVERITY_UNKNOWN' | 'GENERAL' | 'LARGE' | 'MAJOR' | 'EXTREME';
export type PartyKind = 'PARTY_KIND_UNSPECIFIED' | 'HOTLINE' | 'AGENCY' | 'TOWNSHIP' | 'COMMAND' | 'HUB' | 'SCREEN';
export type Lane = 'LANE_UNSPECIFIED' | 'URGENT' | 'ORDINARY';
export type Role = 'ROLE_UNSPECIFIED' | 'LEAD' | 'SUPPORT' | 'INFORM';
export type Answer = 'ANSWER_UNKNOWN' | 'YES' | 'NO';
export type Datum = 'DATUM_UNKNOWN' | 'WGS84' | 'CGCS2000' | 'GCJ02' | 'BD09';
export type AckState = 'ACK_STATE_UNSPECIFIED' | 'RECEIVED' | 'SEEN' | 'ACCEPTED' | 'PARTIALLY_ACCEPTED' | 'REFUSED' | 'DEFERRED'
  | 'EN_ROUTE' | 'ON_SCENE' | 'COMPLETED' | 'PROGRESS';
export type DutyStatus = 'DUTY_STATUS_UNSPECIFIED' | 'DUTY_OPEN' | 'DUTY_DONE' | 'DUTY_REFUSED' | 'DUTY_CANCELLED' | 'DUTY_REASSIGNED'
  | 'DUTY_MERGED_INTO';
export type IncidentStatus = 'INCIDENT_STATUS_UNSPECIFIED' | 'OPEN' | 'CLOSED' | 'CANCELLED' | 'MERGED';
export type Verification = 'VERIFICATION_UNSPECIFIED' | 'UNVERIFIED' | 'VERIFIED' | 'FALSE_ALARM';
export type Rung = 'RUNG_UNSPECIFIED' | 'RUNG_RECEIVE' | 'RUNG_ACCEPT' | 'RUNG_ARRIVE' | 'RUNG_COMPLETE' | 'RUNG_ESCALATION'
  | 'RUNG_SEE' | 'RUNG_EN_ROUTE' | 'RUNG_TRANSFER' | 'RUNG_DEFERRED' | 'RUNG_QUIET_CLOSE' | 'RUNG_EVICT' | 'RUNG_LINK';
export type DeliveryKind = 'DELIVERY_KIND_UNSPECIFIED' | 'TASK' | 'UPDATE' | 'CANCEL' | 'FEEDBACK' | 'ORDER' | 'ESCALATION' | 'TRANSFER'
  | 'NOTICE' | 'REMINDER' | 'RETURN_REQUEST' | 'UPWARD_REPORT';

export interface Counts {
  dead?: number;
  missing?: number;
  injured?: number;
  trapped?: number;
  rescued?: number;
  evacuated?: number;
  loss_yuan?: U64;
}

export interface Actor { party: string; person: string; role: string; way: string; told_by: string }
export interface Point { has_wgs84: boolean; lat: number; lng: number; original_x: number; original_y: number; original_datum: Datum }
export interface ClauseRef { agreement: string; clause: string; site_version: U64 }
export interface CitedClause { ref?: ClauseRef; title: string; text: string }

export interface ReportView {
  party: string;
  external_id: string;
  revision: U64;
  reported_at_ms: U64;
  occurred_at_ms: U64;
  caller_name: string;
  caller_phone: string;
  contact_phone: string;
  address: string;
  point?: Point;
  description: string;
  medical: string;
  details: { name: string; value: string }[];
}

export interface IncidentView {
  incident_id: U64;
  revision: U64;
  status: IncidentStatus;
  verification: Verification;
  purpose: Purpose;
  lane: Lane;
  category: string;
  category_zh: string;
  severity: Severity;
  division: string;
  division_zh: string;
  holder: string;
  opened_at_ms: U64;
  danger_to_life: Answer;
  counts?: Counts;
  reports: ReportView[];
  withheld: { field: string; clauses: ClauseRef[]; masked?: boolean }[];
  unconfirmed: string[];
  merged_into: U64;
  secret: boolean;
  erased_at_ms?: U64; // the personal fields are gone for good
  held_since_ms?: U64; // kept as evidence
}

export interface DutyLine {
  duty_id: U64;
  party: string;
  role: Role;
  status: DutyStatus;
  transport: AckState;
  person: AckState;
  field: AckState;
  next_deadline_ms: U64;
  next_rung: Rung;
  steps_climbed: number;
  missed: Rung[];
  delivery_id: U64;
  reason: string;
  told_next?: string;       // who is told when it is late, or was told last: a post or a party
  on_post?: string;         // who is on that post now
  post_phone_24h?: string;
  return_requested?: boolean;
}

export interface IncidentSummary {
  incident: IncidentView;
  duty: DutyLine[];
  next_deadline_ms: U64;
  log_index?: U64;  // beside it on the event stream
}

export interface LatLng { lat: number; lng: number }
export interface Division { code: string; name_zh: string; name_en: string; outline: LatLng[] }
export interface Party { id: string; kind: PartyKind; name_zh: string; name_en: string; division: string; phone_24h: string }
export interface Post { id: string; party: string; title_zh: string; title_en: string; person: string; phone_24h: string }
export interface Category { code: string; name_zh: string; name_en: string }
export interface Tiles { url: string; datum: Datum; attribution: string }

export interface Site {
  name: string;
  command_party: string;
  utc_offset_minutes: number;
  divisions: Division[];
  parties: Party[];
  posts: Post[];
  categories: Category[];
  tiles: Tiles | null;
}

export interface LinkLine {
  party: string;
  streams: number;
  outstanding_urgent: number;
  outstanding_ordinary: number;
  last_heard_ms: U64;
  spool?: number;
}

export interface Stats {
  open: number;
  overdue: number;
  per_hotline: Record<string, number>;
  per_severity: Record<string, number>;
  first_response_s_now: number | null;  // null: nothing to take a mean of
  first_response_s_30d: number | null;
}

export interface FeedState { ok: boolean; age_ms: number; lost: number }
export interface View { index: U64; time_ms: U64; incidents: IncidentSummary[]; links?: LinkLine[]; stats: Stats; feed: FeedState }
export interface Status { index: U64; time_ms: U64; feed: FeedState; links?: LinkLine[]; stats: Stats }

export interface Me {
  account: string;
  person: string;
  party: string;
  party_kind: PartyKind;
  party_name_zh: string;
  party_name_en: string;
  roles: string[];
  expires_ms: U64;
  csrf: string;
  may: string[];
  must_change_password: boolean;
  must_enrol?: boolean;  // a second factor, before anything else
  second_factor: 'SECOND_FACTOR_NONE' | 'SECOND_FACTOR_TOTP' | 'SECOND_FACTOR_CERTIFICATE';
}

export interface TimelineEntry {
  log_index: U64;
  time_ms: U64;
  actor?: Actor;
  what: string;
  text: string;
  text_en: string;
  note: string;
}
export interface SuggestionLine { older: U64; younger: U64; suggestion?: { score: number }; text: string; text_en: string; older_view?: IncidentView; younger_view?: IncidentView }
export interface ShowIncidentReply { incident: IncidentView; duty: DutyLine[]; timeline: TimelineEntry[]; log_index: U64; suggestion?: SuggestionLine[] }

export type ResponseLevel = 'RESPONSE_LEVEL_UNSPECIFIED' | 'LEVEL_IV' | 'LEVEL_III' | 'LEVEL_II' | 'LEVEL_I';
export interface ResponseState { id: U64; level: ResponseLevel; category: string; division: string; purpose: Purpose; matters: string; measures: string; expected_until_ms: U64; started_at_ms: U64 }
export interface PostLine { post: string; party: string; title_zh: string; title_en: string; person: string; phone_24h: string; until_ms: U64; handed_over: boolean }
export interface UpwardFields { unit_profile: string; happened_at_ms: U64; place: string; scene: string; course: string; counts?: Counts; measures: string; other: string; progress: string }
// What the law asks to be reported upward: `form`s that may be used, fields that it requires.
export interface StatutoryView { rule: string; title: string; source: string; kind: string; number: number; form: string[]; required: string[]; due_ms: U64; made_at_ms: U64 }
export interface UpwardReport {
  incident_id: U64;
  duty_id: U64;
  party: string;
  rule?: StatutoryView;
  status: DutyStatus;
  title: string;
  fields?: UpwardFields;
  missing: string[];
  form: string[];
  late: boolean;
}

export interface Decision {
  site_version: U64;
  fired: { clause?: ClauseRef; uncertain: string[] }[];
  near_miss: { clause?: ClauseRef; condition: string; wanted: string; found: string }[];
  note: string[];
}
export interface Explanation { log_index: U64; time_ms: U64; decision?: Decision; clause: CitedClause[]; text: string; text_en: string }
export interface ExplainIncidentReply { decision: Explanation[]; log_index: U64 }

export interface DutyView {
  duty_id: U64;
  role: Role;
  status: DutyStatus;
  clauses: CitedClause[];
  receive_by_ms: U64;
  accept_by_ms: U64;
  arrive_by_ms: U64;
  complete_by_ms: U64;
  person: AckState;
  field: AckState;
  verify_first: boolean;
  statutory?: StatutoryView;  // of a report upward
}

export interface Delivery {
  envelope: {
    delivery_id: U64;
    party: string;
    lane: Lane;
    sequence: U64;
    incident_id: U64;
    incident_revision: U64;
    kind: DeliveryKind;
    purpose: Purpose;
    duty_id: U64;
    queued_at_ms: U64;
    resent: boolean;
  };
  body: {
    incident?: IncidentView;
    duty?: DutyView;
    feedback: FeedbackItem[];
    text: string;
    text_en: string;
  };
}

export interface FeedbackItem {
  at_ms: U64;
  party: string;
  party_zh: string;
  state: AckState;
  reason: string;
  note: string;
  what: string;
  person: string;
  unit: string;
}

export interface AccountLine {
  account: string;
  person: string;
  party: string;
  role: string[];
  disabled: boolean;
  locked_until_ms: U64;
  must_change_password: boolean;
  second_factor: Me['second_factor'];
  last_sign_in_ms: U64;  // 0: never
}

export interface ApiErrorBody { reason: string; message_zh: string; message: string; retry?: boolean; retry_after_ms?: number; field?: string }
