// What axe finds in a page as it stands.
import { readFileSync } from 'node:fs';
import { require } from './browser.mjs';

// What is serious or critical, in words. The page's own policy allows no script of a test: axe is run from outside.
export async function graveFindings(page, what) {
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const grave = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
  return grave.map((v) => `${what}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target} ${n.any[0]?.message ?? ''}`).join(' | ')}`);
}
