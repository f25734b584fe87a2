import type { Page } from '@playwright/test';
import { boxOf, expect, expectNoSidewaysScroll, logIn, settled, test } from './fixtures';
import { makeExchange, seedExchanges } from './seed';

const chart = (page: Page, title: string) => page.getByRole('img', { name: title, exact: false });

function total(page: Page, name: string) {
  return page.locator('.total', { has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) });
}

test('figures stand beside those of the period before, as numbers', async ({ page, server }) => {
  const now = Date.now();
  const at = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  for (let n = 0; n < 30; n += 1) {
    server.add(
      makeExchange({
        timestamp: at(10 + n),
        duration: 20_000_000,
        status_code: n < 3 ? 500 : 200,
      }),
    );
  }
  for (let n = 0; n < 20; n += 1) {
    server.add(makeExchange({ timestamp: at(75 + n), duration: 24_000_000 }));
  }
  await logIn(page, server, '/');
  await expect(total(page, 'Requests')).toContainText('30');
  await expect(total(page, 'Requests')).toContainText('+50 %');
  await expect(total(page, 'Error rate')).toContainText('10 %');
  await expect(total(page, 'Error rate')).toContainText('+10.0 pp');
  await expect(total(page, 'p50')).toContainText('20.0 ms');
  await expect(total(page, 'p50')).toContainText('−4.00 ms');
  await expect(total(page, 'Endpoints').locator('.total-change')).toHaveText('±0 %');
});

test('where there is no period before, no difference is made up', async ({ page, server }) => {
  server.add(...seedExchanges(40));
  await logIn(page, server, '/');
  await expect(total(page, 'Requests').locator('.total-change')).toHaveText('–');
  await expect(total(page, 'p99').locator('.total-change')).toHaveText('–');
});

test('each chart says which time it shows and in which steps', async ({ page, server }) => {
  server.add(...seedExchanges(120));
  await logIn(page, server, '/');
  for (const title of ['Requests by status', 'Latency', 'Latency distribution', 'Errors']) {
    const panel = page.getByRole('region', { name: title, exact: true });
    await expect(panel.locator('.panel-range')).toHaveText(/\d\d:\d\d – .* steps of 1 min$/);
    await expect(panel.locator('canvas')).toBeVisible();
  }
});

test('a bucket under the pointer is told in figures, in every chart', async ({ page, server }) => {
  server.add(...seedExchanges(120));
  await logIn(page, server, '/');
  // A chart that is drawn anew knows the pointer only once it moves again.
  await expect(async () => {
    await page.mouse.move(0, 0);
    await chart(page, 'Requests by status').hover();
    for (const title of ['Requests by status', 'Errors']) {
      const panel = page.getByRole('region', { name: title, exact: true });
      await expect(panel.locator('.readout-time')).toHaveText(/^\d+ \w+, \d\d:\d\d$/, {
        timeout: 1_000,
      });
    }
  }).toPass();
});

test('what is dragged over is zoomed to, in the address; the way back is the way back', async ({
  page,
  server,
}) => {
  server.add(...seedExchanges(300));
  await logIn(page, server, '/');
  const area = chart(page, 'Requests by status').locator('.u-over');
  const box = await boxOf(area);
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.5, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, y, { steps: 4 });
  await page.mouse.move(box.x + box.width * 0.75, y, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/since=20\d\d-.*&until=20\d\d-/);
  const { searchParams } = new URL(page.url());
  const span = Date.parse(searchParams.get('until')!) - Date.parse(searchParams.get('since')!);
  expect(span).toBeGreaterThan(13 * 60_000);
  expect(span).toBeLessThan(17 * 60_000);
  await expect(page.getByRole('region', { name: 'Latency', exact: true })).toContainText(
    'steps of 1 min',
  );
  await page.goBack();
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByRole('button', { name: 'Time Last hour' })).toBeVisible();
});

test('a refresh moves nothing', async ({ page, server }) => {
  await page.clock.install();
  server.add(...seedExchanges(200));
  await logIn(page, server, '/');
  await expect(chart(page, 'Latency distribution').locator('canvas')).toBeVisible();
  const places = () =>
    page
      .locator('.total, .panel')
      .evaluateAll((all) => all.map((one) => JSON.stringify(one.getBoundingClientRect())));
  const before = await settled(places);
  const calls = server.calls.length;
  for (let n = 0; n < 50; n += 1) server.addRandomExchange();
  await page.clock.runFor(11_000);
  await expect.poll(() => server.calls.length).toBeGreaterThan(calls);
  await expect(total(page, 'Requests')).toContainText('250');
  expect(await places()).toEqual(before);
});

test('the charts are also tables, by a key and in the address', async ({ page, server }) => {
  server.add(...seedExchanges(60));
  await logIn(page, server, '/');
  await expect(chart(page, 'Errors')).toBeVisible();
  await page.keyboard.press('t');
  await expect(page).toHaveURL(/as=table/);
  const table = page.getByRole('region', { name: 'Requests by status, as a table' });
  await expect(table.getByRole('columnheader')).toHaveText([
    'From',
    '2xx',
    '3xx',
    '1xx',
    'none',
    '4xx',
    '5xx',
  ]);
  await expect(table.getByRole('row')).toHaveCount(62);
  await page.keyboard.press('t');
  await expect(page).not.toHaveURL(/as=table/);
});

test('an endpoint leads to its requests', async ({ page, server }) => {
  server.add(...seedExchanges(200));
  await logIn(page, server, '/?since=-6h');
  const endpoints = page.getByRole('region', { name: 'Endpoints' });
  await expect(endpoints.getByRole('row')).toHaveCount(9);
  await endpoints.getByRole('button', { name: 'p99' }).click();
  await expect(page).toHaveURL(/sort=p99/);
  await expect(endpoints.getByRole('row').nth(1)).toContainText('/shops/<shop>/orders');
  await endpoints.getByRole('link', { name: /POST.*orders/ }).click();
  await expect(page).toHaveURL(/\/requests\?/);
  const { searchParams } = new URL(page.url());
  expect(searchParams.get('query')).toBe(
    'request_type == "incoming" and host == "shop.example:8000" and method == "POST" and url_path == "/shops/<shop>/orders"',
  );
  expect(searchParams.get('since')).toBe('-6h');
});

test('outgoing calls have an overview of their own', async ({ page, server }) => {
  server.add(...seedExchanges(90));
  await logIn(page, server, '/');
  await page.getByRole('radio', { name: 'Outgoing' }).check();
  await expect(page).toHaveURL(/type=outgoing/);
  const endpoints = page.getByRole('region', { name: 'Endpoints' });
  await expect(endpoints.getByRole('row')).toHaveCount(2);
  await expect(endpoints).toContainText('inventory.internal:9000');
});

test('all of the time begins with the oldest exchange', async ({ page, server }) => {
  const oldest = new Date(Date.now() - 5 * 3600_000).toISOString();
  server.add(makeExchange({ timestamp: oldest }), makeExchange());
  await logIn(page, server, '/?since=all');
  await expect(total(page, 'Requests')).toContainText('2');
  const asked = server.calls.find((call) => call.startsWith('/api/v1/overview')) ?? '';
  expect(new URL(asked, server.url).searchParams.get('since')).toBe(oldest);
});

test('a project without an exchange is told how the first one comes', async ({ page, server }) => {
  await logIn(page, server, '/');
  await expect(page.getByText('Waiting for the first request')).toBeVisible();
  server.add(makeExchange());
  await expect(total(page, 'Requests')).toContainText('1', { timeout: 20_000 });
});

test('a time without requests offers other times', async ({ page, server }) => {
  server.add(makeExchange({ timestamp: new Date(Date.now() - 5 * 3600_000).toISOString() }));
  await logIn(page, server, '/');
  await expect(page.getByText('No requests in this time')).toBeVisible();
  await page.getByRole('button', { name: 'Last 24 hours' }).click();
  await expect(page).toHaveURL(/since=-1d/);
  await expect(total(page, 'Requests')).toContainText('1');
});

test('loading is shown in the place of each panel', async ({ page, server }) => {
  server.add(...seedExchanges(10));
  await logIn(page, server, '/requests');
  const release = server.hold();
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(page.getByRole('status', { name: 'Loading: Latency', exact: true })).toBeVisible();
  release();
  await expect(chart(page, 'Errors')).toBeVisible();
});

test.describe('when the server refuses', () => {
  test.use({ allowedConsole: [/Failed to load resource/] });

  test('a role that may not see it is told so', async ({ page, server }) => {
    server.refuse('/api/v1/overview', 403, 'the role is not enough');
    await logIn(page, server, '/');
    await expect(page.getByText('No permission').first()).toBeVisible();
  });

  test('an error is told with its reason, and tried again', async ({ page, server }) => {
    server.add(...seedExchanges(10));
    server.refuse('/api/v1/overview', 422, 'the range is too long');
    await logIn(page, server, '/');
    await expect(page.getByText('the range is too long').first()).toBeVisible();
    server.allow('/api/v1/overview');
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await expect(chart(page, 'Errors')).toBeVisible();
  });
});

test('it is usable by keyboard alone', async ({ page, server }) => {
  server.add(...seedExchanges(60));
  await logIn(page, server, '/');
  await page.getByRole('button', { name: 'Time Last hour' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/since=-6h/);
  await expect(page.getByRole('button', { name: 'Time Last 6 hours' })).toBeFocused();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await expect(page).toHaveURL(/\/requests\?since=-6h/);
  await expectNoSidewaysScroll(page);
});

test('a time that the list of times lacks is told in words, too', async ({ page, server }) => {
  server.add(makeExchange());
  await logIn(page, server, '/?since=-14d');
  await expect(page.getByRole('button', { name: 'Time Last 14 days' })).toBeVisible();
});
