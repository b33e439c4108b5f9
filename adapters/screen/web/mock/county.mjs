// The sample county's site set, from deploy/county/site itself.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { all, one, parse } from './textproto.mjs';

export function loadCounty(folder) {
  const read = (name) => parse(readFileSync(join(folder, name), 'utf8'));
  const settings = read('settings.textproto');
  const texts = (message, names) => Object.fromEntries(names.map((name) => [name, String(one(message, name))]));
  const agreements = readdirSync(join(folder, 'agreements')).filter((name) => name.endsWith('.textproto')).sort()
    .map((name) => read(join('agreements', name)));
  return {
    site: {
      name: one(settings, 'name'),
      command_party: one(settings, 'command_party'),
      utc_offset_minutes: one(settings, 'utc_offset_minutes', 0),
      divisions: all(read('divisions.textproto'), 'division').map((d) => ({
        ...texts(d, ['code', 'name_zh', 'name_en']),
        outline: all(d, 'outline').map((p) => ({ lat: one(p, 'lat', 0), lng: one(p, 'lng', 0) })),
      })),
      parties: all(read('parties.textproto'), 'party').map((p) => texts(p, ['id', 'kind', 'name_zh', 'name_en', 'division', 'phone_24h'])),
      posts: all(read('rosters.textproto'), 'post').map((p) => texts(p, ['id', 'party', 'title_zh', 'title_en', 'person', 'phone_24h'])),
      categories: all(read('categories.textproto'), 'category').map((c) => ({
        ...texts(c, ['code', 'name_zh', 'name_en']), danger: one(c, 'danger_to_life', 'ANSWER_UNKNOWN'),
      })),
      tiles: null,
    },
    defaults: Object.fromEntries(Object.entries(settings).filter(([, v]) => typeof v[0] === 'number').map(([k, v]) => [k, v[0]])),
    clauses: agreements.flatMap((agreement) => all(agreement, 'clause').map((clause) => ({
      agreement: one(agreement, 'id'), title: one(agreement, 'title'), id: one(clause, 'id'), text: one(clause, 'text'),
      when: all(clause, 'when').map((w) => ({
        category: all(w, 'category'), severity: one(w, 'severity_at_least', 'SEVERITY_UNKNOWN'), division: all(w, 'division'),
        source: all(w, 'source'), words: all(w, 'any_word'), verified: one(w, 'verified'), device: one(w, 'device_alarm'),
        danger: one(w, 'danger_to_life'),
      })),
      duty: all(clause, 'duty').map((d) => ({
        party: one(d, 'party'), role: one(d, 'role', 'SUPPORT'), escalate: all(d, 'escalate').length,
        within: ['receive', 'accept', 'arrive', 'complete'].map((rung) => one(d, `${rung}_within_s`, 0)),
      })),
    }))),
  };
}

const SEVERITIES = ['SEVERITY_UNKNOWN', 'GENERAL', 'LARGE', 'MAJOR', 'EXTREME'];

// A plain reading of the agreements, good enough to show a wall: the real matcher is in routing/.
export function fired(county, incident, text) {
  const under = (code, tree) => code === tree || code.startsWith(`${tree}.`);
  const holds = (w) => (w.category.length === 0 || w.category.some((c) => under(incident.category, c)))
    && (w.severity === 'SEVERITY_UNKNOWN' || incident.severity === 'SEVERITY_UNKNOWN'
      || SEVERITIES.indexOf(incident.severity) >= SEVERITIES.indexOf(w.severity))
    && (w.division.length === 0 || w.division.some((d) => incident.division.startsWith(d)))
    && (w.source.length === 0 || w.source.includes(incident.source))
    && (w.words.length === 0 || w.words.some((word) => text.includes(word)))
    && w.verified !== 'ONLY_VERIFIED' && w.verified !== 'ONLY_UNVERIFIED' && w.device !== 'YES'
    && (w.danger !== 'YES' || incident.danger_to_life !== 'NO') && (w.danger !== 'NO' || incident.danger_to_life === 'NO');
  return county.clauses.filter((clause) => clause.when.length === 0 || clause.when.some(holds));
}
