// The page's calls to the screen that served it. Nothing else is ever called.
import type { AccountLine, ApiErrorBody, Delivery, ExplainIncidentReply, IncidentSummary, Me, PostLine, ResponseState, ShowIncidentReply, Site, UpwardReport, View } from './types';

// What the screen refused, with its words for people.
export class ApiError extends Error {
  constructor(readonly status: number, readonly body: ApiErrorBody) {
    super(body.message || body.reason);
  }
}

const CALL_TIMEOUT_MS = 20_000;  // an act rests on a synced record; longer than this means that the line is gone

async function call<T>(method: string, path: string, body: unknown, csrf: string): Promise<T> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), CALL_TIMEOUT_MS);
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrf !== '') headers['X-Liandong-CSRF'] = csrf;
  try {
    const answer = await fetch(path, {
      method, headers, credentials: 'same-origin', cache: 'no-store', signal: abort.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json: unknown = text === '' ? {} : JSON.parse(text);
    if (!answer.ok) throw new ApiError(answer.status, (json as { error?: ApiErrorBody }).error ?? unspoken(answer.status));
    return json as T;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError(0, { ...unspoken(0), reason: 'UNREACHABLE' });
  } finally {
    clearTimeout(timer);
  }
}

function unspoken(status: number): ApiErrorBody {
  return {
    reason: `HTTP_${status}`,
    message_zh: status === 0 ? '大屏服务没有应答，请检查网络后重试' : `大屏服务返回 ${status}`,
    message: status === 0 ? 'The screen service does not answer; check the network and try again' : `The screen service answered ${status}`,
  };
}

// One signed-in person (or wall). The token against forged requests comes with /api/me.
export class Api {
  private csrf = '';

  async me(): Promise<Me> { return this.keep(await call<Me>('GET', '/api/me', undefined, '')); }
  async signIn(account: string, password: string, totp: string): Promise<Me> {
    const body = { account, password, ...(totp === '' ? {} : { totp }) };
    await call('POST', '/api/session', body, this.csrf);
    return this.me();
  }
  async signOut(): Promise<void> {
    await call('DELETE', '/api/session', undefined, this.csrf);
    this.csrf = '';
  }
  changePassword(old: string, next: string): Promise<unknown> { return this.post('/api/password', { old, new: next }); }
  enrolTotp(): Promise<{ secret: string; otpauth_uri: string }> { return this.post('/api/totp', {}); }
  confirmTotp(code: string): Promise<unknown> { return this.post('/api/totp/confirm', { code }); }

  // For an account keeper.
  accounts(): Promise<{ account: AccountLine[] }> { return this.get('/api/accounts'); }
  changeAccount(what: 'create' | 'disable' | 'reset' | 'roles', body: unknown): Promise<Record<string, unknown>> { return this.post(`/api/accounts/${what}`, body); }

  site(): Promise<Site> { return this.get('/api/site'); }
  view(): Promise<View> { return this.get('/api/view'); }
  incident(id: string): Promise<ShowIncidentReply> { return this.get(`/api/incidents/${encodeURIComponent(id)}`); }
  explain(id: string): Promise<ExplainIncidentReply> { return this.get(`/api/incidents/${encodeURIComponent(id)}/explain`); }
  // Also those that are over; before that number, newest first.
  past(before: string): Promise<{ incident: IncidentSummary[]; more: boolean }> { return this.get(`/api/incidents?closed=1&limit=50&before=${before}`); }
  posts(): Promise<{ post: PostLine[] }> { return this.get('/api/posts'); }
  responses(): Promise<{ response: ResponseState[] }> { return this.get('/api/responses'); }
  // Of one incident, or ('0') what is due in all open ones.
  upward(incident: string): Promise<{ report: UpwardReport[] }> { return this.get(`/api/upward?incident=${incident}`); }
  deliveries(): Promise<{ delivery: Delivery[]; log_index: string }> { return this.get('/api/deliveries'); }

  act(name: string, body: unknown): Promise<Record<string, unknown>> { return this.post(`/api/act/${name}`, body); }
  // To be said before the browser prints; the hub's audit trail has it when this comes back.
  printed(object: string): Promise<unknown> { return this.act('printed', { object }); }
  acknowledge(body: unknown): Promise<Record<string, unknown>> { return this.post('/api/ack', body); }
  report(body: unknown): Promise<Record<string, unknown>> { return this.post('/api/report', body); }

  private get<T>(path: string): Promise<T> { return call<T>('GET', path, undefined, ''); }
  private post<T>(path: string, body: unknown): Promise<T> { return call<T>('POST', path, body, this.csrf); }
  private keep(me: Me): Me {
    this.csrf = me.csrf;
    return me;
  }
}
