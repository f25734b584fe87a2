// Looks at a page as it stands: nothing wider than the window, nothing that axe objects to, and a
// picture of it in build/screenshots/.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { expect, expectNoSidewaysScroll } from './fixtures';

interface AxeResult {
  violations: {
    id: string;
    impact: string;
    nodes: { target: string[]; failureSummary: string }[];
  }[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = fileURLToPath(new URL('../../build/screenshots/', import.meta.url));

export const sizes = [
  [390, 844],
  [1280, 800],
  [2560, 1440],
] as const;

export async function violations(page: Page): Promise<string[]> {
  // Evaluated over the debugging protocol, which the page's policy does not hinder.
  await page.evaluate(axe);
  const result = (await page.evaluate('axe.run()')) as AxeResult;
  return result.violations.map(
    ({ id, impact, nodes }) =>
      `${impact} ${id}: ${nodes[0]?.target.join(' ')}: ${nodes[0]?.failureSummary}`,
  );
}

// `name` is the picture's, to which the width and the scheme are added.
export async function look(page: Page, name: string): Promise<void> {
  await expectNoSidewaysScroll(page);
  expect(await violations(page)).toEqual([]);
  const width = page.viewportSize()?.width ?? 0;
  const dark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  const path = `${pictures}${name}-${width}-${dark ? 'dark' : 'light'}.png`;
  await page.screenshot({ path });
}
