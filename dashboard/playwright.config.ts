import { defineConfig } from '@playwright/test';

// Debian's Chromium; nothing is downloaded. It talks to loopback only.
export const browser = {
  browserName: 'chromium' as const,
  headless: true,
  launchOptions: {
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  },
};

export default defineConfig({
  testDir: 'tests',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  // Generous: they end what hangs, and a machine that has much to do is no failure.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: { ...browser, viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
});
