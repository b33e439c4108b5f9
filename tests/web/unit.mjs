// The page's unit tests, by vitest.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SKIP, WEB } from './browser.mjs';

const vitest = join(WEB, 'node_modules/vitest/vitest.mjs');
if (!existsSync(vitest)) {
  console.log('SKIPPED: node modules are not installed: npm ci in adapters/screen/web');
  process.exit(SKIP);
}
process.exit(spawnSync(process.execPath, [vitest, 'run'], { cwd: WEB, stdio: 'inherit' }).status ?? 1);
