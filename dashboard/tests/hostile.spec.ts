// An exchange whose every text is an attack is shown as text. The page fixture fails these tests on
// any console message, exception, dialog, or request to another host.
import { expect, expectNoSidewaysScroll, logIn, tableRows, test } from './fixtures';
import { quoteForShell } from '../src/format/curl';
import { execFileSync } from 'node:child_process';
import { makeExchange } from './seed';
import { seedAccount } from './seed_account';

const markup = '<img src=x onerror=alert(1)><script>alert(2)</script>';
const controls = 'a\u0000b\u001b[31mc\u0007\r\u0085\u2028d';
const reordered = '\u202egpj.exe\u202c \u2066\u200b\ufeff';
const evil = `${markup}${controls}${reordered}javascript:alert(3) "'\`\${alert(4)}`;
const huge = 'x'.repeat(5_000_000);

const hostile = makeExchange({
  method: `GET${markup}`,
  host: evil,
  raw_url: evil,
  url_path: evil,
  referer: 'javascript:alert(5)',
  sdk_type: evil,
  service_version: evil,
  tags: [evil, evil],
  client_ip: evil,
  consumer: evil,
  trace_id: evil,
  path_params: { [evil]: evil },
  query_params: { [evil]: [evil, 7, { nested: evil }] },
  request_headers: { [evil]: [evil, evil], 'X-Link': 'javascript:alert(6)' },
  response_headers: { [evil]: evil, Huge: huge },
  request_body: { [evil]: [evil, { [evil]: huge }], __proto__x: null },
  response_body: `${evil}${huge}`,
  redaction: [`request_body:${evil}`, evil],
  errors: [
    {
      when: 'not a time',
      error_type: evil,
      message: evil,
      root_error_type: evil,
      root_error_message: huge,
      stack_trace: `${evil}\n${huge}`,
      [evil]: evil,
    },
  ],
});

test('the list shows hostile text as text', async ({ page, server }) => {
  server.add(hostile);
  await logIn(page, server);
  await expect(tableRows(page)).toHaveCount(1);
  await expect(tableRows(page)).toContainText('<script>alert(2)</script>');
  await expect(tableRows(page)).toContainText('NUL');
  expect(await page.locator('.list-area img, .list-area script').count()).toBe(0);
  await expectNoSidewaysScroll(page);
});

for (const width of [390, 1280]) {
  test(`the request's page shows hostile text as text, ${width} px`, async ({ page, server }) => {
    await page.setViewportSize({ width, height: 800 });
    server.add(hostile);
    server.add(makeExchange({ ...hostile, id: 'child', parent_id: hostile.id }));
    await logIn(page, server, `/requests/${hostile.id}`);
    await expect(page.getByRole('region', { name: 'Response' })).toBeVisible();
    await expect(page.getByRole('region', { name: 'Outgoing calls' })).toBeVisible();
    await expect(page.locator('.summary h1')).toContainText('<img src=x onerror=alert(1)>');
    const markers = page.locator('.summary h1 .hidden-character');
    for (const name of ['NUL', 'ESC', 'RLO', 'ZWSP', 'BOM']) {
      await expect(markers.filter({ hasText: name }).first()).toBeVisible();
    }
    expect(await page.locator('#content img, #content script, #content iframe').count()).toBe(0);
    expect(await page.locator('#content a[href^="javascript"]').count()).toBe(0);
    expect(await page.locator('#content').innerText()).not.toMatch(/[\u0000\u202e\u2066\u200b]/);

    const response = page.getByRole('region', { name: 'Response' });
    const header = response.getByLabel('Response headers');
    await header.getByRole('button', { name: 'Show more (of 5.0 MB)' }).click();
    await expect(header).toContainText('x'.repeat(50_000));
    await expectNoSidewaysScroll(page);
  });
}

test('the menu and the rule of a hostile name show it, and mean it', async ({ page, server }) => {
  server.add(hostile);
  await logIn(page, server, `/requests/${hostile.id}`);
  const tree = page.getByRole('tree', { name: "The request's body" });
  await tree.locator('.json-line').nth(2).click();
  const menu = page.getByRole('menu');
  // What could not be seen is an escape, in the path as in the address.
  await expect(menu).toContainText('\\u202e');
  expect(await menu.innerText()).not.toMatch(/[\u0000\u202e\u2066\u200b]/);
  const address = await menu.getByRole('menuitem', { name: 'Filter by this' }).getAttribute('href');
  const query = new URL(address!, server.url).searchParams.get('query')!;
  expect(query).toMatch(/^request_body\["<img src=x onerror=alert\(1\)>.*"\]\[\*\] == "<img.*"$/);
  expect(query).not.toMatch(/[\u0000-\u001f\u202e\u2066\u200b]/);
  expect(JSON.parse(query.slice(query.indexOf('[') + 1, query.indexOf(']['))) as string).toBe(evil);
  await menu.getByRole('menuitem', { name: /^Redact/ }).click();
  const path = await page
    .getByRole('dialog')
    .getByLabel(/JSONPath/)
    .inputValue();
  expect(path).toMatch(/^\$\['<img src=x onerror=alert\(1\)>.*'\]\[\*\]$/);
  expect(path).not.toMatch(/[\u0000-\u001f\u202e\u2066\u200b]/);
  expect(await page.locator('#content img, #content script').count()).toBe(0);
});

test('every other page shows hostile text as text', async ({ page, server }) => {
  const { account } = server;
  seedAccount(account);
  server.add(hostile);
  account.project.name = evil;
  account.rules = account.rules.map((rule) => ({ ...rule, url_path: evil, note: evil }));
  account.sdks = account.sdks.map((sdk) => ({ ...sdk, sdk: evil, address: evil }));
  account.keys = account.keys.map((key) => ({ ...key, name: evil, prefix: evil }));
  account.users = account.users.map((user) => ({ ...user, name: evil }));
  const bytes = Buffer.from(`${evil}${huge}`).toString('base64');
  const letter = { ...account.letters[0]!, source: evil, reason: evil, bytes };
  account.letters = [letter];
  account.audit = account.audit.map((entry) => ({
    ...entry,
    actor: evil,
    peer: evil,
    action: evil,
    subject: evil,
    detail: evil,
  }));
  const name = JSON.stringify(`${markup} ${reordered}`);
  account.metrics = () => `apitoolkit_messages_received_total{source=${name}} 1\n`;
  const trace = { trace_id: '', span_id: '', severity: 9, timestamp: hostile.timestamp };
  const attributes = { [evil]: evil } as unknown as Record<string, never>;
  account.logs[hostile.id] = [{ ...trace, body: evil, attributes }];
  await logIn(page, server, '/start');
  const pages: [path: string, selector: string][] = [
    ['/redaction', '[aria-labelledby=rules-title] .list-table'],
    ['/redaction', '[aria-labelledby=sdks-title] .list-table'],
    ['/settings/project', '#project-title'],
    ['/settings/keys', '.list-table'],
    ['/settings/members', '.list-table'],
    ['/settings/dead-letters', '.list-table'],
    ['/settings/audit', '.list-table'],
    ['/settings/ingest', '.list-table'],
    [`/requests/${hostile.id}`, '.logs'],
  ];
  for (const [path, selector] of pages) {
    await page.goto(server.url + path);
    await expect(page.locator(selector)).toBeVisible();
    if (path !== '/settings/project') {
      await expect(page.locator(selector)).toContainText('<img src=x onerror=alert(1)>');
      await expect(page.locator(selector)).toContainText('RLO');
    }
    expect(await page.locator('#content img, #content script, #content iframe').count()).toBe(0);
    expect(await page.locator('#content').innerText()).not.toMatch(/[\u0000\u202e\u2066\u200b]/);
    await expectNoSidewaysScroll(page);
  }
  await page.goto(`${server.url}/settings/dead-letters`);
  await page.getByRole('button', { name: 'Look' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('NUL');
  expect(await dialog.locator('img, script').count()).toBe(0);
});

test('the shell command made of hostile text is one harmless word', () => {
  const words = [
    evil.replaceAll('\u0000', ''),
    '$(touch x)',
    "'; rm -rf ~; '",
    '-o',
    '\\',
    "\\'\n!",
  ];
  for (const word of words) {
    const script = `printf '%s' ${quoteForShell(word)}`;
    const environment = { ...process.env, LC_ALL: 'C.UTF-8' };
    const output = execFileSync('bash', ['-c', script], { encoding: 'utf8', env: environment });
    expect(output).toBe(word);
    expect(quoteForShell(word)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  }
});
