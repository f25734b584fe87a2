// A small server that answers as wire/api.json says, out of memory. It also serves dist/, with the
// headers that the real server sends.
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { MockAccount, type Reply } from './mock_account';
import { overviewOf } from './mock_overview';
import { answerOf, conditionOf, fieldNames, QueryError, valueByPath } from './mock_query';
import { splitNames } from '../src/query/paths';
import { ordinaryExchange, RawJson, type Exchange } from './seed';

// `silent`: connections are closed without an answer. `failing`: 503 to every call of the interface.
export type Mood = 'well' | 'silent' | 'failing';

interface Answer {
  status: number;
  body?: string;
  headers?: Record<string, string>;
}

interface Listener {
  response: ServerResponse;
  told: (exchange: Exchange) => void;
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly pointer?: string,
    readonly more: Record<string, unknown> = {},
  ) {
    super(detail);
  }
}

function tokenOf(request: IncomingMessage): string {
  return /apitoolkit_session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
}

function queryRefusal({ message, position, width, suggestion }: QueryError): Refusal {
  const more = { position, width, ...(suggestion === '' ? {} : { suggestion }) };
  return new Refusal(400, message, 'query', more);
}

const parametersOfList = new Set(
  (
    'query query_id format since until status status_code method url_path kind parent_id fields ' +
    'values limit cursor'
  ).split(' '),
);
const relativeUnits: Record<string, number> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

function readTime(text: string, name: string): number {
  const relative = /^-(\d+)([smhd])$/.exec(text);
  if (relative) return Date.now() - Number(relative[1]) * relativeUnits[relative[2]!]!;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new Refusal(400, 'expected a time', name);
  return time;
}

function statusMatches(wanted: string, code: number): boolean {
  if (/^[1-5]xx$/.test(wanted)) return Math.floor(code / 100) === Number(wanted[0]);
  if (/^\d{3}$/.test(wanted)) return code === Number(wanted);
  throw new Refusal(400, 'expected a code (404) or a class (5xx)', 'status');
}

function writeObject(value: Record<string, unknown>): string {
  const members = Object.entries(value).map(([name, member]) => {
    const text = member instanceof RawJson ? member.source : JSON.stringify(member);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${members.join(',')}}`;
}

function valuesOf(exchange: Exchange, paths: string): { values?: (string | null)[] } {
  if (paths === '') return {};
  return { values: splitNames(paths).map((path) => valueByPath(exchange, path)) };
}

export class MockServer {
  readonly user = 'ada';
  readonly password = 'correct horse battery staple';
  url = '';
  mood: Mood = 'well';
  // Path and query of every call of the interface, in order.
  readonly calls: string[] = [];

  readonly account = new MockAccount();

  private exchanges: Exchange[] = [];
  // The text of every query that was run, in order.
  readonly queries: string[] = [];
  queriesMax = 3;
  private running = 0;
  private queryGate: Promise<void> = Promise.resolve();
  // Of the searches that are held back: by the name that the page gave, how many exchanges each has
  // looked at.
  private searches = new Set<string>();
  looked = 0;
  private listeners = new Set<Listener>();
  private refusals = new Map<string, Refusal>();
  private gate: Promise<void> = Promise.resolve();
  private sessions = new Map<string, string>();
  private server: Server | null = null;
  private made = 10_000;

  private constructor(private readonly dist: string) {}

  static async start(options: { dist: string }): Promise<MockServer> {
    const mock = new MockServer(options.dist);
    const server = createServer((request, response) => void mock.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    mock.server = server;
    mock.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return mock;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  add(...exchanges: Exchange[]): void {
    this.exchanges = this.exchanges.concat(exchanges);
    this.exchanges.sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp));
    for (const { told } of this.listeners) exchanges.forEach(told);
  }

  clear(): void {
    this.exchanges = [];
  }

  addRandomExchange(): Exchange {
    this.made += 1;
    const exchange = ordinaryExchange(this.made, new Date().toISOString());
    this.add(exchange);
    return exchange;
  }

  // No call is answered until the function that this returns is called.
  hold(): () => void {
    let release = (): void => undefined;
    this.gate = new Promise((resolve) => (release = resolve));
    return release;
  }

  // Every call of one route is answered so, until `allow` is called.
  refuse(path: string, status: number, detail: string): void {
    this.refusals.set(path, new Refusal(status, detail));
  }

  allow(path: string): void {
    this.refusals.delete(path);
  }

  endSessions(): void {
    this.sessions.clear();
    for (const { response } of this.listeners) response.end();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://mock');
    const call = url.pathname.startsWith('/api/');
    if (url.pathname === '/metrics') {
      response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' });
      response.end(this.account.metrics());
      return;
    }
    if (call) this.calls.push(url.pathname + url.search);
    if (call) await this.gate;
    if (call && this.mood === 'silent') {
      request.socket.destroy();
      return;
    }
    let answer: Answer;
    if (url.pathname === '/api/v1/tail' && this.mood === 'well' && this.csrfOf(request)) {
      this.tail(request, response, url.searchParams);
      return;
    }
    try {
      if (call && this.mood === 'failing') throw new Refusal(503, 'The store is away.');
      answer = call ? await this.callOf(request, url) : await this.fileOf(url.pathname);
    } catch (problem) {
      // The browser has let go of its call, and nobody waits for an answer.
      if (request.socket.destroyed) return;
      const error = problem instanceof QueryError ? queryRefusal(problem) : problem;
      if (!(error instanceof Refusal)) throw error;
      const { status, message: detail, pointer } = error;
      answer = {
        status,
        body: JSON.stringify({
          type: 'about:blank',
          title: STATUS_CODES[status],
          status,
          detail,
          pointer,
          ...error.more,
        }),
        headers: { 'Content-Type': 'application/problem+json' },
      };
    }
    response.writeHead(answer.status, { 'Cache-Control': 'no-store', ...answer.headers });
    response.end(answer.body);
  }

  private async fileOf(path: string): Promise<Answer> {
    const asset = /^\/app-[0-9a-f]+\.(js|css)$/.exec(path);
    const type = { js: 'text/javascript', css: 'text/css' }[asset?.[1] ?? ''] ?? 'text/html';
    const body = await readFile(join(this.dist, asset ? path.slice(1) : 'index.html'), 'utf8');
    // A test of the real server holds that it sends the same.
    const shared = await readFile(join(this.dist, '../tests/page_headers.json'), 'utf8');
    const headers = {
      'Content-Type': `${type}; charset=utf-8`,
      ...(JSON.parse(shared) as Record<string, string>),
    };
    return { status: 200, body, headers };
  }

  private csrfOf(request: IncomingMessage): string | undefined {
    return this.sessions.get(tokenOf(request));
  }

  private async callOf(request: IncomingMessage, url: URL): Promise<Answer> {
    const token = tokenOf(request);
    const csrf = this.csrfOf(request);
    if (url.pathname === '/api/v1/session' && request.method === 'POST') return this.logIn(request);
    if (csrf === undefined) throw new Refusal(401, 'Log in first.');
    if (url.pathname === '/api/v1/session') {
      if (request.method === 'GET') return this.json(this.sessionOf(csrf));
      if (request.headers['x-csrf-token'] !== csrf) throw new Refusal(403, 'The token is wrong.');
      this.sessions.delete(token);
      return { status: 204 };
    }
    const refused = this.refusals.get(url.pathname);
    if (refused) throw refused;
    const value = (name: string, otherwise: string) => url.searchParams.get(name) ?? otherwise;
    if (url.pathname === '/api/v1/overview') {
      const until = value('until', '') === '' ? Date.now() : readTime(value('until', ''), 'until');
      const since = readTime(value('since', '-1h'), 'since');
      return this.json(overviewOf(this.exchanges, since, until, value('type', 'incoming')));
    }
    if (url.pathname === '/api/v1/query') return this.answerQuery(request);
    if (url.pathname === '/api/v1/queries') {
      const data = [...this.searches].map((id) => ({
        query_id: id,
        scanned_exchanges: this.looked,
        elapsed_ms: 700,
      }));
      return this.json({ data, next_cursor: null });
    }
    if (url.pathname === '/api/v1/fields') return this.json(this.fields());
    if (url.pathname === '/api/v1/values') return this.json(this.values(url.searchParams));
    const [, id, part] =
      /^\/api\/v1\/exchanges(?:\/([^/]+)(\/children|\/logs|\/har|\/\w+_body)?)?$/.exec(
        url.pathname,
      ) ?? [];
    if (!url.pathname.startsWith('/api/v1/exchanges')) return this.accountOf(request, url, csrf);
    if (id === undefined) {
      const queryId = value('query', '') === '' ? '' : value('query_id', '');
      await this.search(queryId);
      return this.list(url.searchParams, () => true);
    }
    const found = this.exchanges.find((exchange) => exchange.id === decodeURIComponent(id));
    if (!found) throw new Refusal(404, 'No such exchange.');
    if (part === '/logs') return this.json({ data: this.account.logs[found.id] ?? [] });
    if (part?.endsWith('_body')) {
      const name = part.slice(1) as 'request_body' | 'response_body';
      return {
        status: 200,
        body: found[name] === null ? '' : String(found[name]),
        headers: { 'Content-Type': 'application/octet-stream' },
      };
    }
    if (part === '/har') return this.json({ log: { version: '1.2', entries: [{}] } });
    if (!part) return { ...this.json(''), body: writeObject(found) };
    return this.list(url.searchParams, (exchange) => exchange.parent_id === found.id);
  }

  // Waits while queries are held back; those with a name are told of meanwhile.
  private async search(queryId: string): Promise<void> {
    if (queryId !== '') this.searches.add(queryId);
    await this.queryGate;
    this.searches.delete(queryId);
  }

  // Searches are held back until the function that this returns is called: what takes long can be
  // looked at.
  holdQueries(): () => void {
    let release = (): void => undefined;
    this.queryGate = new Promise((resolve) => (release = resolve));
    return release;
  }

  private async answerQuery(request: IncomingMessage): Promise<Answer> {
    let text = '';
    for await (const part of request) text += String(part);
    const wish = JSON.parse(text) as Record<'query' | 'since' | 'until' | 'query_id', string>;
    this.queries.push(wish.query);
    // As the real server: it runs few of them at the same time.
    if (this.running >= this.queriesMax) throw new Refusal(503, 'too many queries run');
    this.running += 1;
    await this.search(wish.query_id ?? '');
    this.running -= 1;
    const since = wish.since === undefined ? -Infinity : readTime(wish.since, 'since');
    const until = wish.until === undefined ? Infinity : readTime(wish.until, 'until');
    const rows = this.exchanges.filter(({ timestamp }) => {
      const time = Date.parse(timestamp);
      return time >= since && time < until;
    });
    const stats = {
      scanned_exchanges: rows.length,
      scanned_bytes: rows.length * 900,
      elapsed_ms: 1.25,
      truncated: false,
    };
    return this.json({ ...answerOf(wish.query, rows), stats });
  }

  private fields() {
    return {
      data: fieldNames.map((name) => ({
        name,
        type: 'text',
        operators: ['==', '!=', 'contains', 'startswith', 'in'],
        units: [],
        description: `What ${name} is.`,
        has_paths: false,
        exchanges: null,
      })),
      functions: [{ name: 'count', kind: 'aggregate', usage: 'count()' }],
      sections: ['where', 'summarize', 'sort by', 'take', 'project'],
      sampled_exchanges: this.exchanges.length,
      next_cursor: null,
    };
  }

  private values(parameters: URLSearchParams) {
    const field = parameters.get('field') ?? '';
    const prefix = (parameters.get('prefix') ?? '').toLowerCase();
    const { rows } = answerOf(
      `summarize n = count() by v = ${field} | sort by n desc`,
      this.exchanges,
    );
    const data = rows
      .filter(([value]) => value !== null && String(value).toLowerCase().startsWith(prefix))
      .map(([value, count]) => ({ value, literal: JSON.stringify(value), count }));
    return { data, next_cursor: null, more: false, complete: true };
  }

  private tail(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write('event: ready\ndata: {}\n\n');
    const matches = conditionOf(query.get('query') ?? '');
    const listener: Listener = {
      response,
      told: (exchange) => {
        if (!matches(exchange)) return;
        const told = { ...exchange, ...valuesOf(exchange, query.get('values') ?? '') };
        response.write(`event: exchange\ndata: ${writeObject(told)}\n\n`);
      },
    };
    this.listeners.add(listener);
    request.on('close', () => this.listeners.delete(listener));
  }

  // How many listen to what arrives.
  get listening(): number {
    return this.listeners.size;
  }

  tellLagged(count: number): void {
    const data = JSON.stringify({ count });
    for (const { response } of this.listeners) response.write(`event: lagged\ndata: ${data}\n\n`);
  }

  // Ends every connection that listens, as a restart would.
  dropListeners(): void {
    for (const { response } of this.listeners) response.destroy();
    this.listeners.clear();
  }

  private async accountOf(request: IncomingMessage, url: URL, csrf: string): Promise<Answer> {
    const method = request.method ?? 'GET';
    if (method !== 'GET' && request.headers['x-csrf-token'] !== csrf) {
      throw new Refusal(403, 'The token is wrong.');
    }
    let text = '';
    for await (const part of request) text += String(part);
    const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    const path = url.pathname.slice('/api/v1'.length);
    const question = { method, path, query: url.searchParams, body };
    const reply: Reply | null = this.account.answer(question, this.exchanges);
    if (reply === null) throw new Refusal(404, 'No such route.');
    if (reply.detail !== undefined) throw new Refusal(reply.status, reply.detail, reply.pointer);
    if (reply.value === undefined) return { status: reply.status };
    return { ...this.json(reply.value), status: reply.status };
  }

  private async logIn(request: IncomingMessage): Promise<Answer> {
    let text = '';
    for await (const part of request) text += String(part);
    const { name, password } = JSON.parse(text) as { name: string; password: string };
    if (name !== this.user || password !== this.password) {
      throw new Refusal(401, 'The name or the password is wrong.');
    }
    const token = randomUUID();
    const csrf = randomUUID();
    this.sessions.set(token, csrf);
    const answer = this.json(this.sessionOf(csrf));
    const cookie = `apitoolkit_session=${token}; HttpOnly; SameSite=Strict; Path=/`;
    return { ...answer, headers: { ...answer.headers, 'Set-Cookie': cookie } };
  }

  private sessionOf(csrf: string) {
    const { id, name } = this.account.project;
    return { user: this.user, role: this.account.role, project: { id, name }, csrf_token: csrf };
  }

  private json(value: unknown): Answer {
    const headers = { 'Content-Type': 'application/json' };
    return { status: 200, body: JSON.stringify(value), headers };
  }

  private list(query: URLSearchParams, belongs: (exchange: Exchange) => boolean): Answer {
    for (const name of query.keys()) {
      if (!parametersOfList.has(name)) throw new Refusal(400, 'there is no such parameter', name);
    }
    const value = (name: string) => query.get(name) ?? '';
    const since = value('since') === '' ? -Infinity : readTime(value('since'), 'since');
    const until = value('until') === '' ? Infinity : readTime(value('until'), 'until');
    const limit = Number(query.get('limit') ?? 100);
    if (!(limit >= 1 && limit <= 1000)) throw new Refusal(400, 'expected 1 to 1000', 'limit');
    if (value('status') !== '') statusMatches(value('status'), 200);
    const fulfils = conditionOf(value('query'));
    let found = this.exchanges.filter((exchange) => {
      const time = Date.parse(exchange.timestamp);
      const matches = (name: 'method' | 'url_path' | 'parent_id') =>
        value(name) === '' || exchange[name] === value(name);
      return (
        belongs(exchange) &&
        fulfils(exchange) &&
        time >= since &&
        time < until &&
        (value('status') === '' || statusMatches(value('status'), exchange.status_code)) &&
        (value('status_code') === '' ||
          statusMatches(value('status_code'), exchange.status_code)) &&
        (value('kind') === '' || exchange.request_type === value('kind')) &&
        matches('method') &&
        matches('url_path') &&
        matches('parent_id')
      );
    });
    const cursor = value('cursor');
    if (cursor !== '') found = found.slice(found.findIndex((row) => row.id === cursor) + 1);
    const page = found.slice(0, limit);
    const fields = value('fields') === '' ? null : value('fields').split(',');
    const data = page.map((exchange) =>
      writeObject({
        ...(fields === null
          ? exchange
          : Object.fromEntries(fields.map((name) => [name, exchange[name as keyof Exchange]]))),
        ...valuesOf(exchange, value('values')),
      }),
    );
    const next = found.length > limit ? JSON.stringify(page[page.length - 1]?.id) : 'null';
    return { ...this.json(''), body: `{"data":[${data.join(',')}],"next_cursor":${next}}` };
  }
}
