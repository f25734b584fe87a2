// The rules: listed, tried, made, changed, deleted.
import { expect, logIn, test } from './fixtures';
import { makeExchange } from './seed';
import { seedAccount } from './seed_account';

test.use({ allowedConsole: [/Failed to load resource: .* status of 40[01]/] });

test.beforeEach(({ server }) => {
  seedAccount(server.account);
  server.add(makeExchange());
});

test('rules say what they mask, where, and why', async ({ page, server }) => {
  await logIn(page, server, '/redaction');
  const rules = page.getByRole('region', { name: 'Rules' });
  const first = rules.getByRole('row', { name: /^\$\.user\.password/ });
  await expect(first).toContainText('Request body');
  await expect(first).toContainText('everywhere');
  await expect(first).toContainText('log-in and sign-up');
  const second = rules.getByRole('row', { name: /customer\.email/ });
  await expect(second).toContainText('GET /shops/{shop}/orders');
});

test('which SDKs have taken a rule up', async ({ page, server }) => {
  await logIn(page, server, '/redaction');
  const rules = page.getByRole('region', { name: 'Rules' });
  const session = rules.getByRole('row', { name: /^X-Session/ });
  await expect(session).toContainText('apitoolkit-flask/0.3.0');
  await expect(session).toContainText('not yet apitoolkit-flask/0.2.1');
  await expect(rules.getByRole('row', { name: /customer\.email/ })).toContainText('the server');
  const sdks = page.getByRole('region', { name: 'SDKs that have asked' });
  await expect(sdks.getByRole('row', { name: /0\.3\.0/ })).toContainText('2 of 2 rules');
  await expect(sdks.getByRole('row', { name: /0\.2\.1/ })).toContainText('1 of 2 rules');
  await expect(sdks.getByRole('row', { name: /JsExpress/ })).toContainText('it gets none');
});

test('a pasted body shows what the rules make of it, while it is typed', async ({
  page,
  server,
}) => {
  await logIn(page, server, '/redaction');
  const preview = page.getByRole('region', { name: 'Preview' });
  await expect(preview).toContainText('request_body $.user.password');
  await expect(preview.locator('.mask')).toHaveCount(1);
  await page
    .getByLabel('A body; nothing of it is stored')
    .fill('{"user": {"name": "<b>Ada</b>", "password": "x"}, "other": {"password": "y"}}');
  await expect(preview).toContainText('<b>Ada</b>');
  await expect(preview.getByRole('treeitem', { name: /^password/ })).toHaveCount(2);
  await expect(preview.getByRole('treeitem', { name: /^password/ }).last()).toContainText('y');
  await page.getByLabel('A body; nothing of it is stored').fill('no JSON');
  await expect(preview).toContainText('It masks nothing here');
});

test('a form that is sent twice makes one rule', async ({ page, server }) => {
  await logIn(page, server, '/redaction');
  await page.getByRole('button', { name: 'New rule' }).click();
  const dialog = page.getByRole('dialog', { name: 'New rule' });
  await dialog.getByLabel('JSONPath').fill('$.cards[*].cvv');
  await dialog.locator('form').evaluate((form: HTMLFormElement) => {
    form.requestSubmit();
    form.requestSubmit();
  });
  await expect(dialog).toHaveCount(0);
  await expect(
    page.getByRole('region', { name: 'Rules' }).getByRole('row', { name: /cvv/ }),
  ).toHaveCount(1);
});

test('a rule is written with a preview, and what is wrong with it stands at its field', async ({
  page,
  server,
}) => {
  await logIn(page, server, '/redaction');
  await page.getByRole('button', { name: 'New rule' }).click();
  const dialog = page.getByRole('dialog', { name: 'New rule' });
  const path = dialog.getByLabel('JSONPath');
  await path.fill('$.cards[');
  await expect(dialog.getByText('"$.cards[": expected a selector at column 9')).toBeVisible();
  await expect(path).toHaveAttribute('aria-invalid', 'true');
  await path.fill('$.cards[*].cvv');
  await expect(dialog.getByRole('region', { name: 'Preview' })).toContainText('$.cards[0].cvv');
  await dialog.getByLabel('Note').fill('PCI');
  await dialog.getByRole('button', { name: 'Redact from now on' }).click();
  const rules = page.getByRole('region', { name: 'Rules' });
  const row = rules.getByRole('row', { name: /cvv/ });
  await expect(row).toContainText('PCI');

  await row.getByRole('button', { name: 'Change' }).click();
  const change = page.getByRole('dialog', { name: 'Change a rule' });
  await change.getByLabel('Mask', { exact: true }).selectOption('Values of a kind');
  await change.getByLabel('Kind').selectOption('jwt');
  await change.getByRole('button', { name: 'Change' }).click();
  await expect(rules.getByRole('row', { name: /^jwt/ })).toContainText('Values of a kind');
  expect(server.account.rules.at(-1)).toMatchObject({ kind: 'scrub', value: 'jwt', note: 'PCI' });

  await rules.getByRole('row', { name: /^jwt/ }).getByRole('button', { name: 'Delete' }).click();
  const question = page.getByRole('dialog', { name: 'Delete this rule?' });
  await expect(question).toContainText('What was masked stays masked.');
  await question.getByRole('button', { name: 'Delete' }).click();
  await expect(rules.getByRole('row', { name: /^jwt/ })).toHaveCount(0);
});
