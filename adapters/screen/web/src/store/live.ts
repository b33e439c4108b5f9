// The line to the screen: one view, then its events, painted together with a frame. Says plainly when it is not current.
import { shallowReactive, shallowRef, triggerRef, type ShallowRef } from 'vue';
import type { Api } from '../api/client';
import { ApiError } from '../api/client';
import type { IncidentSummary, Status } from '../api/types';
import { ServerClock } from './clock';
import type { Board, Pace } from './pace';
import { apply, emptyState, reset, type Event, type News, type State } from './state';

export const SILENT_AFTER_MS = 6_000;     // the screen speaks every 2 s
const RECONNECT_AFTER_MS = 15_000;        // a stream that is open and silent for so long is dead
const RETRY_MS = 2_000;
const FLUSH_EVERY_MS = 100;               // a quiet page paints with the next frame; a busy one ten times a second, which nobody sees

export interface Freshness {
  connection: 'connecting' | 'open' | 'lost';
  silentMs: number;      // since the last message
  feedOk: boolean;       // the screen's own line to the hub
  feedAgeMs: number;
}

export const isStale = (f: Freshness): boolean => f.connection !== 'open' || f.silentMs > SILENT_AFTER_MS || !f.feedOk;

export class Live {
  readonly state: ShallowRef<State> = shallowRef(emptyState());
  readonly fresh = shallowReactive<Freshness>({ connection: 'connecting', silentMs: 0, feedOk: true, feedAgeMs: 0 });
  readonly changes = shallowRef(0);        // grows when incidents changed
  readonly nowMs = shallowRef(0);          // server time, once a second
  readonly clock = new ServerClock(() => performance.now());

  private source: EventSource | null = null;
  private queue: Event[] = [];
  private readonly events: Board = { everyMs: FLUSH_EVERY_MS, paint: () => this.flush() };
  private readonly seconds: Board = { everyMs: 0, paint: () => { this.nowMs.value = this.clock.nowMs(); } };
  private lastHeard = performance.now();
  private ticker = 0;
  private stopped = false;
  private loading = false;
  private again = false;
  private retry = 0;

  constructor(private readonly api: Api, private readonly pace: Pace,
              private readonly on: { news(news: News[]): void; delivery(): void; signedOut(): void }) {}

  start(): void {
    this.stopped = false;
    this.nowMs.value = this.clock.nowMs();
    this.ticker = window.setInterval(() => this.tick(), 1000);
    void this.load();
  }

  stop(): void {
    this.stopped = true;
    window.clearInterval(this.ticker);
    window.clearTimeout(this.retry);
    this.close();
  }

  // The whole view, then the events after it. Also after "reset". Events that came meanwhile and are older change nothing.
  private async load(): Promise<void> {
    if (this.loading) {
      this.again = true;
      return;
    }
    this.loading = true;
    try {
      do {
        this.again = false;
        const view = await this.api.view();
        if (this.stopped) return;
        this.clock.forget();
        this.clock.observe(Number(view.time_ms));
        reset(this.state.value, view);
        this.heard(view.feed.ok, view.feed.age_ms);
        triggerRef(this.state);
        this.changes.value += 1;
        if (this.source === null) this.open();
      } while (this.again);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        this.on.signedOut();
        return;
      }
      this.fresh.connection = 'lost';
      if (!this.stopped) this.retry = window.setTimeout(() => void this.load(), RETRY_MS);
    } finally {
      this.loading = false;
    }
  }

  private open(): void {
    const source = new EventSource('/api/events');
    this.source = source;
    this.lastHeard = performance.now();
    const on = (name: string, take: (data: string, event: MessageEvent<string>) => void): void => {
      source.addEventListener(name, (event) => {
        if (this.source !== source) return;
        const message = event as MessageEvent<string>;
        this.lastHeard = performance.now();
        take(message.data, message);
      });
    };
    source.addEventListener('open', () => {
      if (this.source === source) this.heard(this.fresh.feedOk, this.fresh.feedAgeMs);
    });
    source.addEventListener('error', () => {
      if (this.source !== source) return;
      this.fresh.connection = 'lost';
      // A stream that the browser gave up, for example because the session ended, begins again with the view.
      if (source.readyState === EventSource.CLOSED) this.restart();
    });
    on('incident', (data, event) => {
      const summary = JSON.parse(data) as IncidentSummary;
      this.push({ kind: 'incident', index: Number(summary.log_index ?? event.lastEventId), summary });
    });
    on('gone', (data) => this.push({ kind: 'gone', incidentId: String((JSON.parse(data) as { incident_id: string }).incident_id) }));
    on('status', (data) => {
      const status = JSON.parse(data) as Status;
      this.clock.observe(Number(status.time_ms));
      this.heard(status.feed.ok, status.feed.age_ms);
      this.push({ kind: 'status', status });
    });
    on('delivery', () => this.on.delivery());
    on('reset', () => {
      this.queue = [];
      void this.load();
      this.on.delivery();
    });
  }

  private restart(): void {
    this.close();
    window.clearTimeout(this.retry);
    this.retry = window.setTimeout(() => void this.load(), RETRY_MS);
  }

  private close(): void {
    this.source?.close();
    this.source = null;
  }

  private heard(feedOk: boolean, feedAgeMs: number): void {
    this.lastHeard = performance.now();
    this.fresh.connection = 'open';
    this.fresh.silentMs = 0;
    this.fresh.feedOk = feedOk;
    this.fresh.feedAgeMs = feedAgeMs;
  }

  private push(event: Event): void {
    this.queue.push(event);
    this.pace.want(this.events);
  }

  private flush(): void {
    const events = this.queue;
    this.queue = [];
    if (events.length === 0) return;
    const news: News[] = [];
    for (const event of events) news.push(...apply(this.state.value, event));
    triggerRef(this.state);
    if (events.some((event) => event.kind !== 'status')) this.changes.value += 1;
    if (news.length > 0) this.on.news(news);
  }

  private tick(): void {
    this.pace.want(this.seconds);
    const silent = performance.now() - this.lastHeard;
    this.fresh.silentMs = silent;
    if (silent > RECONNECT_AFTER_MS && this.source !== null) {
      this.fresh.connection = 'lost';
      this.restart();
    }
  }
}
