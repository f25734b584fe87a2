// How long each page takes from the click to the pixels, in Chromium against a running server:
//   node scripts/measure_pages.mjs URL USER PASSWORD
// prints an object of names and the milliseconds of each round. A page is there when nothing of it is
// still being loaded, and two frames have been drawn since.
import { chromium } from '@playwright/test';

const [url, user, password] = process.argv.slice(2);
const rounds = Number(process.env.ROUNDS ?? 9);
const answerMillisecondsMax = 10_000;

// Name, where the click happens, what is clicked, what is there afterwards.
const pages = [
  ['overview_1h', '/settings/project', 'nav[aria-label=Pages] a[href="/"]', '.overview canvas'],
  [
    'overview_14d',
    '/settings/project?since=-14d',
    'nav[aria-label=Pages] a[href^="/?"]',
    '.overview canvas',
  ],
  [
    'requests_1h',
    '/settings/project',
    'nav[aria-label=Pages] a[href^="/requests"]',
    '.table-body .row',
  ],
  [
    'requests_14d',
    '/settings/project?since=-14d',
    'nav[aria-label=Pages] a[href^="/requests"]',
    '.table-body .row',
  ],
  [
    'request',
    '/requests?since=-14d',
    '.table-body .row a[href^="/requests/"]',
    '[aria-labelledby=response-title] .body',
  ],
  [
    'redaction',
    '/settings/project',
    'nav[aria-label=Pages] a[href^="/redaction"]',
    '[aria-labelledby=rules-title] .panel-body',
  ],
  [
    'settings_project',
    '/redaction',
    'nav[aria-label=Pages] a[href^="/settings"]',
    '[aria-labelledby=project-title] form',
  ],
  ...['keys', 'members', 'storage', 'dead-letters', 'audit', 'ingest'].map((part) => [
    `settings_${part.replace('-', '_')}`,
    '/settings/project',
    `.settings-nav a[href="/settings/${part}"]`,
    '.settings-page .panel-body > :not(.panel-skeleton)',
  ]),
];

// Runs in the page.
function clickAndWait({ click, there, max }) {
  const loading = '.panel-skeleton, .detail-skeleton, #content [aria-busy="true"]';
  const isThere = () =>
    document.querySelector(there) !== null && document.querySelector(loading) === null;
  const link = document.querySelector(click);
  if (!link) throw new Error(`nothing to click: ${click}`);
  const begin = performance.now();
  link.click();
  return new Promise((resolve, reject) => {
    const look = () => {
      if (performance.now() - begin > max) reject(new Error(`${there} did not come`));
      else if (isThere()) requestAnimationFrame(() => resolve(performance.now() - begin));
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
await page.goto(`${url}/settings/project`);
await page.getByLabel('Name').fill(user);
await page.getByLabel('Password').fill(password);
await page.getByRole('button', { name: 'Log in' }).click();
await page.locator('#project-title').waitFor();

const found = {};
for (const [name, from, click, there] of pages) {
  found[name] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      await page.goto(url + from);
      await page.locator(click).first().waitFor();
      // A page that listens to the tail is never quiet.
      await page.waitForLoadState('networkidle', { timeout: 1_000 }).catch(() => undefined);
      const took = await page.evaluate(clickAndWait, { click, there, max: answerMillisecondsMax });
      // The first is for what both sides have to warm up.
      if (round > 0) found[name].push(took);
    }
  } catch (error) {
    found[name] = String(error.message ?? error).split('\n')[0];
  }
  console.error(`  ${name}: ${JSON.stringify(found[name])}`);
}
await browser.close();
console.log(JSON.stringify(found));
