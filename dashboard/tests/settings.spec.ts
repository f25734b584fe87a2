// The settings: what each page shows, does, asks before, and refuses by role.
import type { Page } from '@playwright/test';
import { copiedText, expect, logIn, test } from './fixtures';
import type { MockServer } from './mock_server';
import { makeExchange } from './seed';
import { seedAccount } from './seed_account';

test.beforeEach(({ server }) => {
  seedAccount(server.account);
  server.add(makeExchange());
});

test('a key is made, shown once, and revoked after a question', async ({ page, server }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await logIn(page, server, '/settings/keys');
  const keys = page.getByRole('region', { name: 'API keys' });
  await expect(keys.getByRole('row', { name: /shop, production/ })).toContainText('ingest');
  await keys.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog', { name: 'New key' });
  await expect(dialog.getByRole('button', { name: 'Make the key' })).toBeDisabled();
  await dialog.getByLabel('Name').fill('staging');
  await dialog.getByLabel(/^read/).check();
  await dialog.getByLabel('Requests a second').fill('50');
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  const shown = page.getByRole('dialog', { name: 'A new key' });
  const secret = await shown.getByLabel('The new key').inputValue();
  expect(secret).toMatch(/^atk_/);
  await shown.getByRole('button', { name: 'Copy key' }).click();
  await copiedText(page, secret);
  await shown.getByRole('button', { name: 'Done' }).click();
  const row = keys.getByRole('row', { name: /staging/ });
  await expect(row).toContainText('ingest, read');
  await expect(row).toContainText('50/s');
  expect(await page.content()).not.toContain(secret);

  await row.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('staging two');
  await page.getByRole('dialog').getByRole('button', { name: 'Change' }).click();
  await keys
    .getByRole('row', { name: /staging two/ })
    .getByRole('button', { name: 'Revoke' })
    .click();
  const question = page.getByRole('dialog', { name: 'Revoke this key?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(keys.getByRole('row', { name: /staging two/ })).not.toContainText('revoked');
  await keys
    .getByRole('row', { name: /staging two/ })
    .getByRole('button', { name: 'Revoke' })
    .click();
  await question.getByRole('button', { name: 'Revoke' }).click();
  await expect(keys.getByRole('row', { name: /staging two/ })).toContainText('revoked');
});

test.describe('members', () => {
  test.use({ allowedConsole: [/Failed to load resource: .* status of 40[019]/] });

  test('are added, given roles and removed; what is wrong stands where it is', async ({
    page,
    server,
  }) => {
    await logIn(page, server, '/settings/members');
    const members = page.getByRole('region', { name: 'Members' });
    await members.getByRole('button', { name: 'Add a member' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a member' });
    await dialog.getByLabel('Name', { exact: true }).fill('vera');
    await dialog.getByLabel('First password').fill('short');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await expect(dialog.getByText('expected 8 to 256 characters')).toBeVisible();
    await expect(dialog.getByLabel('First password')).toHaveAttribute('aria-invalid', 'true');
    await dialog.getByLabel('First password').fill('long enough');
    await dialog.getByLabel(/^viewer/).check();
    await dialog.getByRole('button', { name: 'Add' }).click();
    await expect(dialog).toHaveCount(0);
    await members.getByLabel('Role of vera').selectOption('admin');
    await expect.poll(() => server.account.users.at(-1)?.role).toBe('admin');
    await expect(members.getByLabel('Role of vera')).toHaveValue('admin');

    await members
      .getByRole('row', { name: /vera/ })
      .getByRole('button', { name: 'Remove' })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect(members.getByRole('row', { name: /vera/ })).toHaveCount(0);

    // The last owner stays one, and the page says why.
    await members.getByLabel('Role of ada').selectOption('viewer');
    const question = page.getByRole('dialog', { name: 'Change your own role?' });
    await question.getByRole('button', { name: 'Become viewer' }).click();
    await expect(question.getByRole('alert')).toContainText('there is always an owner');
  });
});

test.describe('dead letters', () => {
  test.use({ allowedConsole: [/Failed to load resource: .* status of 40[019]/] });

  test('are looked at, replayed and deleted, fifty at a time', async ({ page, server }) => {
    await logIn(page, server, '/settings/dead-letters');
    const letters = page.getByRole('region', { name: 'Dead letters' });
    await expect(letters.locator('tbody tr')).toHaveCount(50);
    await letters.getByRole('button', { name: 'Load older' }).click();
    await expect(letters.locator('tbody tr')).toHaveCount(60);
    await expect(letters.getByRole('button', { name: 'Load older' })).toHaveCount(0);

    await letters.getByRole('button', { name: 'Look' }).first().click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByLabel('The message as text')).toContainText('{"method": 7');
    await dialog.getByRole('button', { name: 'Hex' }).click();
    await expect(dialog.getByLabel('The message as bytes')).toContainText('00000000  7b 22 6d 65');
    await dialog.getByRole('button', { name: 'Close' }).click();

    await letters.getByRole('button', { name: 'Replay' }).nth(0).click();
    await expect(letters.locator('tbody tr')).toHaveCount(59);
    await letters.getByRole('button', { name: 'Replay' }).nth(0).click();
    await expect(letters.getByRole('alert')).toContainText('still');
    await letters.getByRole('button', { name: 'Delete' }).nth(0).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await expect(letters.locator('tbody tr')).toHaveCount(58);
  });
});

test('the audit log is loaded a page at a time', async ({ page, server }) => {
  await logIn(page, server, '/settings/audit');
  const audit = page.getByRole('region', { name: 'Audit log of the whole server' });
  await expect(audit.locator('tbody tr')).toHaveCount(100);
  await expect(audit.locator('tbody tr').first()).toContainText('key.create');
  await audit.getByRole('button', { name: 'Load older' }).click();
  await expect(audit.locator('tbody tr')).toHaveCount(130);
});

test('storage and ingest show the server’s own figures', async ({ page, server }) => {
  await logIn(page, server, '/settings/storage');
  await expect(page.getByRole('region', { name: 'In this project' })).toContainText('Exchanges1');
  await expect(page.getByRole('region', { name: /^On the disk/ })).toContainText('1.2 GB');
  const retention = page.getByRole('region', { name: 'Retention' });
  await expect(retention).toContainText('Kept for14 days');
  await expect(retention).toContainText('Together at most20.0 GB');
  await page.getByRole('link', { name: 'Ingest health' }).click();
  const facts = page.getByRole('region', { name: /^Since the server started/ });
  await expect(facts).toContainText('Duplicates12');
  const doors = page.getByRole('region', { name: 'By door' });
  const row = doors.getByRole('row', { name: /pubsub_rest/ });
  await expect(row).toContainText('queue_full 3');
  // Ten more with every reading, of which there is at most one in two seconds.
  await expect(facts).toContainText(/Received a second[1-5]\.\d/);
});

test('the project is renamed, and the navigation knows it', async ({ page, server }) => {
  await logIn(page, server, '/settings');
  await page.getByLabel('Name', { exact: true }).fill('coffee-shop');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByRole('button', { name: 'coffee-shop' })).toBeVisible();
});

test('the project is deleted after its name was typed', async ({ page, server }) => {
  await logIn(page, server, '/settings/project');
  await page.getByRole('button', { name: 'Delete the project…' }).click();
  const question = page.getByRole('dialog', { name: 'Delete the project?' });
  const button = question.getByRole('button', { name: 'Delete everything' });
  await expect(button).toBeDisabled();
  await question.getByLabel('Its name, to be sure').fill('tea');
  await expect(button).toBeDisabled();
  await question.getByLabel('Its name, to be sure').fill('tea-shop');
  await button.click();
  await expect(page).toHaveURL(`${server.url}/`);
  expect(server.account.deleted).toBe(true);
});

test.describe('without permission', () => {
  test.use({ allowedConsole: [/Failed to load resource: .* status of 40[13]/] });

  const states: [path: string, title: string][] = [
    ['keys', 'API keys'],
    ['members', 'Members'],
    ['audit', 'Audit log'],
  ];
  for (const [path, title] of states) {
    test(`${path} says so`, async ({ page, server }) => {
      server.account.role = 'viewer';
      await logIn(page, server, `/settings/${path}`);
      const panel = page.getByRole('region', { name: title });
      await expect(panel).toContainText('No permission');
      await expect(panel).toContainText('viewer');
      await expect(panel.getByRole('button')).toHaveCount(0);
    });
  }

  test('a viewer renames nothing and deletes nothing', async ({ page, server }) => {
    server.account.role = 'viewer';
    await logIn(page, server, '/settings/project');
    await expect(page.getByText('An admin of the project may rename it.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Rename' })).toHaveCount(0);
    await page.goto(`${server.url}/settings/dead-letters`);
    await expect(page.getByRole('button', { name: 'Look' }).first()).toBeVisible();
    await expect(page.getByRole('button', { name: 'Delete' })).toHaveCount(0);
    await page.goto(`${server.url}/redaction`);
    await expect(page.getByRole('region', { name: 'Rules' })).toContainText('$.user.password');
    await expect(page.getByRole('button', { name: 'New rule' })).toHaveCount(0);
    await expect(page.getByText('Members of the project may try rules')).toBeVisible();
  });
});

test.describe('where the server fails', () => {
  test.use({ allowedConsole: [/Failed to load resource/] });

  async function failsAndRecovers(page: Page, server: MockServer, path: string, title: RegExp) {
    server.mood = 'failing';
    await page.getByRole('link', { name: path }).click();
    const panel = page.getByRole('region', { name: title }).first();
    await expect(panel.getByRole('alert')).toContainText('The store is away.');
    server.mood = 'well';
    await panel.getByRole('button', { name: 'Try again' }).click();
    await expect(panel.getByRole('alert')).toHaveCount(0);
  }

  test('each page says so and is loaded again', async ({ page, server }) => {
    await logIn(page, server, '/settings/project');
    await expect(page.getByLabel('Name', { exact: true })).toBeVisible();
    await failsAndRecovers(page, server, 'Keys', /API keys/);
    await failsAndRecovers(page, server, 'Members', /Members/);
    await failsAndRecovers(page, server, 'Retention and disk', /In this project/);
    await failsAndRecovers(page, server, 'Dead letters', /Dead letters/);
    await failsAndRecovers(page, server, 'Audit log', /Audit log/);
    await failsAndRecovers(page, server, 'Redaction', /Rules/);
  });
});

test('pages that have nothing say so', async ({ page, server }) => {
  Object.assign(server.account, { keys: [], rules: [], letters: [], audit: [] });
  await logIn(page, server, '/settings/keys');
  await expect(page.getByText('There is no key yet.')).toBeVisible();
  await page.getByRole('link', { name: 'Dead letters' }).click();
  await expect(page.getByText('None: every message that came in could be read.')).toBeVisible();
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByText('Nothing was changed yet.')).toBeVisible();
  await page.getByRole('link', { name: 'Redaction' }).click();
  await expect(page.getByText('There is no rule yet.')).toBeVisible();
});

test('an address below the settings that means nothing says so', async ({ page, server }) => {
  await logIn(page, server, '/settings/nothing');
  await expect(page.getByText('There is no such page')).toBeVisible();
});
