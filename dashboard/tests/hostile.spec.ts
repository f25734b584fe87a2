// An exchange whose every text is an attack is shown as text. The page fixture fails these tests on
// any console message, exception, dialog, or request to another host.
import { expect, expectNoSidewaysScroll, logIn, tableRows, test } from './fixtures';
import { quoteForShell } from '../src/format/curl';
import { execFileSync } from 'node:child_process';
import { makeExchange } from './seed';

const markup = '<img src=x onerror=alert(1)><script>alert(2)</script>';
const controls = 'a\u0000b\u001b[31mc\u0007\r\u0085\u2028d';
const reordered = '\u202egpj.exe\u202c \u2066\u200b\ufeff';
const evil = `${markup}${controls}${reordered}javascript:alert(3) "'\`\${alert(4)}`;
const huge = 'x'.repeat(1_000_000);

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
    await response.getByRole('button', { name: 'Show all (1.0 MB)' }).first().click();
    await expect(response.getByRole('button', { name: 'Show less' })).toBeVisible();
    await expectNoSidewaysScroll(page);
  });
}

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
