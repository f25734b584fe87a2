// Serves the dashboard with the tests' mock server, which makes a new exchange every few seconds.
// The mock is TypeScript, and Node 18 does not read that: esbuild bundles it first.
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await import('./build.mjs');

const folder = await mkdtemp(join(tmpdir(), 'apitoolkit-dashboard-'));
const bundle = join(folder, 'mock_server.mjs');
await build({
  absWorkingDir: root,
  entryPoints: ['tests/mock_server.ts'],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node18',
});
const { MockServer } = await import(pathToFileURL(bundle).href);
await rm(folder, { recursive: true });

const server = await MockServer.start({ dist: join(root, 'dist') });
setInterval(() => server.addRandomExchange(), 3000);
console.log(`${server.url}  (user ${server.user}, password ${server.password})`);
