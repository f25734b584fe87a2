// From the log-in to a rule and back with the keyboard alone, on every page of the settings.
import type { Locator, Page } from '@playwright/test';
import { expect, logIn, test } from './fixtures';
import { failingOrder } from './seed';
import { seedAccount } from './seed_account';

// Presses Tab until something has the focus; fails if it never does.
async function tabTo(page: Page, wanted: Locator) {
  await expect(wanted).toBeVisible();
  for (let presses = 0; presses < 120; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(wanted).toBeFocused();
}

test('a value of a request is redacted without a mouse', async ({ page, server }) => {
  const { order } = failingOrder(Date.now() - 90_000);
  server.add(order);
  await logIn(page, server, `/requests/${order.id}`);
  const tree = page.getByRole('tree', { name: "The request's body" });
  await expect(tree).toBeVisible();
  await page.getByRole('button', { name: 'Share…' }).focus();
  for (let presses = 0; presses < 120; presses += 1) {
    await page.keyboard.press('Tab');
    if (await tree.evaluate((element) => element.contains(document.activeElement))) break;
  }
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowLeft'); // folds the customer
  await expect(tree.getByRole('treeitem', { name: /^email/ })).toHaveCount(0);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(tree.getByRole('treeitem', { name: /^email/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Redact this from now on' });
  await expect(dialog).toBeVisible();
  await tabTo(page, dialog.getByRole('button', { name: 'Redact from now on' }));
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('status')).toContainText('is masked');
  await tabTo(page, dialog.getByRole('button', { name: 'Done' }));
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  expect(server.account.rules).toMatchObject([{ value: '$.customer.email' }]);
});

test('the settings are reached, and a key revoked, without a mouse', async ({ page, server }) => {
  seedAccount(server.account);
  await logIn(page, server, '/redaction');
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await expect(page).toHaveURL(/\/settings$/);
  await tabTo(page, page.getByRole('link', { name: 'Keys', exact: true }));
  await page.keyboard.press('Enter');
  const revoke = page.getByRole('region', { name: 'API keys' }).getByRole('button', {
    name: 'Revoke',
  });
  await tabTo(page, revoke.first());
  await page.keyboard.press('Enter');
  const question = page.getByRole('dialog', { name: 'Revoke this key?' });
  await expect(question).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  // The focus is where it was.
  await expect(revoke.first()).toBeFocused();
  await page.keyboard.press('Enter');
  await tabTo(page, question.getByRole('button', { name: 'Revoke' }));
  await page.keyboard.press('Enter');
  await expect(question).toHaveCount(0);
  await expect(page.getByRole('row', { name: /shop, production/ })).toContainText('revoked');
});
