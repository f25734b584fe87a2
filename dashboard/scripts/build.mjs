// Bundles src/ into dist/: index.html, and one script and one stylesheet whose names carry a hash of
// their content, so that the server may let browsers keep them for a year.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

const result = await build({
  absWorkingDir: root,
  entryPoints: { app: 'src/main.tsx' },
  outdir: dist,
  bundle: true,
  minify: true,
  write: false,
  format: 'esm',
  target: ['es2022', 'chrome109', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  logLevel: 'warning',
});

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

const names = {};
for (const file of result.outputFiles) {
  const extension = file.path.endsWith('.css') ? 'css' : 'js';
  const hash = createHash('sha256').update(file.contents).digest('hex').slice(0, 12);
  names[extension] = `app-${hash}.${extension}`;
  await writeFile(join(dist, names[extension]), file.contents);
  const gzipped = gzipSync(file.contents, { level: 9 }).length;
  console.log(`dist/${names[extension]}  ${file.contents.length} bytes, ${gzipped} gzipped`);
}
if (!names.js || !names.css) throw new Error('the bundle lacks its script or its stylesheet');

const page = (await readFile(join(root, 'src/index.html'), 'utf8'))
  .replace('%SCRIPT%', `/${names.js}`)
  .replace('%STYLE%', `/${names.css}`);
await writeFile(join(dist, 'index.html'), page);
console.log('dist/index.html');
