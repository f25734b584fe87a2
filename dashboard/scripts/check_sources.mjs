// What neither the compiler nor the formatter sees: captured content is hostile, so nothing may turn
// text into markup or code; the page talks to its own server only; the lock file names no host.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lines_max = 500;
const columns_max = 100;
const problems = [];

const forbidden = [
  [
    /dangerouslySetInnerHTML|\b(inner|outer)HTML\b|insertAdjacentHTML|\bsrcdoc\b/,
    'turns text into markup',
  ],
  [/document\.write|DOMParser|createContextualFragment/, 'turns text into markup'],
  [/\beval\s*\(|new Function\b|set(Timeout|Interval)\(\s*['"`]/, 'turns text into code'],
  [/\bstyle="/, 'an inline style, which the content security policy refuses'],
  [
    /\bcssText\b|setAttribute\(\s*['"]style/,
    'an inline style, which the content security policy refuses',
  ],
  [/@ts-ignore|@ts-nocheck|\bas any\b|: any\b/, 'switches the type checker off'],
  [/TODO|FIXME/, 'unfinished work'],
];
const only_in_api = [
  [/\bfetch\s*\(|XMLHttpRequest|EventSource|sendBeacon|WebSocket/, 'fetches outside src/api'],
];

async function* files_in(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files_in(path);
    else yield path;
  }
}

for await (const path of files_in(join(root, 'src'))) {
  const name = relative(root, path);
  if (name === join('src', 'api', 'types.ts')) continue;
  const lines = (await readFile(path, 'utf8')).split('\n');
  if (lines.length > lines_max) problems.push(`${name}: ${lines.length} lines, over ${lines_max}`);
  const rules = name.startsWith(join('src', 'api')) ? forbidden : [...forbidden, ...only_in_api];
  lines.forEach((line, index) => {
    if (line.length > columns_max && !path.endsWith('.html')) {
      problems.push(`${name}:${index + 1}: over ${columns_max} columns`);
    }
    for (const [pattern, why] of rules) {
      if (pattern.test(line)) problems.push(`${name}:${index + 1}: ${why}: ${line.trim()}`);
    }
    const url = /\bhttps?:\/\/[^\s'"`)]+/.exec(line);
    // The namespace of SVG is a name, not an address that a browser would fetch.
    if (url && !url[0].startsWith('http://www.w3.org/') && !url[0].includes('${')) {
      problems.push(`${name}:${index + 1}: names another host: ${url[0]}`);
    }
  });
}

const page = await readFile(join(root, 'src/index.html'), 'utf8');
if (/<script(?![^>]*\bsrc=)|<style|\son[a-z]+=/i.test(page)) {
  problems.push('src/index.html: an inline script, style or handler');
}
const lock = await readFile(join(root, 'package-lock.json'), 'utf8');
if (lock.includes('"resolved"')) problems.push('package-lock.json: names a download host');
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
for (const group of ['dependencies', 'devDependencies']) {
  for (const [name, version] of Object.entries(manifest[group])) {
    if (!/^\d+\.\d+\.\d+$/.test(version))
      problems.push(`package.json: ${name} is not pinned: ${version}`);
  }
}

if (problems.length > 0) {
  console.error(problems.join('\n'));
  console.error(`check_sources: ${problems.length} problem(s)`);
  process.exit(1);
}
console.log('check_sources: ok');
