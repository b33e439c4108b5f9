// A tile source declares its datum; our points are WGS-84 and are shifted to match it, never guessed.
import type { Datum, LatLng } from '../api/types';

const A = 6378245.0;               // the value that the published test points rest on
const EE = 0.00669342162296594323;
const RAD = Math.PI / 180;

function inChina({ lat, lng }: LatLng): boolean {
  return lng >= 72.004 && lng <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
}

const wave = (v: number, height: number): number => height * Math.sin(v * Math.PI);

export function wgs84ToGcj02(p: LatLng): LatLng {
  if (!inChina(p)) return p;
  const x = p.lng - 105;
  const y = p.lat - 35;
  const both = wave(6 * x, 20) + wave(2 * x, 20);
  const dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x))
    + (both + wave(y, 20) + wave(y / 3, 40) + wave(y / 12, 160) + wave(y / 30, 320)) * 2 / 3;
  const dLng = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x))
    + (both + wave(x, 20) + wave(x / 3, 40) + wave(x / 12, 150) + wave(x / 30, 300)) * 2 / 3;
  const sin = Math.sin(p.lat * RAD);
  const magic = 1 - EE * sin * sin;
  const root = Math.sqrt(magic);
  return {
    lat: p.lat + dLat * 180 / ((A * (1 - EE)) / (magic * root) * Math.PI),
    lng: p.lng + dLng * 180 / (A / root * Math.cos(p.lat * RAD) * Math.PI),
  };
}

export function gcj02ToBd09(p: LatLng): LatLng {
  const k = Math.PI * 3000 / 180;
  const z = Math.sqrt(p.lng * p.lng + p.lat * p.lat) + 0.00002 * Math.sin(p.lat * k);
  const theta = Math.atan2(p.lat, p.lng) + 0.000003 * Math.cos(p.lng * k);
  return { lng: z * Math.cos(theta) + 0.0065, lat: z * Math.sin(theta) + 0.006 };
}

export function toDatum(p: LatLng, datum: Datum): LatLng {
  if (datum === 'GCJ02') return wgs84ToGcj02(p);
  if (datum === 'BD09') return gcj02ToBd09(wgs84ToGcj02(p));
  return p;
}
