// Short names for narrow columns. Pure.
import type { Party } from '../api/types';

const SHORT_MAX = 4;

// "县公安局110报警服务台" -> "110", "县自然资源和规划局" -> "自然资源", "青石镇" -> "青石".
export function shortZh(party: Pick<Party, 'kind' | 'name_zh' | 'id'>): string {
  const number = /\d{3,5}/.exec(party.name_zh);
  if (party.kind === 'HOTLINE' && number !== null) return number[0];
  let name = party.name_zh.replace(/^(本?县|市|区)/, '');
  if (party.kind === 'TOWNSHIP') name = name.replace(/(街道|镇|乡)(办事处|人民政府)?$/, '');
  else name = name.replace(/(公司|中心|局|大队|办公室)$/, '');
  return (name || party.id).slice(0, SHORT_MAX);
}

export function shortEn(party: Pick<Party, 'kind' | 'name_en' | 'id'>): string {
  const number = /^\d{3,5}/.exec(party.name_en);
  if (party.kind === 'HOTLINE' && number !== null) return number[0];
  return party.name_en.split(/[\s(]/)[0] || party.id;
}
