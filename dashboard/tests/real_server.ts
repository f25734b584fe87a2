// The dashboard against a running server that has traffic: `npm run test:real` with APITOOLKIT_URL,
// APITOOLKIT_USER and APITOOLKIT_PASSWORD. It waits until the list holds a request with an error and
// an outgoing call, and writes requests.png and request.png into APITOOLKIT_SCREENSHOTS. With
// APITOOLKIT_SECRETS and APITOOLKIT_KEPT (JSON lists of texts) it reads every page: no secret may be
// on one, and what was kept must be, else the reading proves nothing.
import { expect, test, type Page } from '@playwright/test';
import { join } from 'node:path';

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see dashboard/README.md`);
  return value;
}

async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['APITOOLKIT_SCREENSHOTS'];
  if (folder) await page.screenshot({ path: join(folder, name) });
}

function texts(name: string): string[] {
  return JSON.parse(process.env[name] ?? '[]') as string[];
}

// The list, and the page of each request of it, as the browser holds them.
async function readEveryPage(page: Page): Promise<string> {
  const answer = await page.request.get('/api/v1/exchanges?limit=1000&fields=id');
  const { data } = (await answer.json()) as { data: { id: string }[] };
  const parts = [await page.content()];
  for (const { id } of data) {
    await page.goto(`/requests/${id}`);
    await expect(page.getByRole('region', { name: 'Response' })).toBeVisible();
    await expect(page.getByText(id, { exact: true }).first()).toBeAttached();
    parts.push(await page.content());
  }
  return parts.join('\n');
}

interface Row {
  id: string;
  parent_id: string | null;
  request_type: string;
  errors: unknown[];
}

// An incoming exchange of the newest thousand that has both, by what the server itself says.
async function findTelling(page: Page): Promise<string | null> {
  const fields = 'id,parent_id,request_type,errors';
  const answer = await page.request.get(`/api/v1/exchanges?limit=1000&fields=${fields}`);
  expect(answer.status()).toBe(200);
  const { data } = (await answer.json()) as { data: Row[] };
  const parents = new Set(data.map((row) => row.parent_id));
  const found = data.find(
    (row) => row.request_type === 'incoming' && row.errors.length > 0 && parents.has(row.id),
  );
  return found?.id ?? null;
}

test.use({ baseURL: setting('APITOOLKIT_URL') });

test('log in, see the traffic, open a failing request with its outgoing call', async ({ page }) => {
  const own = new URL(setting('APITOOLKIT_URL')).origin;
  const problems: string[] = [];
  page.on('console', (message) => {
    const expected = /Failed to load resource.*\b401\b/.test(message.text());
    if (message.type() === 'error' && !expected) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(own) && !url.startsWith('data:')) problems.push(`another host: ${url}`);
  });

  await page.goto('/requests?since=all');
  await page.getByLabel('Name').fill(setting('APITOOLKIT_USER'));
  await page.getByLabel('Password').fill(setting('APITOOLKIT_PASSWORD'));
  await page.getByRole('button', { name: 'Log in' }).click();
  const rows = page.locator('.table-body .row');
  await expect(rows.first()).toBeVisible();

  let id: string | null = null;
  await expect
    .poll(async () => (id = await findTelling(page)), {
      message: 'a request with an error and an outgoing call',
      timeout: 60_000,
    })
    .not.toBeNull();
  await expect(rows.first().locator('.status-code')).toHaveText(/^(\d{3}|none)$/);
  await picture(page, 'requests.png');

  // As a reader would: ask for those with an error, and open the one that tells most.
  await page.getByLabel('Query', { exact: true }).fill('isnotempty(errors)');
  await page.keyboard.press('Enter');
  const link = page.locator(`[data-id="${id}"]`);
  await expect(link).toBeVisible();
  await link.click();
  await expect(page).toHaveURL(new RegExp(`/requests/${id}$`));
  const errors = page.getByRole('region', { name: 'Errors' });
  await expect(errors.getByRole('article').first()).toBeVisible();
  const calls = page.getByRole('region', { name: 'Outgoing calls' });
  await expect(calls.getByRole('listitem').first()).toBeVisible();
  await expect(page.getByLabel('Request headers')).toContainText(/host/i);
  await expect(page.getByRole('region', { name: 'Response' })).toBeVisible();
  await picture(page, 'request.png');

  await calls.getByRole('link').first().click();
  await expect(page.getByText('Outgoing call', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'The request that made this call' }).click();
  await expect(page).toHaveURL(new RegExp(`/requests/${id}$`));

  const secrets = texts('APITOOLKIT_SECRETS');
  if (secrets.length > 0) {
    const kept = texts('APITOOLKIT_KEPT');
    await page.goto('/requests?since=all');
    await expect(rows.first()).toBeVisible();
    const content = await readEveryPage(page);
    expect(secrets.filter((secret) => content.includes(secret))).toEqual([]);
    expect(kept.filter((text) => !content.includes(text))).toEqual([]);
  }

  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByLabel('Password')).toBeVisible();
  expect(problems).toEqual([]);
});
