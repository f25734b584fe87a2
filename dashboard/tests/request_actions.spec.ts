// What one does on a request's page: search, copy, filter, redact, share.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { pythonString } from '../src/format/python';
import { copiedText, expect, logIn, test } from './fixtures';
import type { MockServer } from './mock_server';
import { failingOrder, makeExchange } from './seed';

async function openOrder(page: Page, server: MockServer) {
  const { order, calls } = failingOrder(Date.now() - 90_000);
  server.add(order, ...calls);
  await logIn(page, server, `/requests/${order.id}`);
  await expect(page.getByRole('region', { name: 'Response' })).toBeVisible();
  return order;
}

test('a search finds in both bodies, counts, and unfolds what it goes to', async ({
  page,
  server,
}) => {
  const items = Array.from({ length: 5_000 }, (_, id) => ({
    id,
    tea: id === 4_321 ? 'sencha' : '',
  }));
  const exchange = makeExchange({ request_body: { tea: 'Sencha' }, response_body: { items } });
  server.add(exchange);
  await logIn(page, server, `/requests/${exchange.id}`);
  // There is nothing to be found before the request has come.
  await expect(page.getByRole('region', { name: 'Response' })).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('sencha');
  const find = page.getByRole('search', { name: 'Find in the bodies' });
  await expect(find.getByRole('status')).toHaveText('1 of 2');
  await expect(page.locator('.json-found')).toContainText('Sencha');
  await page.keyboard.press('Enter');
  await expect(find.getByRole('status')).toHaveText('2 of 2');
  const found = page.locator('.json-found');
  await expect(found).toHaveCount(1);
  await expect(found).toContainText('"sencha"'.replaceAll('"', ''));
  await expect(found).toBeInViewport();
  await expect(found.locator('mark')).toHaveText('sencha');
  await page.keyboard.press('Escape');
  await expect(find.getByRole('textbox')).toHaveValue('');
  await page.keyboard.press('/');
  await page.keyboard.type('no such tea');
  await expect(find.getByRole('status')).toHaveText('none');
});

test('n and N go on and back through the matches of a text', async ({ page, server }) => {
  const exchange = makeExchange({
    response_body: `${'x '.repeat(30_000)}tea ${'y '.repeat(9)}TEA`,
  });
  server.add(exchange);
  await logIn(page, server, `/requests/${exchange.id}`);
  await page.getByLabel('Find in the bodies').getByRole('textbox').fill('tea');
  const status = page.getByRole('search').getByRole('status');
  await expect(status).toHaveText('1 of 2');
  await expect(page.locator('.text-here')).toHaveText('tea');
  await page.getByRole('search').getByRole('textbox').blur();
  await page.keyboard.press('n');
  await expect(status).toHaveText('2 of 2');
  await expect(page.locator('.text-here')).toHaveText('TEA');
  await page.keyboard.press('N');
  await expect(page.locator('.text-here')).toHaveText('tea');
});

test('a value’s menu copies its path and filters by it, with keys alone', async ({
  page,
  server,
}) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await openOrder(page, server);
  const tree = page.getByRole('tree', { name: "The request's body" });
  await tree.getByRole('treeitem').first().focus();
  await page.keyboard.press('ArrowDown'); // customer
  await page.keyboard.press('ArrowRight'); // customer.id
  await expect(tree.getByRole('treeitem', { name: /^id.*1182/ })).toBeFocused();
  await page.keyboard.press('Enter');
  const menu = page.getByRole('menu', { name: 'Actions for $.customer.id' });
  await expect(menu.getByRole('menuitem', { name: 'Copy path' })).toBeFocused();
  await page.keyboard.press('Enter');
  await copiedText(page, '$.customer.id');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expect(tree.getByRole('treeitem', { name: /^id.*1182/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/requests\?/);
  expect(new URL(page.url()).searchParams.get('query')).toBe('request_body.customer.id == 1182');
});

test('headers and elements of lists have a menu, too', async ({ page, server }) => {
  await openOrder(page, server);
  await page.getByRole('button', { name: 'Actions for X-Request-Source' }).click();
  const filter = page.getByRole('menuitem', { name: 'Filter by this' });
  const address = new URL((await filter.getAttribute('href'))!, server.url);
  expect(address.searchParams.get('query')).toBe(
    'request_headers["X-Request-Source"] == "checkout\'s last step"',
  );
  await page.keyboard.press('Escape');
  await page.getByRole('treeitem', { name: /^sku.*cup-celadon/ }).click();
  await expect(page.getByRole('menu', { name: 'Actions for $.items[1].sku' })).toBeVisible();
  const exclude = page.getByRole('menuitem', { name: 'Exclude this' });
  const other = new URL((await exclude.getAttribute('href'))!, server.url);
  expect(other.searchParams.get('query')).toBe('request_body.items[*].sku != "cup-celadon"');
});

test.describe('redaction', () => {
  // The path is wrong while it is being written, and the server says so.
  test.use({ allowedConsole: [/Failed to load resource: .* status of 40[01]/] });

  test('a value is redacted from now on, after a look at what that does', async ({
    page,
    server,
  }) => {
    const order = await openOrder(page, server);
    await page.getByRole('treeitem', { name: /^email/ }).click();
    await page.getByRole('menuitem', { name: 'Redact this from now on…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Redact this from now on' });
    const path = dialog.getByLabel('JSONPath, in the request body');
    await expect(path).toHaveValue('$.customer.email');
    const preview = dialog.getByRole('region', { name: 'Preview on this request' });
    await expect(preview).toContainText('Masks 1 value here');
    await expect(preview.getByRole('treeitem', { name: /^email/ }).locator('.mask')).toBeVisible();

    await path.fill('$.customer[');
    await expect(dialog.getByText('expected a selector at column 12')).toBeVisible();
    await path.fill('$.items[*].sku');
    await expect(preview).toContainText('Masks 2 values here');

    await dialog.getByLabel('Only this endpoint').check();
    await dialog.getByLabel('Note').fill('asked for by the shop');
    await dialog.getByRole('button', { name: 'Redact from now on' }).click();
    await expect(dialog.getByRole('status')).toContainText('From now on $.items[*].sku is masked');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect(dialog).toHaveCount(0);
    expect(server.account.rules).toMatchObject([
      {
        kind: 'request_body',
        value: '$.items[*].sku',
        method: 'POST',
        host: order.host,
        url_path: '/shops/<shop>/orders',
        note: 'asked for by the shop',
      },
    ]);
  });
});

test('who may not make rules or links is not offered them', async ({ page, server }) => {
  server.account.role = 'viewer';
  await openOrder(page, server);
  await page.getByRole('treeitem', { name: /^email/ }).click();
  await expect(page.getByRole('menuitem', { name: 'Filter by this' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: /Redact/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Share…' })).toHaveCount(0);
});

test('a link is made, shown once, and ended', async ({ page, server }) => {
  await openOrder(page, server);
  await page.getByRole('button', { name: 'Share…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share this request' });
  await dialog.getByLabel('The link works for').selectOption('1 day');
  await dialog.getByRole('button', { name: 'Make a link' }).click();
  await expect(dialog.getByLabel('Link', { exact: true })).toHaveValue(
    new RegExp(`^${server.url}/share/[0-9a-f]{64}$`),
  );
  const seconds = Date.parse(server.account.shares[0]!.expires_at) - Date.now();
  expect(Math.round(seconds / 3_600_000)).toBe(24);
  await dialog.getByRole('button', { name: 'End' }).click();
  await expect(dialog.getByRole('button', { name: 'Make a link' })).toBeVisible();
  expect(server.account.shares).toEqual([]);
});

test('log lines stand at their time since the request began', async ({ page, server }) => {
  const { order } = failingOrder(Date.now() - 90_000);
  server.add(order);
  const at = (ms: number) => new Date(Date.parse(order.timestamp) + ms).toISOString();
  const attributes = { order: 4711 } as unknown as Record<string, never>;
  const line = { trace_id: order.trace_id, span_id: '', attributes };
  server.account.logs[order.id] = [
    { ...line, timestamp: at(12), severity: 9, body: 'an order comes in' },
    { ...line, timestamp: at(1_275), severity: 17, body: 'charging failed' },
  ];
  await logIn(page, server, `/requests/${order.id}`);
  const lines = page.getByRole('region', { name: 'Logs' }).getByRole('listitem');
  await expect(lines).toHaveCount(2);
  await expect(lines.nth(0)).toContainText('+12.0 ms');
  await expect(lines.nth(1)).toContainText('error');
  await expect(lines.nth(1)).toContainText('order=4711');
});

test('others of the endpoint with the same status are a click away', async ({ page, server }) => {
  const one = makeExchange({ status_code: 404 });
  const same = makeExchange({ status_code: 404, raw_url: '/products?page=99' });
  server.add(one, same, makeExchange({ status_code: 200 }));
  await logIn(page, server, `/requests/${one.id}`);
  const similar = page.getByRole('region', { name: 'Same endpoint, same status' });
  await expect(similar.getByRole('listitem')).toHaveCount(1);
  const all = await similar.getByRole('link', { name: 'See all' }).getAttribute('href');
  expect(new URL(all!, server.url).searchParams.get('query')).toBe(
    'method == "GET" and url_path == "/products" and status_code == 404',
  );
  await similar.getByRole('listitem').getByRole('link').click();
  await expect(page).toHaveURL(`${server.url}/requests/${same.id}`);
});

test('forms are shown as fields, bytes as bytes, and JSON also as it was sent', async ({
  page,
  server,
}) => {
  const multipart = [
    '--xyz',
    'Content-Disposition: form-data; name="note"',
    '',
    'two\nlines',
    '--xyz',
    'Content-Disposition: form-data; name="photo"; filename="cup.png"',
    'Content-Type: image/png',
    '',
    'PNG…',
    '--xyz--',
  ].join('\r\n');
  const form = makeExchange({
    request_headers: { 'content-type': 'application/x-www-form-urlencoded' },
    request_body: 'user=ada+l&user=grace&pass%20word=%26x',
    response_body: 'GIF89a\u0000\u0001\u0002\ufffd',
  });
  const parts = makeExchange({
    request_headers: { 'content-type': 'multipart/form-data; boundary=xyz' },
    request_body: multipart,
  });
  server.add(form, parts);
  await logIn(page, server, `/requests/${form.id}`);
  const fields = page.getByLabel("The request's form");
  await expect(fields).toContainText('ada l');
  await expect(fields).toContainText('pass word&x');
  const request = page.getByRole('region', { name: 'Request' });
  await request.getByRole('button', { name: 'Raw' }).click();
  await expect(page.getByLabel("The request's body as text")).toContainText('user=ada+l&user=');
  const bytes = page.getByLabel("The response's body as bytes");
  await expect(bytes).toContainText('00000000  47 49 46 38 39 61 00 01  02 ef bf bd');
  await expect(bytes).toContainText('GIF89a......');

  await page.goto(`${server.url}/requests/${parts.id}`);
  await expect(fields).toContainText('cup.png (image/png,');
  await expect(fields).toContainText('two\nlines');
  const response = page.getByRole('region', { name: 'Response' });
  await response.getByRole('button', { name: 'Raw' }).click();
  await expect(page.getByLabel("The response's body as text")).toContainText(
    '{"items":[{"id":7,"name":"Oolong","price":"12.50"}],"next":null}',
  );
});

test('a body is saved as it was stored', async ({ page, server }) => {
  const exchange = makeExchange({ response_body: 'one,two\r\nthree,é\r\n' });
  server.add(exchange);
  await logIn(page, server, `/requests/${exchange.id}`);
  const saved = page.waitForEvent('download');
  const response = page.getByRole('region', { name: 'Response' });
  await response.getByRole('link', { name: 'Save as a file' }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe(`${exchange.id}-response-body.bin`);
  expect(readFileSync(await download.path(), 'utf8')).toBe('one,two\r\nthree,é\r\n');
});

test('a value becomes a column of the list', async ({ page, server }) => {
  await openOrder(page, server);
  await page.getByRole('treeitem', { name: /^sku.*cup-celadon/ }).click();
  await page.getByRole('menuitem', { name: 'Add as a column' }).click();
  await expect(page.getByRole('columnheader')).toContainText(['Path', 'request_body.items[*].sku']);
  await expect(page.locator('.table-body .row').first()).toBeVisible();
  await expect(page.locator('.table-body')).toContainText('["tea-oolong-100","cup-celadon"]');
});

test('a request is saved as HAR and copied as Python', async ({ page, server }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const order = await openOrder(page, server);
  const saved = page.waitForEvent('download');
  await page.getByRole('link', { name: 'HAR', exact: true }).click();
  expect((await saved).suggestedFilename()).toBe(`${order.id}.har`);
  await page.getByRole('button', { name: 'Copy as Python' }).click();
  const program = await copiedText(page, /requests\.request\(\n {4}"POST",/);
  execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
    input: program,
  });
});

test('a Python literal of hostile text is that text', () => {
  const texts = [
    '"""\\',
    "'); import os; ('",
    '\u0000\u001b[2J\r\n\u202e\u2028',
    '{x}%s',
    '𝄞é\ud800',
  ];
  for (const text of texts) {
    const literal = pythonString(text);
    expect(literal).toMatch(/^[\x20-\x7e]*$/);
    const check = 'import ast, json, sys; print(json.dumps(ast.literal_eval(sys.stdin.read())))';
    const printed = execFileSync('python3', ['-c', check], { input: literal, encoding: 'utf8' });
    expect(JSON.parse(printed)).toBe(text);
  }
});

test('the source line where it went wrong is marked', async ({ page, server }) => {
  await openOrder(page, server);
  const here = page.getByLabel('Stack trace').first().locator('.stack-here');
  await expect(here).toHaveText(/raise PaymentFailed\(order\.id\) from error/);
});
