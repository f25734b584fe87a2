// An exchange as a Python program that sends it again. Captured text only ever stands in literals,
// and what a terminal or an editor would act on is written as an escape.
import type { Exchange } from '../api/exchanges';
import { exchangeUrl, forwardedHeaders, isToken } from './curl';

export function pythonString(text: string): string {
  let inner = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\\' || character === '"') inner += `\\${character}`;
    else if (character === '\n') inner += '\\n';
    else if (character === '\t') inner += '\\t';
    else if (code >= 0x20 && code < 0x7f) inner += character;
    else if (code <= 0xff) inner += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code <= 0xffff) inner += `\\u${code.toString(16).padStart(4, '0')}`;
    else inner += `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return `"${inner}"`;
}

// `body` is the text as it was sent.
export function pythonProgram(exchange: Exchange, body: string | null): string {
  const method = isToken(exchange.method) ? exchange.method : 'GET';
  const headers = forwardedHeaders(exchange);
  const lines = ['import requests', '', 'response = requests.request('];
  lines.push(`    ${pythonString(method)},`, `    ${pythonString(exchangeUrl(exchange))},`);
  if (headers.length > 0) {
    // One dictionary holds a name once: several values are one, with commas between.
    const values = new Map<string, string>();
    for (const [name, value] of headers) {
      const before = values.get(name);
      values.set(name, before === undefined ? value : `${before}, ${value}`);
    }
    lines.push('    headers={');
    for (const [name, value] of values) {
      lines.push(`        ${pythonString(name)}: ${pythonString(value)},`);
    }
    lines.push('    },');
  }
  if (body !== null) lines.push(`    data=${pythonString(body)}.encode(),`);
  lines.push('    timeout=30,', ')', 'print(response.status_code, response.text)', '');
  return lines.join('\n');
}
