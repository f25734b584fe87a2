// What every test gets: a server of its own, and a page that fails the test when the console shows an
// error, a script throws, or anything asks another host.
import { expect, test as base, type Locator, type Page } from '@playwright/test';
import { fileURLToPath } from 'node:url';
import { MockServer } from './mock_server';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

interface Fixtures {
  server: MockServer;
  // Console messages that a test brings about on purpose.
  allowedConsole: RegExp[];
}

export const test = base.extend<Fixtures>({
  allowedConsole: async ({}, use) => {
    // The browser itself reports each answer that is not 2xx; the first 401 asks for the log-in.
    await use([/Failed to load resource: the server responded with a status of 401/]);
  },
  server: async ({}, use) => {
    const server = await MockServer.start({ dist });
    await use(server);
    await server.stop();
  },
  page: async ({ page, server, allowedConsole }, use) => {
    const problems: string[] = [];
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      if (!allowedConsole.some((allowed) => allowed.test(text))) problems.push(text);
    });
    page.on('pageerror', (error) => problems.push(`threw: ${error.message}`));
    page.on('dialog', (dialog) => {
      problems.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const url = request.url();
      const own = url.startsWith(server.url) || url.startsWith('data:');
      if (!own) problems.push(`asked another host: ${url}`);
    });
    await use(page);
    expect(problems).toEqual([]);
  },
});

export { expect };

export async function logIn(page: Page, server: MockServer, path = '/requests'): Promise<void> {
  await page.goto(server.url + path);
  await page.getByLabel('Name').fill(server.user);
  await page.getByLabel('Password').fill(server.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('button', { name: 'Log out' })).toBeVisible();
}

// Stops the page's timers, so that what is shown for a moment only can be looked at for as long as it takes;
// `page.clock.runFor` goes on. Needs `page.clock.install()` before the page was opened.
export async function stopTime(page: Page): Promise<void> {
  // Of the page's own clock, and far enough ahead that it is not past when the browser gets it; less
  // than the 20 seconds after which a call that is under way would be given up.
  const now = await page.evaluate(() => Date.now());
  await page.clock.pauseAt(now + 10_000);
}

// Lets stopped time go on, a little at a time, until something holds: `holds` is an expectation that
// does not wait. A fetch takes real time, so that no single step is sure to be enough.
export async function runUntil(page: Page, holds: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.clock.runFor(500);
    await holds();
  }).toPass({ intervals: [50] });
}

// What `read` gives as soon as it gives the same twice: what is drawn in several steps, or moves
// because something beside it has come, is not looked at half-way.
export async function settled<T>(read: () => Promise<T>): Promise<T> {
  let last = await read();
  await expect(async () => {
    const before = JSON.stringify(last);
    last = await read();
    expect(JSON.stringify(last)).toBe(before);
  }).toPass({ intervals: [100] });
  return last;
}

export async function boxOf(locator: Locator) {
  const box = await settled(() => locator.boundingBox());
  expect(box).not.toBeNull();
  return box!;
}

// The text that was copied, once it is there: the button says so for a moment only, which a machine
// that has much to do may miss.
export async function copiedText(page: Page, holds: string | RegExp): Promise<string> {
  const read = () => page.evaluate(() => navigator.clipboard.readText());
  if (typeof holds === 'string') await expect.poll(read).toBe(holds);
  else await expect.poll(read).toMatch(holds);
  return read();
}

export function tableRows(page: Page) {
  return page.locator('.table-body .row');
}

export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate(() =>
    ['html', '#content', '.list-area', 'nav[aria-label=Pages]']
      .map((selector) => document.querySelector(selector))
      .filter((element) => element !== null && element.scrollWidth > element.clientWidth)
      .map((element) => element?.className ?? ''),
  );
  expect(overflow).toEqual([]);
}
