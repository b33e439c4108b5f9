// What the whole page shares: who is signed in, the site, the line to the screen, what is selected.
import { computed, onScopeDispose, shallowRef, triggerRef, watch, type Ref, type ShallowRef } from 'vue';
import { Api, ApiError } from './api/client';
import type { Category, Division, Me, Party, Post, Site } from './api/types';
import { Alarms, type Alarm } from './store/alarms';
import { Live, isStale } from './store/live';
import { Pace, browserFrames, type Board } from './store/pace';
import type { News } from './store/state';
import { hush, say, tone } from './store/sound';
import { language, pick, t, token } from './words';
import { shortEn, shortZh } from './words/names';

export const api = new Api();
export const me = shallowRef<Me | null>(null);
export const site = shallowRef<Site | null>(null);
export const started = shallowRef(false);
export const path = shallowRef(location.pathname);
export const drill = shallowRef(false);                 // the wall shows exercises and tests instead of what is real
export const selected = shallowRef<string | null>(null);  // incident id
export const soundOn = shallowRef(false);
export const alarms = new Alarms();
export const muteUntil = shallowRef(0);                 // server time
export const deliveriesTold = shallowRef(0);            // grows when own deliveries changed

export function go(to: string): void {
  if (to !== path.value) history.pushState(null, '', to);
  path.value = to;
  window.scrollTo(0, 0);
}
window.addEventListener('popstate', () => { path.value = location.pathname; });

export const pace = new Pace(browserFrames);

// What `source` holds, at a pace of its own, and at once when `switched` changes.
export function paced<T>(source: () => T, everyMs: number, switched: Ref): ShallowRef<T> {
  const shown = shallowRef(source());
  const board: Board = { everyMs, paint: () => { shown.value = source(); } };
  watch(source, () => pace.want(board), { flush: 'sync' });
  watch(switched, () => board.paint(), { flush: 'sync' });
  onScopeDispose(() => pace.forget(board));
  return shown as ShallowRef<T>;
}

export const live = new Live(api, pace, {
  news: (news) => sound(alarms.hear(news, live.clock.nowMs())),
  delivery: () => { deliveriesTold.value += 1; },
  signedOut: () => leave(),
});
export const stale = computed(() => isStale(live.fresh));
watch(stale, (is) => sound(alarms.staleness(is && live.state.value.loaded, live.clock.nowMs())));

export const may = (action: string): boolean => me.value?.may.includes(action) ?? false;
export const isClerk = computed(() => may('deliveries') && !may('order'));
export const isWall = computed(() => me.value?.roles.includes('wall') ?? false);

const byId = <T, K extends keyof T>(list: readonly T[] | undefined, key: K): Map<T[K], T> => new Map((list ?? []).map((x) => [x[key], x]));
export const parties = computed(() => byId<Party, 'id'>(site.value?.parties, 'id'));
export const divisions = computed(() => byId<Division, 'code'>(site.value?.divisions, 'code'));
export const categories = computed(() => byId<Category, 'code'>(site.value?.categories, 'code'));
export const postsOf = computed(() => {
  const out = new Map<string, Post[]>();
  for (const post of site.value?.posts ?? []) out.set(post.party, [...(out.get(post.party) ?? []), post]);
  return out;
});

export function partyName(id: string): string {
  const party = parties.value.get(id);
  if (id === '') return t('party.hub');
  return party === undefined ? id : pick(party.name_zh, party.name_en);
}
export function partyShort(id: string): string {
  const party = parties.value.get(id);
  if (party === undefined) return id;
  return language.value === 'zh' ? shortZh(party) : shortEn(party);
}
// Between the two: "119", "供电公司", "青石镇".
export function partyBrief(id: string): string {
  const party = parties.value.get(id);
  if (party === undefined || party.kind === 'HOTLINE') return partyShort(id);
  return pick(party.name_zh.replace(/^县/, ''), party.name_en.replace(/ \(.*\)$/, ''));
}
export const phoneOf = (id: string): string => parties.value.get(id)?.phone_24h ?? '';
export function placeName(division: string, zh: string): string {
  const entry = divisions.value.get(division);
  if (division === '' && zh === '') return t('place.unknown');
  return entry === undefined ? zh || division : pick(entry.name_zh, entry.name_en);
}
export function categoryName(code: string, zh: string): string {
  const entry = categories.value.get(code);
  if (code === '') return t('category.unknown');
  return entry === undefined ? zh || code : pick(entry.name_zh, entry.name_en);
}

// ---- sign in and out

export async function begin(): Promise<void> {
  try {
    await enter(await api.me());
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 401) setTimeout(() => void begin(), 3000);
  }
  started.value = true;
}

// Whoever has to set a password or a second factor first may do nothing else.
export const limited = (who: Me): boolean => who.must_change_password || who.must_enrol === true;

export async function enter(who: Me): Promise<void> {
  me.value = who;
  if (limited(who)) return;
  site.value = await api.site();
  selected.value = null;
  drill.value = false;
  live.stop();
  if (may('look') || may('deliveries')) live.start();
}

export async function signOut(): Promise<void> {
  try {
    await api.signOut();
  } finally {
    leave();
    go('/');
  }
}

function leave(): void {
  live.stop();
  hush();
  me.value = null;
  site.value = null;
  live.state.value.rows.clear();
  live.state.value.news = [];
  triggerRef(live.state);
}

// ---- sound

const SPOKEN_MAX = 2;  // more than this at once is told as a number

function sound(list: readonly Alarm[]): void {
  if (!soundOn.value) return;
  for (const alarm of list) {
    tone(alarm.kind);
    say(words(alarm), language.value === 'zh' ? 'zh-CN' : 'en-GB');
  }
}

function words(alarm: Alarm): string {
  if (alarm.kind === 'stale') return t('voice.stale');
  if (alarm.news.length > SPOKEN_MAX) return t(alarm.kind === 'new' ? 'voice.manyNew' : 'voice.manyOverdue', { n: alarm.news.length });
  return alarm.news.map((n: News) => {
    const what = {
      place: placeName(n.row.division, n.row.divisionZh), category: categoryName(n.row.category, n.row.categoryZh), level: token('level', n.row.level),
      party: partyName(n.party), rung: token('missed', n.cell?.overdue ?? ''),
    };
    return t(alarm.kind === 'new' ? 'voice.new' : 'voice.overdue', what);
  }).join(language.value === 'zh' ? '。' : '. ');
}

export function mute(minutes: number): void {
  const until = minutes === 0 ? 0 : live.clock.nowMs() + minutes * 60_000;
  alarms.mute(until);
  muteUntil.value = until;
  if (minutes > 0) hush();
}
