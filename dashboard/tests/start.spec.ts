// A project without traffic: a key, the lines to copy, and the first exchange that arrives by itself.
import { copiedText, expect, logIn, settled, test } from './fixtures';
import { makeExchange } from './seed';
import { snippets } from '../src/format/snippets';

test('a key is made here and stands in the lines of every SDK', async ({ page, server }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await logIn(page, server, '/');
  await expect(page.getByText('Waiting for the first request')).toBeVisible();
  const lines = page.getByLabel('The lines to add');
  await expect(lines).toContainText('api_key="<API_KEY>"');
  const place = async () => {
    const box = await page.getByRole('heading', { name: 'A request' }).boundingBox();
    return box!.y;
  };
  await page.getByRole('button', { name: 'Make a key' }).click();
  const secret = await page.getByLabel('The new key').inputValue();
  expect(server.account.keys).toMatchObject([{ name: 'first steps', scopes: ['ingest'] }]);
  const top = await settled(place);
  for (const { name } of snippets) {
    await page.getByRole('button', { name, exact: true }).click();
    await expect(lines).toContainText(secret);
    await expect(lines).toContainText(server.url);
    await expect.poll(place).toBe(top);
  }
  await page.getByRole('button', { name: 'Flask', exact: true }).click();
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  const copied = await copiedText(page, /APIToolkit\(app/);
  expect(copied).toContain(`APIToolkit(app, api_key="${secret}", root_url="${server.url}")`);
});

test('the overview takes its place when the first exchange arrives', async ({ page, server }) => {
  await logIn(page, server, '/');
  await expect(page.getByText('Waiting for the first request')).toBeVisible();
  server.add(makeExchange());
  await expect(page.getByText('Waiting for the first request')).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
});

test('who may not make keys is told who can', async ({ page, server }) => {
  server.account.role = 'member';
  await logIn(page, server, '/start');
  await expect(page.getByText('An admin of the project makes a key for you')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Make a key' })).toHaveCount(0);
});
