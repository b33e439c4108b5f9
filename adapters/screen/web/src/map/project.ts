// Where things stand on the map: Web Mercator fitted into a box, and places for incidents inside their township. Pure.
import type { Datum, Division, LatLng, Tiles } from '../api/types';
import { toDatum } from './datum';

export interface XY { x: number; y: number }
export interface Box { width: number; height: number }

const mercatorX = (lng: number): number => (lng + 180) / 360;
const mercatorY = (lat: number): number => {
  const sin = Math.sin(lat * Math.PI / 180);
  return 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI);
};

export interface Projection {
  scale: number;                 // pixels that the whole world would be wide
  origin: XY;                    // world coordinate (0..1) at the box's top left corner
  of(p: LatLng): XY;
}

// Fits all outlines into the box. Points are WGS-84; with tiles of another datum everything is shifted to theirs.
export function fit(outlines: readonly LatLng[][], box: Box, padding: number, datum: Datum = 'WGS84'): Projection {
  let left = Infinity;
  let right = -Infinity;
  let top = Infinity;
  let bottom = -Infinity;
  for (const ring of outlines) {
    for (const raw of ring) {
      const p = toDatum(raw, datum);
      left = Math.min(left, mercatorX(p.lng));
      right = Math.max(right, mercatorX(p.lng));
      top = Math.min(top, mercatorY(p.lat));
      bottom = Math.max(bottom, mercatorY(p.lat));
    }
  }
  if (left === Infinity) [left, right, top, bottom] = [0, 1, 0, 1];
  const width = Math.max(1, box.width - 2 * padding);
  const height = Math.max(1, box.height - 2 * padding);
  const scale = Math.min(width / (right - left), height / (bottom - top));
  const origin = { x: (left + right) / 2 - box.width / 2 / scale, y: (top + bottom) / 2 - box.height / 2 / scale };
  return {
    scale, origin,
    of(raw: LatLng): XY {
      const p = toDatum(raw, datum);
      return { x: (mercatorX(p.lng) - origin.x) * scale, y: (mercatorY(p.lat) - origin.y) * scale };
    },
  };
}

export const pathOf = (ring: readonly XY[]): string =>
  ring.length === 0 ? '' : `M${ring.map((p) => `${p.x.toFixed(1)} ${p.y.toFixed(1)}`).join('L')}Z`;

function edgeDistance(p: XY, ring: readonly XY[]): number {
  let best = Infinity;
  for (let n = 0; n + 1 < ring.length; n += 1) {
    const a = ring[n] as XY;
    const b = ring[n + 1] as XY;
    const dx = b.x - a.x;
    const dy = b.y - a.y;
    const t = Math.max(0, Math.min(1, ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy || 1)));
    best = Math.min(best, Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy));
  }
  return best;
}

export function inside(p: XY, ring: readonly XY[]): boolean {
  let yes = false;
  for (let n = 0, m = ring.length - 1; n < ring.length; m = n, n += 1) {
    const a = ring[n] as XY;
    const b = ring[m] as XY;
    if ((a.y > p.y) !== (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) yes = !yes;
  }
  return yes;
}

// The middle of the widest place in a shape, and how wide it is there: where a name and incidents fit best.
export function widest(ring: readonly XY[]): { at: XY; radius: number } {
  const xs = ring.map((p) => p.x);
  const ys = ring.map((p) => p.y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  let best = { at: { x: (left + right) / 2, y: (top + bottom) / 2 }, radius: 0 };
  let step = Math.max(right - left, bottom - top) / 12;
  const look = (x: number, y: number): void => {
    const at = { x, y };
    if (!inside(at, ring)) return;
    const radius = edgeDistance(at, ring);
    if (radius > best.radius) best = { at, radius };
  };
  for (let x = left; x <= right; x += step) for (let y = top; y <= bottom; y += step) look(x, y);
  for (let round = 0; round < 3; round += 1) {
    step /= 3;
    const { x, y } = best.at;
    for (let i = -2; i <= 2; i += 1) for (let j = -2; j <= 2; j += 1) look(x + i * step, y + j * step);
  }
  return best;
}

// Places for n marks of the given spacing around a middle: rows of a honeycomb, the middle first.
export function honeycomb(at: XY, radius: number, spacing: number): XY[] {
  const out: XY[] = [];
  const rows = Math.ceil(radius / spacing) + 1;
  for (let r = -rows; r <= rows; r += 1) {
    for (let q = -rows; q <= rows; q += 1) {
      const p = { x: at.x + spacing * (q + r / 2), y: at.y + spacing * r * 0.87 };
      if (Math.hypot(p.x - at.x, p.y - at.y) <= Math.max(0, radius - spacing / 2)) out.push(p);
    }
  }
  const far = (p: XY): number => Math.hypot(p.x - at.x, p.y - at.y);
  out.sort((a, b) => far(a) - far(b) || a.y - b.y || a.x - b.x);
  return out.length > 0 ? out : [at];
}

// Divisions that are drawn as areas: the deepest level that has outlines. The rest is the frame around them.
export function levelsOf(divisions: readonly Division[]): { frame: Division[]; areas: Division[] } {
  const drawn = divisions.filter((d) => d.outline.length >= 4);
  const depth = (d: Division): number => prefixOf(d.code).length;
  const deepest = Math.max(0, ...drawn.map(depth));
  return { frame: drawn.filter((d) => depth(d) < deepest), areas: drawn.filter((d) => depth(d) === deepest) };
}

// What the codes within a division begin with: province 2 digits, city 4, county 6, township 9, village 12. A township's own digits may end
// in zeros ("339921100000"), so the zeros are taken off level by level.
const LEVEL_ENDS = [12, 9, 6, 4, 2];
export function prefixOf(code: string): string {
  const at = LEVEL_ENDS.findIndex((end, n) => /[1-9]/.test(code.slice(LEVEL_ENDS[n + 1] ?? 0, end)));
  return code.slice(0, LEVEL_ENDS[at] ?? 0);
}

export interface Tile { key: string; url: string; x: number; y: number; size: number }
const TILE_PX = 256;
const ZOOM_MAX = 18;
const TILES_MAX = 200;

// The tiles that cover the box, placed and scaled so that they lie under our own lines.
export function tilesFor(tiles: Tiles, projection: Projection, box: Box): Tile[] {
  const zoom = Math.max(0, Math.min(ZOOM_MAX, Math.round(Math.log2(projection.scale / TILE_PX))));
  const n = 2 ** zoom;
  const size = projection.scale / n;
  const first = { x: Math.floor(projection.origin.x * n), y: Math.floor(projection.origin.y * n) };
  const last = {
    x: Math.floor((projection.origin.x + box.width / projection.scale) * n), y: Math.floor((projection.origin.y + box.height / projection.scale) * n),
  };
  if ((last.x - first.x + 1) * (last.y - first.y + 1) > TILES_MAX) return [];
  const out: Tile[] = [];
  for (let y = Math.max(0, first.y); y <= Math.min(n - 1, last.y); y += 1) {
    for (let x = first.x; x <= last.x; x += 1) {
      const url = tiles.url.replace('{z}', String(zoom)).replace('{x}', String(((x % n) + n) % n)).replace('{y}', String(y));
      out.push({ key: `${zoom}/${x}/${y}`, url, x: (x / n - projection.origin.x) * projection.scale, y: (y / n - projection.origin.y) * projection.scale, size });
    }
  }
  return out;
}
