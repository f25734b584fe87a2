// An exchange as a curl command for a POSIX shell. Captured text is never a shell word: every
// argument is quoted, and what a terminal would act on is written as an escape.
import type { Exchange } from '../api/exchanges';

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const leftToClient = new Set(['host', 'content-length', 'transfer-encoding', 'connection']);

export function isToken(text: string): boolean {
  return token.test(text);
}

// The request's headers that a client is to send as they are: the others it makes itself.
export function forwardedHeaders(exchange: Exchange): [name: string, value: string][] {
  return Object.entries(exchange.request_headers).flatMap(([name, value]) => {
    if (!token.test(name) || leftToClient.has(name.toLowerCase())) return [];
    const values = Array.isArray(value) ? value : [value];
    return values.map((one): [string, string] => [name, one]);
  });
}

export function quoteForShell(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('-')) return text;
  // eslint-disable-next-line no-control-regex
  if (!/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/.test(text)) {
    return `'${text.replaceAll("'", `'\\''`)}'`;
  }
  const escaped = text.replace(
    // eslint-disable-next-line no-control-regex
    /[\\'\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => {
      if (character === '\\' || character === "'") return `\\${character}`;
      if (character === '\n') return '\\n';
      if (character === '\t') return '\\t';
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    },
  );
  return `$'${escaped}'`;
}

function firstHeader(exchange: Exchange, name: string): string {
  for (const [key, value] of Object.entries(exchange.request_headers)) {
    if (key.toLowerCase() === name) return Array.isArray(value) ? (value[0] ?? '') : value;
  }
  return '';
}

export function exchangeUrl(exchange: Exchange): string {
  const url = exchange.raw_url === '' ? exchange.url_path : exchange.raw_url;
  if (/^https?:\/\//i.test(url)) return url;
  const forwarded = firstHeader(exchange, 'x-forwarded-proto').toLowerCase();
  const port = /:(\d+)$/.exec(exchange.host)?.[1];
  // A call to a host without a port goes to a public service, and those speak TLS.
  const guess = port === '443' || (exchange.request_type === 'outgoing' && !port);
  const scheme = forwarded === 'https' || (forwarded !== 'http' && guess) ? 'https' : 'http';
  return `${scheme}://${exchange.host || 'localhost'}${url.startsWith('/') ? '' : '/'}${url}`;
}

// `body` is the text as it was sent.
export function curlCommand(exchange: Exchange, body: string | null): string {
  const url = exchangeUrl(exchange);
  const parts = [/[[\]{}]/.test(url) ? 'curl --globoff' : 'curl'];
  const method = token.test(exchange.method) ? exchange.method : 'GET';
  if (method === 'HEAD') parts.push('--head');
  else if (method !== 'GET' || body !== null) parts.push(`--request ${quoteForShell(method)}`);
  parts.push(`--url ${quoteForShell(url)}`);
  for (const [name, value] of forwardedHeaders(exchange)) {
    // curl drops a header without a value unless it ends in a semicolon.
    parts.push(`--header ${quoteForShell(value === '' ? `${name};` : `${name}: ${value}`)}`);
  }
  if (body !== null) parts.push(`--data-raw ${quoteForShell(body)}`);
  return parts.join(' \\\n  ');
}
