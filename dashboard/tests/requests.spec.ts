import { expect, logIn, runUntil, stopTime, tableRows, test } from './fixtures';
import { failingOrder, makeExchange, seedExchanges } from './seed';

test('the list shows each request in a row, newest first', async ({ page, server }) => {
  const { order, calls } = failingOrder(Date.now() - 5_000);
  server.add(...seedExchanges(40, Date.now() - 60_000), order, ...calls);
  await logIn(page, server);
  const row = tableRows(page).nth(3);
  await expect(row).toContainText('500');
  await expect(row).toContainText('POST');
  await expect(row).toContainText('/shops/<shop>/orders');
  await expect(row).toContainText('2 errors');
  await expect(row).toContainText('1.28 s');
  await expect(row.locator('time')).toHaveAttribute('title', /\d{4}/);
  await expect(row.locator('a')).toHaveAttribute('title', /^\/shops\/berlin\/orders\?notify=1/);
  await expect(tableRows(page).first().getByRole('img', { name: 'Outgoing call' })).toBeVisible();
  const asked = server.calls.find((call) => call.startsWith('/api/v1/exchanges?')) ?? '';
  expect(asked).toContain('fields=');
  expect(asked).not.toContain('body');
});

test('a new request appears by itself', async ({ page, server }) => {
  await page.clock.install();
  server.add(...seedExchanges(3));
  await logIn(page, server);
  await expect(tableRows(page)).toHaveCount(3);
  // It is marked as new for a few seconds only.
  await stopTime(page);
  server.add(makeExchange({ url_path: '/brand/new' }));
  await runUntil(page, async () => expect(await tableRows(page).count()).toBe(4));
  await expect(tableRows(page).first()).toContainText('/brand/new');
  await expect(tableRows(page).first()).toHaveClass(/row-fresh/);
});

test('a request that arrives late is put where its time belongs', async ({ page, server }) => {
  server.add(...seedExchanges(4));
  await logIn(page, server);
  await expect(tableRows(page)).toHaveCount(4);
  const timestamp = new Date(Date.now() - 20_000).toISOString();
  server.add(makeExchange({ url_path: '/late', timestamp }));
  await expect(tableRows(page)).toHaveCount(5);
  await expect(tableRows(page).first()).not.toContainText('/late');
  await expect(page.getByRole('link', { name: '/late' })).toBeVisible();
});

test('the refresh pauses and resumes', async ({ page, server }) => {
  await page.clock.install();
  server.add(...seedExchanges(3));
  await logIn(page, server);
  await expect(tableRows(page)).toHaveCount(3);
  await page.getByRole('button', { name: 'Live' }).click();
  await expect(page.getByRole('button', { name: 'Paused' })).toBeVisible();
  // A refresh that was under way may still end.
  await page.clock.runFor(1_000);
  const calls = server.calls.length;
  server.add(makeExchange());
  await page.clock.runFor(60_000);
  expect(server.calls.length).toBe(calls);
  await expect(tableRows(page)).toHaveCount(3);
  await page.getByRole('button', { name: 'Paused' }).click();
  await expect(tableRows(page)).toHaveCount(4);
});

test('what is being read stays where it is while rows arrive above it', async ({
  page,
  server,
}) => {
  server.add(...seedExchanges(90));
  await logIn(page, server);
  const row = tableRows(page).nth(50);
  await row.scrollIntoViewIfNeeded();
  const before = await row.evaluate((element) => {
    element.setAttribute('data-watched', '');
    return element.getBoundingClientRect().top;
  });
  server.add(makeExchange(), makeExchange(), makeExchange());
  await expect(page.getByRole('button', { name: '3 new requests' })).toBeVisible();
  const after = await page
    .locator('[data-watched]')
    .evaluate((element) => element.getBoundingClientRect().top);
  expect(after).toBe(before);
  await page.getByRole('button', { name: '3 new requests' }).click();
  await expect(page.getByRole('button', { name: '3 new requests' })).toHaveCount(0);
});

test('older requests are loaded when asked for, to the end', async ({ page, server }) => {
  server.add(...seedExchanges(230));
  await logIn(page, server, '/requests?kind=incoming');
  await expect(tableRows(page)).toHaveCount(100);
  await page.getByRole('button', { name: 'Load older' }).click();
  await expect(tableRows(page)).toHaveCount(200);
  await page.getByRole('button', { name: 'Load older' }).click();
  await expect(tableRows(page)).toHaveCount(230);
  await expect(page.getByText('That is all of them.')).toBeVisible();
});

test('what the server no longer has leaves the list', async ({ page, server }) => {
  await page.clock.install();
  server.add(...seedExchanges(6));
  await logIn(page, server, '/requests?kind=incoming');
  await expect(tableRows(page)).toHaveCount(6);
  server.clear();
  server.add(makeExchange({ url_path: '/the/last' }));
  await stopTime(page);
  // Every fifteenth refresh asks for the whole page.
  await runUntil(page, async () => expect(await tableRows(page).count()).toBe(1));
  await expect(tableRows(page)).toContainText('/the/last');
});

test('filters go into the address and come from it', async ({ page, server }) => {
  const { order, calls } = failingOrder(Date.now() - 5_000);
  server.add(...seedExchanges(60, Date.now() - 60_000), order, ...calls);
  await logIn(page, server, '/requests?status=5xx&method=POST');
  await expect(page.getByRole('radio', { name: '5xx' })).toBeChecked();
  await expect(page.getByLabel('Method')).toHaveValue('POST');
  await expect(tableRows(page).first()).toBeVisible();
  for (const row of await tableRows(page).all()) {
    await expect(row).toContainText('POST');
    await expect(row.locator('.status-code')).toHaveText(/^5/);
  }
  await page.getByRole('radio', { name: 'Outgoing' }).check();
  await expect(page).toHaveURL(/kind=outgoing/);
  await expect(tableRows(page)).toHaveCount(1);
  await expect(tableRows(page)).toContainText('/v1/charges');

  await page.goBack();
  await expect(page).not.toHaveURL(/kind=/);
  await page.getByLabel('Path, exactly').fill('/shops/<shop>/orders');
  await expect(page).toHaveURL(/url_path=%2Fshops%2F%3Cshop%3E%2Forders/);
  await page.getByLabel('Time').selectOption('-15m');
  await expect(page).toHaveURL(/since=-15m/);
  await expect(tableRows(page).first()).toContainText('/shops/<shop>/orders');
});

test('a list that stays empty does not read everything again and again', async ({
  page,
  server,
}) => {
  await page.clock.install();
  server.add(...seedExchanges(3));
  await logIn(page, server, '/requests?url_path=/nowhere');
  await expect(page.getByText('No request matches these filters')).toBeVisible();
  await stopTime(page);
  const first = server.calls.length;
  await runUntil(page, async () => expect(server.calls.length).toBeGreaterThan(first + 3));
  for (const call of server.calls.slice(first, first + 3)) expect(call).toContain('since=20');
  server.add(makeExchange({ url_path: '/nowhere' }));
  await runUntil(page, async () => expect(await tableRows(page).count()).toBe(1));
});

test('a request dated ahead does not hide the next ones', async ({ page, server }) => {
  const timestamp = new Date(Date.now() + 3_600_000).toISOString();
  server.add(makeExchange({ url_path: '/ahead', timestamp }));
  await logIn(page, server);
  await expect(tableRows(page)).toHaveCount(1);
  server.add(makeExchange({ url_path: '/now' }));
  await expect(page.getByRole('link', { name: '/now' })).toBeVisible();
});

test('a first load that takes long is not begun anew', async ({ page, server }) => {
  await page.clock.install();
  server.add(...seedExchanges(3));
  await logIn(page, server);
  await expect(tableRows(page)).toHaveCount(3);
  await stopTime(page);
  const release = server.hold();
  await page.getByRole('radio', { name: '4xx' }).check();
  const asked = () => server.calls.filter((call) => call.includes('status=4xx')).length;
  await runUntil(page, async () => expect(asked()).toBe(1));
  await page.clock.runFor(6_000);
  await expect(page.getByRole('status', { name: 'Loading the requests' })).toBeVisible();
  expect(asked()).toBe(1);
  release();
  await expect(page.getByRole('status', { name: 'Loading the requests' })).toHaveCount(0);
});

test('nothing matching says so and offers the way out', async ({ page, server }) => {
  server.add(...seedExchanges(3));
  await logIn(page, server, '/requests?url_path=/nowhere');
  await expect(page.getByText('No request matches these filters')).toBeVisible();
  await page.getByRole('button', { name: 'Clear the filters' }).click();
  await expect(page).toHaveURL(/\/requests$/);
  await expect(tableRows(page)).toHaveCount(3);
});

test('an empty project shows a snippet, which turns into the list', async ({ page, server }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.clock.install();
  await logIn(page, server);
  await expect(page.getByText('Waiting for the first request')).toBeVisible();
  await stopTime(page);
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('Copied')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain(`root_url="${server.url}"`);
  server.add(makeExchange({ url_path: '/hello' }));
  await page.clock.resume();
  await expect(tableRows(page)).toHaveCount(1);
  await expect(page.getByText('Waiting for the first request')).toHaveCount(0);
});

test('loading is shown when it takes a while', async ({ page, server }) => {
  server.add(...seedExchanges(3));
  await logIn(page, server);
  await expect(tableRows(page)).toHaveCount(3);
  const release = server.hold();
  await page.getByRole('radio', { name: '4xx' }).check();
  await expect(page.getByRole('status', { name: 'Loading the requests' })).toBeVisible();
  release();
  await expect(page.getByRole('status', { name: 'Loading the requests' })).toHaveCount(0);
});

test.describe('with the server away', () => {
  test.use({ allowedConsole: [/Failed to load resource/] });

  test('the list keeps what it has, says so, and recovers', async ({ page, server }) => {
    server.add(...seedExchanges(6));
    await logIn(page, server, '/requests?kind=incoming');
    await expect(tableRows(page)).toHaveCount(6);
    server.mood = 'silent';
    const note = page.getByText(/The server does not answer. What you see was loaded at \d\d:/);
    await expect(note).toBeVisible();
    await expect(tableRows(page)).toHaveCount(6);
    server.mood = 'well';
    server.add(makeExchange());
    await page.getByRole('button', { name: 'Try now' }).click();
    await expect(tableRows(page)).toHaveCount(7);
    await expect(note).toHaveCount(0);
  });

  test('a server that is there but cannot answer is told with its reason', async ({
    page,
    server,
  }) => {
    server.add(...seedExchanges(6));
    await logIn(page, server, '/requests?kind=incoming');
    await expect(tableRows(page)).toHaveCount(6);
    server.mood = 'failing';
    await expect(page.getByText('The store is away.')).toBeVisible();
  });

  test('a filter that the server refuses is explained', async ({ page, server }) => {
    await logIn(page, server, '/requests?status=teapot');
    await expect(page.getByRole('alert')).toContainText('status: expected a code');
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await expect(page.getByText('Waiting for the first request')).toBeVisible();
  });
});
