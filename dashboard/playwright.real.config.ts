import { defineConfig } from '@playwright/test';
import { browser } from './playwright.config';

export default defineConfig({
  testDir: 'tests',
  testMatch: 'real_*.ts',
  outputDir: 'test-results',
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: { ...browser, viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
});
