// One alarm for one condition. Pure: what is said and when is decided here, sound.ts only makes it heard.
import { isActual } from './boards';
import type { News } from './state';

export type Alarm =
  | { kind: 'new'; news: News[] }
  | { kind: 'overdue'; news: News[] }
  | { kind: 'stale' };

const KEYS_MAX = 20_000;  // conditions remembered; the oldest are forgotten first

export class Alarms {
  private readonly told = new Set<string>();
  private stale = false;
  private mutedUntil = 0;

  // What of the news is to be heard now. A condition that was told stays told, also when its event comes again after a reconnect.
  // While muted a condition counts as told: when the mute ends, nothing old is shouted.
  hear(news: readonly News[], nowMs: number): Alarm[] {
    const fresh = news.filter((n) => (n.kind === 'new' || n.kind === 'overdue') && isActual(n.row.purpose) && this.first(n));
    if (fresh.length === 0 || this.muted(nowMs)) return [];
    const out: Alarm[] = [];
    for (const kind of ['overdue', 'new'] as const) {
      const of = fresh.filter((n) => n.kind === kind);
      if (of.length > 0) out.push({ kind, news: of });
    }
    return out;
  }

  // The screen is no longer current. Heard once until it was current again.
  staleness(stale: boolean, nowMs: number): Alarm[] {
    const begins = stale && !this.stale;
    this.stale = stale;
    return begins && !this.muted(nowMs) ? [{ kind: 'stale' }] : [];
  }

  mute(untilMs: number): void { this.mutedUntil = untilMs; }
  muted(nowMs: number): boolean { return nowMs < this.mutedUntil; }
  muteLeftMs(nowMs: number): number { return Math.max(0, this.mutedUntil - nowMs); }

  private first(n: News): boolean {
    const key = n.kind === 'new' ? `new:${n.incidentId}` : `overdue:${n.cell?.dutyId}:${n.cell?.overdue}`;
    if (this.told.has(key)) return false;
    if (this.told.size >= KEYS_MAX) this.told.delete(this.told.values().next().value as string);
    this.told.add(key);
    return true;
  }
}
