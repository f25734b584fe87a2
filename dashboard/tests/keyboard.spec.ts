import { expect, logIn, tableRows, test } from './fixtures';
import { seedExchanges } from './seed';

test('j, k, Enter and Escape walk through the list and back to the same row', async ({
  page,
  server,
}) => {
  server.add(...seedExchanges(60));
  await logIn(page, server, '/requests?query=request_type+%3D%3D+%22incoming%22');
  await expect(page.getByText(/^60 requests$/)).toBeVisible();
  for (let step = 0; step < 31; step += 1) await page.keyboard.press('j');
  await page.keyboard.press('k');
  const row = page.locator('.table-body [aria-rowindex="31"]');
  await expect(row).toHaveClass(/row-chosen/);
  await expect(row.locator('a')).toBeFocused();
  await expect(row).toBeInViewport();
  const id = await row.locator('a').getAttribute('data-id');

  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${server.url}/requests/${id}`);
  await expect(page.getByRole('region', { name: 'Response' })).toBeVisible();
  await page.keyboard.press('j');
  await expect(page).not.toHaveURL(`${server.url}/requests/${id}`);
  await page.keyboard.press('k');
  await expect(page).toHaveURL(`${server.url}/requests/${id}`);

  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/\/requests\?query=request_type/);
  await expect(page.locator(`[data-id="${id}"]`)).toBeFocused();
  await expect(page.locator(`[data-id="${id}"]`)).toBeInViewport();
});

test('/ goes to the query, where letters are letters; Escape leaves it', async ({
  page,
  server,
}) => {
  server.add(...seedExchanges(5));
  await logIn(page, server);
  const query = page.getByLabel('Query', { exact: true });
  await page.keyboard.press('/');
  await expect(query).toBeFocused();
  await page.keyboard.type('"jp?');
  await expect(query).toHaveValue('"jp?');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(query).not.toBeFocused();
});

test('g and a letter go to a page', async ({ page, server }) => {
  server.add(...seedExchanges(5));
  await logIn(page, server);
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await expect(page).toHaveURL(`${server.url}/requests`);
  await expect(tableRows(page)).toHaveCount(6);
});

test('? opens the help and Escape closes it', async ({ page, server }) => {
  await logIn(page, server);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('? right after closing opens the help again, before the browser has told that it closed', async ({
  page,
  server,
}) => {
  await logIn(page, server);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible();
  const isOpen = await page.evaluate(async () => {
    const dialog = document.querySelector('dialog')!;
    dialog.querySelector('button')!.click();
    while (dialog.open) await Promise.resolve(); // no task runs meanwhile, hence no event either
    const closed = new Promise((resolve) => dialog.addEventListener('close', resolve));
    document.dispatchEvent(new KeyboardEvent('keydown', { key: '?' }));
    await closed;
    await new Promise((resolve) => setTimeout(resolve));
    return dialog.open;
  });
  expect(isOpen).toBe(true);
});
