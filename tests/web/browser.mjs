// Debian's chromium under Playwright, with nothing that calls out.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const WEB = join(ROOT, 'adapters/screen/web');
export const SKIP = 77;  // ctest's SKIP_RETURN_CODE
const CHROMIUM = process.env.LIANDONG_CHROMIUM ?? '/usr/bin/chromium';
const ARGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-dev-shm-usage', '--font-render-hinting=none', '--autoplay-policy=no-user-gesture-required',
];

// The modules are the page's own: this folder has none.
export const require = createRequire(join(WEB, 'package.json'));

export function whatIsMissing() {
  if (!existsSync(CHROMIUM)) return `${CHROMIUM} is not installed (Debian package chromium)`;
  if (!existsSync(join(WEB, 'node_modules/playwright-core'))) return 'node modules are not installed: npm ci in adapters/screen/web';
  if (!existsSync(join(WEB, 'dist/index.html'))) return 'the page is not built: npm run build in adapters/screen/web';
  return '';
}

export async function launch() {
  const { chromium } = require('playwright-core');
  return chromium.launch({ executablePath: CHROMIUM, args: ARGS, headless: true });
}
