import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from './fixtures';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const script_bytes_max = 120_000;

test('the script stays within its budget', () => {
  const scripts = readdirSync(dist).filter((name) => name.endsWith('.js'));
  expect(scripts).toHaveLength(1);
  const compressed = gzipSync(readFileSync(dist + scripts[0]), { level: 9 }).length;
  expect(compressed).toBeLessThan(script_bytes_max);
});

test('the page has no inline script, style or handler and names its own files only', () => {
  const page = readFileSync(`${dist}index.html`, 'utf8');
  expect(page).not.toMatch(/<script(?![^>]*\bsrc="\/app-[0-9a-f]+\.js")/);
  expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
  expect(page.match(/(?:href|src)="(?!data:|\/app-)/g)).toBeNull();
});
