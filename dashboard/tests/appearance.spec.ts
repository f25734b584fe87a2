// Every page and state at phone, laptop and wall width, light and dark: nothing wider than the
// window, nothing that axe objects to. The pictures stay in build/screenshots/.
import { expect, logIn, tableRows, test } from './fixtures';
import { look, sizes } from './look';
import { failingOrder, seedExchanges } from './seed';
import { seedAccount } from './seed_account';

for (const scheme of ['light', 'dark'] as const) {
  for (const [width, height] of sizes) {
    test.describe(`${width} px, ${scheme}`, () => {
      test.use({
        viewport: { width, height },
        colorScheme: scheme,
        allowedConsole: [/Failed to load resource: .* status of 40[13]/],
      });

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
        const byTime = new URLSearchParams({
          query: 'summarize n = count() by bin_auto(timestamp), method',
        });
        await page.goto(`${server.url}/requests?${byTime.toString()}`);
        await expect(page.locator('.answer-chart canvas')).toBeVisible();
        await look(page, 'requests-pipeline-chart');
        const columns = 'status,method,path,request_body.customer.id,response_headers["x"],time';
        await page.goto(`${server.url}/requests?${new URLSearchParams({ columns }).toString()}`);
        await expect(tableRows(page).filter({ hasText: '1182' })).toBeVisible();
        await look(page, 'requests-paths');
        await page.goto(`${server.url}/requests/${order.id}`);
        await expect(page.getByRole('heading', { name: 'Outgoing calls' })).toBeVisible();
        await look(page, 'request');
        await page.getByRole('heading', { name: 'Request', exact: true }).scrollIntoViewIfNeeded();
        await page.evaluate(() => document.getElementById('content')?.scrollBy(0, 500));
        await look(page, 'request-below');
        await page.getByRole('treeitem', { name: /^email/ }).click();
        await look(page, 'request-menu');
        await page.getByRole('menuitem', { name: /^Redact/ }).click();
        await expect(page.getByRole('dialog').getByText('Masks 1 value')).toBeVisible();
        await look(page, 'request-redact');
      });

      test('start, rules', async ({ page, server }) => {
        seedAccount(server.account);
        await logIn(page, server, '/start');
        await page.getByRole('button', { name: 'Make a key' }).click();
        await expect(page.getByLabel('The new key')).toBeVisible();
        await look(page, 'start');
        await page.goto(`${server.url}/redaction`);
        await expect(page.getByText('Masks 1 value')).toBeVisible();
        await look(page, 'redaction');
        await page.getByRole('button', { name: 'New rule' }).click();
        await page.getByLabel('JSONPath').fill('$.cards[*].cvv');
        await expect(page.getByRole('dialog').getByText('Masks 2 values')).toBeVisible();
        await look(page, 'redaction-new');
      });

      test('settings', async ({ page, server }) => {
        test.slow();
        seedAccount(server.account);
        await logIn(page, server, '/settings/project');
        const parts = ['project', 'keys', 'members', 'storage', 'dead-letters', 'audit', 'ingest'];
        for (const part of parts) {
          await page.goto(`${server.url}/settings/${part}`);
          await expect(page.locator('.panel').first()).toBeVisible();
          await expect(page.locator('.panel-skeleton')).toHaveCount(0);
          await look(page, `settings-${part}`);
        }
        await page.getByRole('link', { name: 'Keys' }).click();
        await page.getByRole('button', { name: 'New key' }).click();
        await look(page, 'settings-key-new');
      });

      test('a page that one may not see', async ({ page, server }) => {
        server.refuse('/api/v1/keys', 403, 'this needs the role admin');
        server.account.role = 'viewer';
        await logIn(page, server, '/settings/keys');
        await expect(page.getByText('No permission')).toBeVisible();
        await look(page, 'settings-no-permission');
      });
    });
  }
}
