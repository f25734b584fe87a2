// Every page and state at phone, laptop and wall width, light and dark: nothing wider than the
// window, nothing that axe objects to. The pictures stay in screenshots/.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { expect, expectNoSidewaysScroll, logIn, tableRows, test } from './fixtures';
import { failingOrder, seedExchanges } from './seed';

interface AxeResult {
  violations: {
    id: string;
    impact: string;
    nodes: { target: string[]; failureSummary: string }[];
  }[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function seriousViolations(page: Page): Promise<string[]> {
  // Evaluated over the debugging protocol, which the page's policy does not hinder.
  await page.evaluate(axe);
  const result = (await page.evaluate('axe.run()')) as AxeResult;
  return result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')}: ${nodes[0]?.failureSummary}`);
}

const widths = [
  [390, 844],
  [1280, 800],
  [2560, 1440],
] as const;

for (const scheme of ['light', 'dark'] as const) {
  for (const [width, height] of widths) {
    test.describe(`${width} px, ${scheme}`, () => {
      test.use({ viewport: { width, height }, colorScheme: scheme });

      async function look(page: Page, name: string): Promise<void> {
        await expectNoSidewaysScroll(page);
        expect(await seriousViolations(page)).toEqual([]);
        await page.screenshot({ path: `screenshots/${name}-${width}-${scheme}.png` });
      }

      test('log-in, first steps, help', async ({ page, server }) => {
        await page.goto(server.url);
        await expect(page.getByLabel('Password')).toBeVisible();
        await look(page, 'login');
        await logIn(page, server);
        await expect(page.getByText('Waiting for the first request')).toBeVisible();
        await look(page, 'first-steps');
        await page.keyboard.press('?');
        await expect(page.getByRole('dialog')).toBeVisible();
        await look(page, 'help');
      });

      test('overview', async ({ page, server }) => {
        server.add(...seedExchanges(420), ...seedExchanges(200, Date.now() - 3600_000));
        await logIn(page, server, '/');
        await expect(page.locator('canvas')).toHaveCount(4);
        await look(page, 'overview');
        await page.getByRole('button', { name: 'Time Last hour' }).click();
        await look(page, 'overview-range');
        await page.keyboard.press('Escape');
        await page.keyboard.press('t');
        await look(page, 'overview-tables');
      });

      test('list and request', async ({ page, server }) => {
        test.slow(); // axe looks three times at some thousand elements
        const { order, calls } = failingOrder(Date.now() - 20_000);
        server.add(...seedExchanges(90), order, ...calls);
        await logIn(page, server);
        await expect(tableRows(page).first()).toBeVisible();
        await expect(page.locator('.histogram canvas')).toBeVisible();
        await page.keyboard.press('j');
        await look(page, 'requests');
        await page.keyboard.press('f');
        await expect(page.getByRole('menu', { name: 'Filter by a value' })).toBeVisible();
        await look(page, 'requests-filter');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Columns' }).click();
        await look(page, 'requests-columns');
        await page.keyboard.press('Escape');
        await page.getByLabel('Query', { exact: true }).click();
        await page.keyboard.type('method == "');
        await expect(page.getByRole('option').first()).toBeVisible();
        await look(page, 'requests-query');
        await page.goto(`${server.url}/requests?query=summarize+n+%3D+count()+by+method`);
        await expect(page.getByRole('region', { name: 'The answer, as a table' })).toBeVisible();
        await look(page, 'requests-pipeline');
        await page.goto(`${server.url}/requests/${order.id}`);
        await expect(page.getByRole('heading', { name: 'Outgoing calls' })).toBeVisible();
        await look(page, 'request');
        await page.getByRole('heading', { name: 'Request', exact: true }).scrollIntoViewIfNeeded();
        await page.evaluate(() => document.getElementById('content')?.scrollBy(0, 500));
        await look(page, 'request-below');
      });
    });
  }
}
