import { expect, logIn, stopTime, tableRows, test } from './fixtures';
import { failingOrder, makeExchange, RawJson } from './seed';

test('a request shows everything that was captured', async ({ page, server }) => {
  const { order, calls } = failingOrder(Date.now() - 5_000);
  server.add(order, ...calls);
  await logIn(page, server);
  await page.getByRole('link', { name: '/shops/<shop>/orders' }).click();
  await expect(page).toHaveURL(`${server.url}/requests/${order.id}`);

  const summary = page.locator('.summary');
  for (const text of ['POST', '500', 'Internal Server Error', '1.28 s', 'prod', 'eu', '3.0.0']) {
    await expect(summary).toContainText(text);
  }
  await expect(summary).toContainText('customer-1182');

  const errors = page.getByRole('region', { name: 'Errors' });
  await expect(errors.getByRole('article')).toHaveCount(2);
  await expect(errors).toContainText('order 4711 could not be charged');
  await expect(errors).toContainText('Root cause httpx.HTTPStatusError');
  await expect(errors.getByLabel('Stack trace')).toContainText('line 88, in create_order');

  const request = page.getByRole('region', { name: 'Request' });
  await expect(request.getByLabel('Path parameters')).toContainText('shopberlin');
  await expect(request.getByLabel('Query parameters')).toContainText('tagab');
  const headers = request.getByLabel('Request headers');
  await expect(headers).toContainText("checkout's last step");
  await expect(headers).toContainText('text/plain;q=0.5');
  await expect(headers.locator('.mask')).toHaveCount(2);
  const body = request.getByLabel("The request's body");
  await expect(body).toContainText('Zoë Müller');
  await expect(body.locator('.mask')).toHaveCount(2);

  const response = page.getByRole('region', { name: 'Response' });
  await expect(response.getByLabel("The response's body")).toContainText('payment_failed');
  await expect(response.getByLabel('Response headers').locator('.mask')).toHaveCount(2);

  const details = page.getByRole('region', { name: 'Details' });
  for (const text of [order.id, order.trace_id, 'HTTP/1.1', 'PythonFlask 0.1.0', '203.0.113.9']) {
    await expect(details).toContainText(text);
  }
});

test('outgoing calls lie on the time axis of their parent, and lead back to it', async ({
  page,
  server,
}) => {
  const { order, calls } = failingOrder(Date.now() - 5_000);
  server.add(order, ...calls);
  await logIn(page, server, `/requests/${order.id}`);
  const lanes = page.getByRole('region', { name: 'Outgoing calls' });
  await expect(lanes.getByRole('listitem')).toHaveCount(3);
  const bars = await lanes.locator('.waterfall-bar').evaluateAll((found) =>
    found.map((bar) => {
      const lane = bar.parentElement!.getBoundingClientRect();
      const { left, width } = bar.getBoundingClientRect();
      return [(left - lane.left) / lane.width, width / lane.width];
    }),
  );
  const share = order.duration / 1e6;
  expect(bars[0]![0]).toBeCloseTo(14 / share, 2);
  expect(bars[2]![0]).toBeCloseTo(531 / share, 2);
  expect(bars[2]![1]).toBeCloseTo(744 / share, 2);

  await lanes.getByRole('link', { name: /charges/ }).click();
  await expect(page.locator('.summary')).toContainText('Service Unavailable');
  await expect(page.getByText('upstream connect error')).toBeVisible();
  await page.getByRole('link', { name: 'The request that made this call' }).click();
  await expect(page.locator('.summary')).toContainText('/shops/<shop>/orders');
});

test('a call that arrives after its parent was opened appears by itself', async ({
  page,
  server,
}) => {
  const { order, calls } = failingOrder(Date.now() - 2_000);
  server.add(order);
  await logIn(page, server, `/requests/${order.id}`);
  await expect(page.getByRole('region', { name: 'Errors' })).toBeVisible();
  server.add(...calls);
  await expect(page.getByRole('region', { name: 'Outgoing calls' })).toBeVisible();
});

test('JSON is shown as it was sent and folds', async ({ page, server }) => {
  const source =
    '{"zeta":1,"10":"ten","2":"two","big":12345678901234567890123,"exact":1.500,' +
    '"twice":"first","twice":"second","__proto__":{"x":1}}';
  const exchange = { ...makeExchange(), response_body: new RawJson(source) };
  server.add(exchange);
  await logIn(page, server, `/requests/${exchange.id}`);
  const tree = page.getByLabel("The response's body");
  const expected = ['zeta', '10', '2', 'big', 'exact', 'twice', 'twice', '__proto__', 'x'];
  await expect(tree.locator('.json-name')).toHaveCount(expected.length);
  const names = await tree.locator('.json-name').allInnerTexts();
  expect(names.map((name) => name.replace(/:\s*$/, ''))).toEqual(expected);
  await expect(tree).toContainText('12345678901234567890123');
  await expect(tree).toContainText('1.500');
  await tree.locator('.json-fold', { hasText: '__proto__' }).click();
  await expect(tree).toContainText('1 field');
  await tree.locator('.json-fold').first().click();
  await expect(tree).toContainText('8 fields');
  await expect(tree.locator('.json-name')).toHaveCount(0);
});

test('a large body opens folded and in steps', async ({ page, server }) => {
  const items = Array.from({ length: 20_000 }, (_, id) => ({ id, name: `item ${id}` }));
  const exchange = makeExchange({ response_body: { items } });
  server.add(exchange);
  await logIn(page, server, `/requests/${exchange.id}`);
  const tree = page.getByLabel("The response's body");
  await expect(tree.getByRole('button', { name: 'Show 100 more of 19,900' })).toBeVisible();
  await tree.getByRole('button', { name: 'Show 100 more' }).click();
  await expect(tree.getByRole('button', { name: 'Show 100 more of 19,800' })).toBeVisible();
});

test('what is missing from a body is explained in words', async ({ page, server }) => {
  const exchange = makeExchange({
    request_body: '[CLIENT_REDACTED]',
    request_size: 2_000,
    redaction: ['request_body:invalid_json'],
    response_body: 'the beginning of',
    response_body_truncated: true,
    response_size: 3_400_000,
    aborted: true,
  });
  server.add(exchange);
  await logIn(page, server, `/requests/${exchange.id}`);
  const request = page.getByRole('region', { name: 'Request' });
  await expect(request).toContainText('because it is not valid JSON');
  const response = page.getByRole('region', { name: 'Response' });
  await expect(response).toContainText('Only the beginning was kept');
  await expect(response).toContainText('3.4 MB on the wire');
  await expect(page.locator('.summary')).toContainText('Aborted by the client');
});

test('a request is copied as cURL and as JSON', async ({ page, server }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.clock.install();
  const { order } = failingOrder(Date.now() - 5_000);
  server.add(order);
  await logIn(page, server, `/requests/${order.id}`);
  await expect(page.getByRole('button', { name: 'Copy as cURL' })).toBeVisible();
  await stopTime(page);
  await page.getByRole('button', { name: 'Copy as cURL' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toHaveCount(1);
  const curl = await page.evaluate(() => navigator.clipboard.readText());
  expect(curl).toContain('--request POST');
  expect(curl).toContain(`'http://shop.example:8000/shops/berlin/orders?notify=1&`);
  expect(curl).toContain(`--header 'Authorization: [CLIENT_REDACTED]'`);
  expect(curl).toContain(`'X-Request-Source: checkout'\\''s last step'`);
  expect(curl).toContain('"cvv":"[CLIENT_REDACTED]"');
  expect(curl).not.toContain('Content-Length');
  await page.clock.runFor(2_000);
  await expect(page.getByRole('button', { name: 'Copied' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Copy JSON' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toHaveCount(1);
  const json = await page.evaluate(() => navigator.clipboard.readText());
  expect(json).toContain('"url_path": "/shops/<shop>/orders"');
  await page.clock.runFor(2_000);
  await expect(page.getByRole('button', { name: 'Copy JSON' })).toBeVisible();
});

test.describe('that is not there', () => {
  test.use({ allowedConsole: [/Failed to load resource/] });

  test('an unknown request says so', async ({ page, server }) => {
    await logIn(page, server, '/requests/0190a3c2-0000-7000-8000-000000000000');
    await expect(page.getByText('There is no such request')).toBeVisible();
    await page.getByRole('link', { name: 'Back to the list' }).click();
    await expect(page.getByText('Waiting for the first request')).toBeVisible();
  });

  test('a request that cannot be loaded is tried again', async ({ page, server }) => {
    const exchange = makeExchange();
    server.add(exchange);
    await logIn(page, server);
    await expect(tableRows(page)).toHaveCount(1);
    server.mood = 'silent';
    await page.getByRole('link', { name: '/products' }).click();
    await expect(page.getByText('The request could not be loaded')).toBeVisible();
    server.mood = 'well';
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('region', { name: 'Response' })).toBeVisible();
  });
});

test('an unknown address says so', async ({ page, server }) => {
  await logIn(page, server, '/nowhere');
  await expect(page.getByText('There is no such page')).toBeVisible();
});
