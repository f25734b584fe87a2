import { expect, logIn, tableRows, test } from './fixtures';
import { seedExchanges } from './seed';

test('the right password opens what was asked for', async ({ page, server }) => {
  server.add(...seedExchanges(5));
  await logIn(page, server, '/requests?columns=path');
  await expect(page).toHaveURL(/\/requests\?columns=path$/);
  await expect(tableRows(page)).toHaveCount(6);
});

test('the root leads to the overview', async ({ page, server }) => {
  server.add(...seedExchanges(3));
  await logIn(page, server, '/');
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
});

test('a wrong password says so and keeps the name', async ({ page, server }) => {
  await page.goto(server.url);
  await page.getByLabel('Name').fill(server.user);
  await page.getByLabel('Password').fill('guess');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('That name and password do not match.');
  await expect(page.getByLabel('Name')).toHaveValue(server.user);
  await expect(page.getByLabel('Password')).toBeFocused();
});

test('a session that ends shows the log-in, and then the same page again', async ({
  page,
  server,
}) => {
  server.add(...seedExchanges(5));
  await logIn(page, server, '/requests?columns=path');
  await expect(tableRows(page)).toHaveCount(6);
  server.endSessions();
  await expect(page.getByText('Your session has expired')).toBeVisible();
  await page.getByLabel('Name').fill(server.user);
  await page.getByLabel('Password').fill(server.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(tableRows(page)).toHaveCount(6);
  await expect(page).toHaveURL(/columns=path/);
  server.add(...seedExchanges(1, Date.now() + 3_000));
  await expect(tableRows(page)).toHaveCount(7);
});

test('a reload keeps the session, and logging out ends it on the server', async ({
  page,
  server,
}) => {
  server.add(...seedExchanges(5));
  await logIn(page, server, '/requests?columns=path');
  await page.reload();
  await expect(tableRows(page)).toHaveCount(6);
  await page.getByRole('button', { name: 'Log out' }).click();
  await expect(page.getByLabel('Password')).toBeVisible();
  await expect(page.getByText('Your session has expired')).toHaveCount(0);
  await page.reload();
  await expect(page.getByLabel('Password')).toBeVisible();
});

test.describe('with the server away', () => {
  test.use({ allowedConsole: [/Failed to load resource/] });

  test('the first page says so and tries again', async ({ page, server }) => {
    server.mood = 'silent';
    await page.goto(server.url);
    await expect(page.getByRole('alert')).toContainText('The server does not answer');
    server.mood = 'well';
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByLabel('Password')).toBeVisible();
  });
});
