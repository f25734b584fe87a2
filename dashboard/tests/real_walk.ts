// The walk of somebody who starts: a key, the lines to copy, the first exchange that arrives by
// itself, the failing request, its outgoing call, a field that is redacted, and the next request, in
// which it is. On a running server without traffic, with a Flask application that the walk itself
// starts: `npm run test:real real_walk` with what real_server.ts needs, and APITOOLKIT_APPLICATION,
// a command that serves tests/e2e/apps/walk.py and prints its address.
import { spawn, type ChildProcess } from 'node:child_process';
import { expect, test, type Page } from '@playwright/test';

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: see dashboard/README.md`);
  return value;
}

test.use({ baseURL: setting('APITOOLKIT_URL') });

let application: ChildProcess | null = null;
test.afterEach(() => void application?.kill('SIGTERM'));

// Starts the application with the key that the page has shown; its address.
async function startApplication(key: string): Promise<string> {
  const started = spawn(setting('APITOOLKIT_APPLICATION'), {
    shell: '/bin/bash',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      APITOOLKIT_API_KEY: key,
      APITOOLKIT_ROOT_URL: setting('APITOOLKIT_URL'),
    },
  });
  application = started;
  return new Promise((resolve, reject) => {
    let said = '';
    started.stdout.on('data', (part: Buffer) => {
      said += part.toString();
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (address) resolve(address[0]);
    });
    started.on('exit', (code) => reject(new Error(`the application ended with ${code}`)));
  });
}

function pay(address: string, order: number): Promise<Response> {
  return fetch(`${address}/orders/${order}/pay`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ order, buyer: { name: 'Ada', email: `ada${order}@example.com` } }),
  });
}

async function idOf(page: Page, query: string): Promise<string> {
  let id = '';
  await expect
    .poll(async () => {
      const search = new URLSearchParams({ query, fields: 'id' });
      const answer = await page.request.get(`/api/v1/exchanges?${search.toString()}`);
      const { data } = (await answer.json()) as { data: { id: string }[] };
      id = data[0]?.id ?? '';
      return id;
    })
    .not.toBe('');
  return id;
}

test('from the first start to a redacted field', async ({ page }) => {
  const problems: string[] = [];
  const own = new URL(setting('APITOOLKIT_URL')).origin;
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // What was refused is told with its address below.
    const refused = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !refused) problems.push(message.text());
  });
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    const beforeLogIn = response.status() === 401 && pathname === '/api/v1/session';
    if (response.status() >= 400 && !beforeLogIn) {
      problems.push(`${response.status()}: ${response.url()}`);
    }
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(own) && !url.startsWith('data:')) problems.push(`another host: ${url}`);
  });

  // The first start: a key, and the lines in which it stands.
  await page.goto('/start');
  await page.getByLabel('Name').fill(setting('APITOOLKIT_USER'));
  await page.getByLabel('Password').fill(setting('APITOOLKIT_PASSWORD'));
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: 'Make a key' }).click();
  const key = await page.getByLabel('The new key').inputValue();
  await expect(page.getByLabel('The lines to add')).toContainText(
    `APIToolkit(app, api_key="${key}", root_url="${own}")`,
  );

  // The first exchange turns the page into the overview, without a hand on it.
  const address = await startApplication(key);
  expect((await fetch(`${address}/hello`)).status).toBe(200);
  await expect(page).toHaveURL(`${own}/`);
  await expect(page.getByText('Waiting for the first request')).toHaveCount(0);

  // The failing request, in the list.
  expect((await pay(address, 1)).status).toBe(500);
  const id = await idOf(page, 'status_code == 500 and request_body.order == 1');
  await page.getByRole('link', { name: 'Requests' }).first().click();
  await page.locator(`a[href^="/requests/${id}"]`).first().click();
  const errors = page.getByRole('region', { name: 'Errors' });
  await expect(errors).toContainText('order 1 could not be charged');
  await expect(errors.locator('.stack-here')).toContainText('raise RuntimeError');

  // What it called.
  const calls = page.getByRole('region', { name: 'Outgoing calls' });
  await calls.getByRole('link').first().click();
  await expect(page.locator('.summary')).toContainText('Payment Required');
  await page.getByRole('link', { name: 'The request that made this call' }).click();
  await expect(page).toHaveURL(new RegExp(`/requests/${id}`));

  // A field is redacted from now on.
  const email = page.getByRole('treeitem', { name: /^email/ });
  await expect(email).toContainText('ada1@example.com');
  await email.click();
  await page.getByRole('menuitem', { name: 'Redact this from now on…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Redact this from now on' });
  await expect(dialog.getByLabel(/JSONPath/)).toHaveValue('$.buyer.email');
  await expect(dialog.getByRole('region', { name: /Preview/ })).toContainText('Masks 1 value here');
  await dialog.getByRole('button', { name: 'Redact from now on' }).click();
  await expect(dialog.getByRole('status')).toContainText('is masked');
  await dialog.getByRole('button', { name: 'Done' }).click();

  // The next one comes without it; the condition of the menu finds it.
  expect((await pay(address, 2)).status).toBe(500);
  const next = await idOf(page, 'status_code == 500 and request_body.order == 2');
  await page.goto(`/requests/${next}`);
  await expect(page.getByRole('treeitem', { name: /^email/ }).locator('.mask')).toBeVisible();
  await expect(page.getByRole('treeitem', { name: /^name/ })).toContainText('Ada');
  expect(await page.content()).not.toContain('ada2@example.com');

  await page.goto('/redaction');
  await expect(page.getByRole('region', { name: 'Rules' })).toContainText('$.buyer.email');
  await page.goto('/settings/audit');
  await expect(page.getByRole('region', { name: /Audit log/ })).toContainText('redaction.create');
  await page.goto('/settings/ingest');
  await expect(page.getByRole('region', { name: 'By door' }).getByRole('row')).not.toHaveCount(0);
  expect(problems).toEqual([]);
});
