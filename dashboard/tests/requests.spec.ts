import type { Page } from '@playwright/test';
import { boxOf, expect, logIn, tableRows, test } from './fixtures';
import { failingOrder, makeExchange, ordinaryExchange, seedExchanges } from './seed';

const queryBox = (page: Page) => page.getByLabel('Query', { exact: true });
const facet = (page: Page, title: string) =>
  page.locator('details.facet', { has: page.locator('summary', { hasText: title }) });

async function run(page: Page, text: string): Promise<void> {
  await queryBox(page).fill(text);
  await queryBox(page).press('Enter');
}

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

test.describe('the query', () => {
  test('goes into the address, and back leads to the one before', async ({ page, server }) => {
    server.add(...seedExchanges(60));
    await logIn(page, server, '/requests?since=-6h');
    await run(page, 'status_code >= 400 and method == "GET"');
    await expect(page).toHaveURL(/query=status_code/);
    await expect(page).toHaveURL(/since=-6h/);
    // The rows of the list before may be there a moment longer.
    const allFit = () =>
      tableRows(page).evaluateAll(
        (rows) =>
          rows.length > 0 &&
          rows.every(
            (row) =>
              /^[45]/.test(row.querySelector('.status-code')?.textContent ?? '') &&
              (row.textContent ?? '').includes('GET'),
          ),
      );
    await expect.poll(allFit).toBe(true);
    await run(page, 'method == "DELETE"');
    await expect(tableRows(page).first()).toContainText('DELETE');
    await page.goBack();
    await expect(queryBox(page)).toHaveValue('status_code >= 400 and method == "GET"');
    await page.reload();
    await expect(queryBox(page)).toHaveValue('status_code >= 400 and method == "GET"');
    await expect(tableRows(page).first()).toContainText('GET');
  });

  test('that is written right after another ran is not taken away', async ({ page, server }) => {
    server.add(...seedExchanges(5));
    await logIn(page, server);
    await queryBox(page).fill('method == "GET"');
    const left = await queryBox(page).evaluate(async (field: HTMLTextAreaElement) => {
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
      while (!location.search.includes('query=')) await Promise.resolve();
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve(); // it is drawn, not painted
      field.value = 'method == "PUT"';
      field.dispatchEvent(new Event('input', { bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve, 200));
      return field.value;
    });
    expect(left).toBe('method == "PUT"');
  });

  test('is coloured', async ({ page, server }) => {
    server.add(...seedExchanges(3));
    await logIn(page, server);
    await queryBox(page).fill('status_code >= 400 and url_path startswith "/x" // why');
    const paint = page.locator('.query-paint');
    await expect(paint.locator('.token-field')).toHaveText(['status_code', 'url_path']);
    await expect(paint.locator('.token-operator')).toHaveText(['>=', 'startswith']);
    await expect(paint.locator('.token-word')).toHaveText(['and']);
    await expect(paint.locator('.token-number')).toHaveText(['400']);
    await expect(paint.locator('.token-string')).toHaveText(['"/x"']);
    await expect(paint.locator('.token-comment')).toHaveText(['// why']);
  });

  test('is completed: fields, operators, values of the project', async ({ page, server }) => {
    server.add(...seedExchanges(60));
    await logIn(page, server);
    await page.keyboard.press('/');
    await page.keyboard.type('meth');
    const list = page.getByRole('listbox', { name: 'Suggestions' });
    await expect(list.getByRole('option')).toHaveText([/^method/]);
    await page.keyboard.press('Tab');
    await expect(queryBox(page)).toHaveValue('method ');
    await expect(list.getByRole('option').first()).toHaveText(/^==/);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(queryBox(page)).toHaveValue('method != ');
    await expect(list.getByRole('option').first()).toHaveText(/^"GET"\d+$/);
    await page.keyboard.type('"de');
    await expect(list.getByRole('option')).toHaveText([/^"DELETE"/]);
    await page.keyboard.press('Tab');
    await expect(queryBox(page)).toHaveValue('method != "DELETE" ');
    await expect(list.getByRole('option').first()).toHaveText('and');
    await page.keyboard.press('Escape');
    await expect(list).toHaveCount(0);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/query=method\+%21%3D\+%22DELETE%22/);
  });

  test('is kept: the last ones, and those with a name', async ({ page, server }) => {
    server.add(...seedExchanges(10));
    await logIn(page, server);
    await run(page, 'method == "GET"');
    await run(page, 'method == "PUT"');
    await page.getByRole('button', { name: 'Queries' }).click();
    const menu = page.getByRole('dialog', { name: 'Queries' });
    await menu.getByLabel('A name for this query').fill('the puts');
    await page.keyboard.press('Enter');
    await expect(menu.getByRole('button', { name: /^the puts/ })).toBeVisible();
    await menu.getByRole('button', { name: 'method == "GET"' }).click();
    await expect(queryBox(page)).toHaveValue('method == "GET"');
    await page.reload();
    await page.getByRole('button', { name: 'Queries' }).click();
    await menu.getByRole('button', { name: /^the puts/ }).click();
    await expect(queryBox(page)).toHaveValue('method == "PUT"');
    await page.getByRole('button', { name: 'Queries' }).click();
    await menu.getByRole('button', { name: 'Forget the puts' }).click();
    await expect(menu.getByRole('button', { name: /^the puts/ })).toHaveCount(0);
  });

  test.describe('with an error', () => {
    test.use({ allowedConsole: [/Failed to load resource/] });

    test('is underlined where the server says, and mended by a press', async ({ page, server }) => {
      server.add(...seedExchanges(10));
      await logIn(page, server);
      await queryBox(page).fill('url_path != "ü" and staus_code == 200');
      await expect(page.locator('.token-wrong')).toHaveText('staus_code');
      await page.keyboard.press('Escape');
      await queryBox(page).focus();
      await expect(page.locator('#query-problem')).toContainText("there is no field 'staus_code'");
      await page.getByRole('button', { name: 'Write status_code' }).click();
      await expect(queryBox(page)).toHaveValue('url_path != "ü" and status_code == 200');
      await expect(page.locator('.token-wrong')).toHaveCount(0);
      await expect(queryBox(page)).toBeFocused();
    });

    test('that was run is explained in the list’s place', async ({ page, server }) => {
      server.add(...seedExchanges(10));
      await logIn(page, server, '/requests?query=staus_code+%3D%3D+200');
      await expect(page.getByRole('alert')).toContainText('The query cannot be read');
      await expect(page.locator('.token-wrong')).toHaveText('staus_code');
      await page.getByRole('button', { name: 'Write status_code' }).click();
      await expect(page).toHaveURL(/query=status_code/);
      await expect(tableRows(page).first()).toContainText('200');
    });
  });

  test('that is a pipeline is answered by a table', async ({ page, server }) => {
    server.add(...seedExchanges(60));
    await logIn(page, server);
    await run(page, 'status_code < 400 | summarize n = count() by method | sort by n desc');
    const table = page.getByRole('region', { name: 'The answer, as a table' });
    await expect(table.getByRole('columnheader')).toHaveText(['method', 'n']);
    await expect(table.getByRole('row').nth(1)).toContainText('GET');
    await expect(page.locator('.query-figures')).toContainText(
      /\d rows; 67 exchanges and .* read in/,
    );
    await expect(page.getByRole('complementary', { name: 'Values' })).toHaveCount(0);
  });

  test('that takes long says how far it has come, and can be cancelled', async ({
    page,
    server,
  }) => {
    server.add(...seedExchanges(10));
    await logIn(page, server);
    await expect(tableRows(page).first()).toBeVisible();
    const release = server.holdQueries();
    await run(page, 'summarize n = count() by method');
    const waiting = page.getByRole('status', { name: 'Running the query' });
    await expect(waiting).toBeVisible();
    server.looked = 1_234_567;
    await expect(waiting).toContainText('1,234,567 requests looked at');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByText('Cancelled')).toBeVisible();
    release();
    await page.getByRole('button', { name: 'Run again' }).click();
    await expect(page.getByRole('region', { name: 'The answer, as a table' })).toBeVisible();
  });
});

test('a list that takes long says how far it has come, and can be cancelled', async ({
  page,
  server,
}) => {
  server.add(...seedExchanges(10));
  await logIn(page, server);
  await expect(tableRows(page).first()).toBeVisible();
  const release = server.holdQueries();
  server.looked = 20_000;
  await run(page, 'method == "GET"');
  const waiting = page.getByRole('status', { name: 'Loading the requests' });
  await expect(waiting).toContainText('20,000 requests looked at');
  await waiting.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('The server has stopped looking.')).toBeVisible();
  release();
  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(tableRows(page).first()).toContainText('GET');
});

test.describe('a pipeline', () => {
  test('that counts by time is drawn, too', async ({ page, server }) => {
    server.add(...seedExchanges(120));
    await logIn(page, server);
    await run(page, 'status_code < 500 | summarize n = count() by bin_auto(timestamp), method');
    const chart = page.getByRole('region', { name: 'The answer over time' });
    await expect(chart.locator('canvas')).toBeVisible();
    await expect(chart).toContainText('steps of 30 s');
    await expect(chart.locator('.readout-figure').first()).toHaveText('GET');
    await expect(page.getByRole('region', { name: 'The answer, as a table' })).toBeVisible();
  });

  test('says what is shown, and leads to the requests behind it', async ({ page, server }) => {
    server.add(...seedExchanges(60));
    await logIn(page, server);
    await run(page, 'method == "GET" | summarize n = count() by host');
    await expect(page.getByText('This query answers with a table.')).toContainText(
      'With bin_auto(timestamp) as the first group it is drawn as a chart, too.',
    );
    await page.getByRole('button', { name: 'the requests behind it' }).click();
    await expect(queryBox(page)).toHaveValue('method == "GET"');
    await expect(tableRows(page).first()).toContainText('GET');
  });
});

test('over a long time what was counted before is asked, and the range is kept to', async ({
  page,
  server,
}) => {
  const hours = 3_600_000;
  const at = (ago: number) =>
    makeExchange({ timestamp: new Date(Date.now() - ago).toISOString(), status_code: 200 });
  const outside = [5, 20, 40, 59].map((seconds) => at(6 * hours + seconds * 1000));
  server.add(...outside, at(5 * hours), at(4 * hours), at(2 * hours));
  await logIn(page, server, '/requests?since=-6h');
  const strip = page.getByRole('region', { name: 'Requests over time' });
  await expect(strip).toContainText('3 in steps of 1 min');
  await expect(facet(page, 'Status')).toContainText(/2xx\s*3$/);
  expect(server.queries.filter((query) => query.includes('bin_auto'))).toEqual([]);
});

test.describe('what arrives', () => {
  test('appears by itself, marked for a moment', async ({ page, server }) => {
    server.add(...seedExchanges(3));
    await logIn(page, server);
    await expect(tableRows(page)).toHaveCount(3);
    await expect.poll(() => server.listening).toBe(1);
    server.add(makeExchange({ url_path: '/brand/new' }));
    await expect(tableRows(page)).toHaveCount(4);
    await expect(tableRows(page).first()).toContainText('/brand/new');
  });

  test('late is put where its time belongs', async ({ page, server }) => {
    server.add(...seedExchanges(4));
    await logIn(page, server);
    await expect.poll(() => server.listening).toBe(1);
    const timestamp = new Date(Date.now() - 20_000).toISOString();
    server.add(makeExchange({ url_path: '/late', timestamp }));
    await expect(tableRows(page)).toHaveCount(5);
    await expect(tableRows(page).first()).not.toContainText('/late');
    await expect(page.getByRole('link', { name: '/late' })).toBeVisible();
  });

  test('and does not match stays away', async ({ page, server }) => {
    server.add(...seedExchanges(9));
    await logIn(page, server, '/requests?query=method+%3D%3D+%22PUT%22');
    await expect.poll(() => server.listening).toBe(1);
    server.add(makeExchange({ method: 'GET', url_path: '/other' }));
    server.add(makeExchange({ method: 'PUT', url_path: '/mine' }));
    await expect(page.getByRole('link', { name: '/mine' })).toBeVisible();
    await expect(page.getByRole('link', { name: '/other' })).toHaveCount(0);
  });

  test('waits while it is held back, and says how many', async ({ page, server }) => {
    server.add(...seedExchanges(3));
    await logIn(page, server);
    await expect.poll(() => server.listening).toBe(1);
    await page.keyboard.press('p');
    await expect(page).toHaveURL(/live=off/);
    await expect(page.getByRole('button', { name: 'Paused' })).toBeVisible();
    server.add(makeExchange(), makeExchange());
    await expect(page.getByRole('button', { name: '2 new' })).toBeVisible();
    await expect(tableRows(page)).toHaveCount(3);
    await page.keyboard.press('p');
    await expect(tableRows(page)).toHaveCount(5);
  });

  test('does not move what is being read', async ({ page, server }) => {
    server.add(...seedExchanges(150));
    await logIn(page, server);
    await expect.poll(() => server.listening).toBe(1);
    await page.locator('.list-area').evaluate((area) => area.scrollTo(0, 1500));
    // The list draws other rows after the scroll: one of those that the reader sees is followed.
    const seen = () =>
      page.locator('.list-area').evaluate((area) => {
        const { top, bottom } = area.getBoundingClientRect();
        const rows = [...area.querySelectorAll('a[data-id]')].filter((row) => {
          const box = row.getBoundingClientRect();
          return box.top > top + 100 && box.bottom < bottom - 100;
        });
        return area.scrollTop === 1500 ? (rows[0]?.getAttribute('data-id') ?? null) : null;
      });
    await expect.poll(seen).not.toBeNull();
    const id = await seen();
    const place = () =>
      page.locator(`[data-id="${id}"]`).evaluate((element) => element.getBoundingClientRect().top);
    const before = await place();
    server.add(makeExchange(), makeExchange(), makeExchange());
    await expect(page.getByRole('button', { name: '3 new' })).toBeVisible();
    expect(await place()).toBe(before);
    await page.getByRole('button', { name: '3 new' }).click();
    await expect(page.getByRole('button', { name: '3 new' })).toHaveCount(0);
    await expect(tableRows(page).first()).toContainText('/products');
  });

  test('too fast is told', async ({ page, server }) => {
    server.add(...seedExchanges(3));
    await logIn(page, server);
    await expect.poll(() => server.listening).toBe(1);
    server.tellLagged(1234);
    await expect(page.getByText('1,234 came too fast to be shown')).toBeVisible();
  });

  test('is not listened for where the range has an end', async ({ page, server }) => {
    server.add(...seedExchanges(30));
    const until = new Date(Date.now() - 60_000).toISOString();
    await logIn(page, server, `/requests?since=-1h&until=${until}`);
    await expect(tableRows(page).first()).toBeVisible();
    expect(server.listening).toBe(0);
    await expect(page.getByRole('button', { name: 'Live' })).toHaveCount(0);
  });
});

test('a hundred thousand rows are scrolled through with few of them in the document', async ({
  page,
  server,
}) => {
  test.slow();
  const now = Date.now();
  const all = Array.from({ length: 100_000 }, (_, n) =>
    ordinaryExchange(n, new Date(now - 1_000 - n * 30).toISOString()),
  );
  all.forEach((_, n) => n % 1000 === 0 && server.add(...all.slice(n, n + 1000)));
  await logIn(page, server, '/requests?values=off');
  const area = page.locator('.list-area');
  const counted = page.getByText(/loaded of 100,000|^100,000 requests$/);
  await expect(counted).toBeVisible({ timeout: 30_000 });
  // Each scroll to the end asks for the next page.
  await expect(async () => {
    await area.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await expect(page.getByText(/^100,000 requests$|newest 100,000/).first()).toBeVisible({
      timeout: 50,
    });
  }).toPass({ timeout: 120_000, intervals: [20] });
  expect(await tableRows(page).count()).toBeLessThan(120);
  await area.evaluate((element) => element.scrollTo(0, 50_000 * 34));
  await expect(page.locator('.table-body [aria-rowindex="50010"]')).toBeVisible();
  expect(await tableRows(page).count()).toBeLessThan(120);
  const ids = await tableRows(page).evaluateAll((rows) =>
    rows.map((row) => row.querySelector('a')?.getAttribute('data-id')),
  );
  expect(all.some((row) => row.id === ids[0])).toBe(true);
});

test.describe('values', () => {
  test('are counted, asked for, and left out', async ({ page, server }) => {
    server.add(...seedExchanges(120));
    await logIn(page, server);
    await facet(page, 'Method')
      .getByRole('button', { name: /^DELETE/ })
      .click();
    await expect(queryBox(page)).toHaveValue('method == "DELETE"');
    await expect(tableRows(page).first()).toContainText('DELETE');
    await facet(page, 'Status').getByRole('button', { name: 'Leave out Status 4xx' }).click();
    await expect(queryBox(page)).toHaveValue(
      'method == "DELETE" and not (status_code >= 400 and status_code < 500)',
    );
    const remove = facet(page, 'Method').getByRole('button', { name: /^DELETE/ });
    await expect(remove).toHaveAttribute('aria-pressed', 'true');
    await remove.click();
    await expect(queryBox(page)).toHaveValue('not (status_code >= 400 and status_code < 500)');
  });

  test('of a cell are filtered by', async ({ page, server }) => {
    server.add(...seedExchanges(40));
    await logIn(page, server, '/requests?query=method+%3D%3D+%22PUT%22');
    await tableRows(page).first().locator('.cell-method .cell-value').click();
    await page.getByRole('menuitem', { name: 'method is not PUT' }).click();
    await expect(queryBox(page)).toHaveValue('method != "PUT"');
    await expect(tableRows(page).first()).not.toContainText('PUT');
    await page.keyboard.press('j');
    await page.keyboard.press('f');
    await expect(page.getByRole('menuitem').first()).toBeFocused();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await expect(queryBox(page)).toHaveValue(/^method != "PUT" and status_code != \d+$/);
  });
});

test.describe('on a busy server', () => {
  test.use({ allowedConsole: [/status of (401|503)/] });

  test('what was turned away is asked for again', async ({ page, server }) => {
    server.add(...seedExchanges(30));
    server.queriesMax = 0;
    await logIn(page, server);
    await expect(tableRows(page).first()).toBeVisible();
    await expect.poll(() => server.queries.length).toBeGreaterThan(2);
    server.queriesMax = 1;
    // Whoever was turned away often waits long before the next try.
    await expect(page.getByRole('region', { name: 'Requests over time' })).toContainText('2xx', {
      timeout: 20_000,
    });
    await expect(
      facet(page, 'Path')
        .getByRole('button', { name: /^\/products/ })
        .first(),
    ).toBeVisible({ timeout: 20_000 });
  });
});

test('columns are chosen, and stay in the address', async ({ page, server }) => {
  server.add(...seedExchanges(10));
  await logIn(page, server);
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByLabel('Service').check();
  await page.getByLabel('Errors').uncheck();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('columnheader')).toHaveText([
    'Status',
    'Method',
    'Path',
    'Service',
    'Duration',
    'Time',
  ]);
  await expect(tableRows(page).first()).toContainText('shop');
  await page.reload();
  await expect(page.getByRole('columnheader', { name: 'Service' })).toBeVisible();
});

test('a path into a body is a column: chosen, in the address, filtered by', async ({
  page,
  server,
}) => {
  const order = (id: number, url_path: string) =>
    makeExchange({ url_path, request_body: { customer: { id }, tags: ['a', 'b'] } });
  server.add(order(7, '/first'), order(8, '/second'), makeExchange({ url_path: '/without' }));
  await logIn(page, server);
  await page.getByRole('button', { name: 'Columns' }).click();
  const path = page.getByLabel('A path, such as request_body.user.id');
  await path.fill('request_body.customer.id');
  await page.keyboard.press('Enter');
  await path.fill('request_body.tags');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/request_body\.customer\.id%2Crequest_body\.tags/);
  await expect(page.getByRole('columnheader')).toContainText([
    'Path',
    'request_body.customer.id',
    'request_body.tags',
  ]);
  const row = (name: string) => tableRows(page).filter({ hasText: name });
  await expect(row('/first')).toContainText('7["a","b"]');
  await expect.poll(() => server.listening).toBe(1);
  server.add(order(9, '/third'));
  await expect(row('/third')).toContainText('9["a","b"]');
  await page.reload();
  await row('/first').getByRole('button', { name: '7', exact: true }).click();
  await page.getByRole('menuitem', { name: 'request_body.customer.id is 7' }).click();
  await expect(queryBox(page)).toHaveValue('request_body.customer.id == 7');
  await expect(tableRows(page)).toHaveCount(1);
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByLabel('request_body.tags', { exact: true }).click();
  await expect(page.getByRole('columnheader', { name: 'request_body.tags' })).toHaveCount(0);
});

test('the histogram is dragged over to zoom', async ({ page, server }) => {
  server.add(...seedExchanges(300));
  await logIn(page, server);
  const strip = page.getByRole('region', { name: 'Requests over time' });
  await expect(strip).toContainText('in steps of 30 s');
  const box = await boxOf(strip.locator('.u-over'));
  await page.mouse.move(box.x + box.width * 0.6, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 20, { steps: 4 });
  await page.mouse.move(box.x + box.width * 0.8, box.y + 20, { steps: 4 });
  await page.mouse.up();
  await expect(page).toHaveURL(/since=20.*until=20/);
  await page.mouse.move(5, 5);
  await expect(strip).toContainText('in steps of 10 s');
});

test('what matches can be had as a file', async ({ page, server }) => {
  server.add(...seedExchanges(10));
  await logIn(page, server, '/requests?query=method+%3D%3D+%22GET%22&since=-6h');
  await page.getByRole('button', { name: 'Export' }).click();
  for (const format of ['ndjson', 'csv', 'har']) {
    const link = page.getByRole('link', { name: new RegExp(`^${format}`, 'i') });
    const href = new URL((await link.getAttribute('href'))!, server.url);
    expect(href.pathname).toBe('/api/v1/exchanges');
    expect(href.searchParams.get('format')).toBe(format);
    expect(href.searchParams.get('query')).toBe('method == "GET"');
    expect(href.searchParams.get('since')).toBe('-6h');
  }
});

test('nothing matching says so and offers the way out', async ({ page, server }) => {
  server.add(...seedExchanges(3));
  await logIn(page, server, '/requests?query=url_path+%3D%3D+%22%2Fnowhere%22');
  await expect(page.getByText('No request matches')).toBeVisible();
  await page.getByRole('main').getByRole('button', { name: 'Clear the query' }).last().click();
  await expect(page).toHaveURL(/\/requests$/);
  await expect(tableRows(page)).toHaveCount(3);
});

test('an empty project shows a snippet, which turns into the list', async ({ page, server }) => {
  await logIn(page, server);
  await expect(page.getByText('Waiting for the first request')).toBeVisible();
  server.add(makeExchange({ url_path: '/hello' }));
  await expect(tableRows(page)).toHaveCount(1);
  await expect(page.getByText('Waiting for the first request')).toHaveCount(0);
});

test('loading is shown when it takes a while', async ({ page, server }) => {
  server.add(...seedExchanges(3));
  await logIn(page, server);
  await expect(tableRows(page)).toHaveCount(3);
  const release = server.hold();
  await run(page, 'status_code >= 200');
  await expect(page.getByRole('status', { name: 'Loading the requests' })).toBeVisible();
  release();
  await expect(page.getByRole('status', { name: 'Loading the requests' })).toHaveCount(0);
});

test.describe('with the server away', () => {
  test.use({ allowedConsole: [/Failed to load resource/] });

  test('what arrived while the connection was broken is caught up with', async ({
    page,
    server,
  }) => {
    server.add(...seedExchanges(3));
    await logIn(page, server);
    await expect.poll(() => server.listening).toBe(1);
    server.dropListeners();
    server.add(makeExchange({ url_path: '/missed' }));
    await expect(page.getByRole('link', { name: '/missed' })).toBeVisible({ timeout: 20_000 });
  });

  test('what cannot be loaded is told with its reason, and tried again', async ({
    page,
    server,
  }) => {
    server.add(...seedExchanges(6));
    server.refuse('/api/v1/exchanges', 503, 'The store is away.');
    await logIn(page, server);
    await expect(page.getByText('The store is away.').first()).toBeVisible();
    server.allow('/api/v1/exchanges');
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(tableRows(page).first()).toBeVisible();
  });

  test('a role that may not see the requests is told so', async ({ page, server }) => {
    server.refuse('/api/v1/exchanges', 403, 'the role is not enough');
    await logIn(page, server);
    await expect(page.getByRole('heading', { name: 'No permission' })).toBeVisible();
  });
});
