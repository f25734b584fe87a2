// Exchanges: the list, one of them, and the calls that were made during it.
import type { Side } from '../format/redaction';
import { call, parseAnswer, request, withParameters } from './client';
import { member, parseJsonWithSources, type JsonNode } from '../json/parse';
import type { components } from './types';

export type Exchange = components['schemas']['Exchange'];
export type LogLine = components['schemas']['LogList']['data'][number];
export type ErrorReport = components['schemas']['ErrorReport'];

const rowFields = [
  'id',
  'parent_id',
  'request_type',
  'timestamp',
  'duration',
  'method',
  'host',
  'raw_url',
  'url_path',
  'status_code',
  'service_name',
  'service_version',
  'consumer',
  'client_ip',
  'ttfb',
  'request_size',
  'response_size',
  'errors',
  'aborted',
] as const;

// What a row of a list needs; asking for no more keeps a refresh small.
export type ExchangeRow = Pick<Exchange, (typeof rowFields)[number]> & {
  // For each path that was asked for what is there: see query/literal.ts. Null where nothing is.
  values?: (string | null)[];
};

// As a parameter of the REST interface.
export const rowFieldList = rowFields.join(',');

export interface ExchangeFilter {
  // A condition of the query language.
  query: string;
  since: string;
  until: string;
}

// With the paths whose values each row has besides, separated by commas.
export interface ListFilter extends ExchangeFilter {
  values: string;
}

export interface ExchangePage {
  rows: ExchangeRow[];
  nextCursor: string | null;
}

interface ListOptions {
  limit: number;
  cursor?: string;
  signal?: AbortSignal;
  // See api/progress.ts.
  queryId?: string;
}

const root = '/api/v1/exchanges';

async function readPage(
  path: string,
  query: URLSearchParams,
  signal?: AbortSignal,
): Promise<ExchangePage> {
  query.set('fields', rowFieldList);
  const text = await request(`${path}?${query.toString()}`, signal ? { signal } : {});
  const page = parseAnswer<{ data: ExchangeRow[]; next_cursor: string | null }>(text);
  return { rows: page.data, nextCursor: page.next_cursor };
}

// Newest first.
export function listExchanges(
  filter: Partial<ListFilter>,
  options: ListOptions,
): Promise<ExchangePage> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  query.set('limit', String(options.limit));
  if (options.cursor) query.set('cursor', options.cursor);
  if (options.queryId) query.set('query_id', options.queryId);
  return readPage(root, query, options.signal);
}

// Where a file of everything that matches is found.
export function exportAddress(filter: ExchangeFilter, format: 'ndjson' | 'csv' | 'har'): string {
  const { query, since, until } = filter;
  return withParameters(root, { query, since, until, format });
}

// Newest first, at most `limit`.
export function listChildren(id: string, limit: number, signal?: AbortSignal) {
  const query = new URLSearchParams({ limit: String(limit) });
  return readPage(`${root}/${encodeURIComponent(id)}/children`, query, signal);
}

// A body as a tree, and the text that was sent.
export interface CapturedBody {
  node: JsonNode;
  text: string;
}

// An exchange with what must be shown exactly as it was sent kept as a tree: see json/parse.ts.
export interface FullExchange {
  exchange: Exchange;
  source: JsonNode;
  requestBody: CapturedBody | null;
  responseBody: CapturedBody | null;
  pathParams: JsonNode | undefined;
  queryParams: JsonNode | undefined;
}

export async function getExchange(id: string, signal?: AbortSignal): Promise<FullExchange> {
  return readExchange(await request(pathOf(id), signal ? { signal } : {}));
}

export function readExchange(text: string): FullExchange {
  const { node: source, sources } = parseJsonWithSources(text);
  const body = (name: string): CapturedBody | null => {
    const node = member(source, name);
    if (node === undefined || node.kind === 'null') return null;
    return { node, text: node.kind === 'string' ? node.value : (sources.get(name) ?? '') };
  };
  return {
    exchange: parseAnswer<Exchange>(text),
    source,
    requestBody: body('request_body'),
    responseBody: body('response_body'),
    pathParams: member(source, 'path_params'),
    queryParams: member(source, 'query_params'),
  };
}

function pathOf(id: string): string {
  return `${root}/${encodeURIComponent(id)}`;
}

// Where an exchange is found as a HAR file; a link, so that the browser saves it.
export function harAddress(id: string): string {
  return `${pathOf(id)}/har`;
}

// Where a body is found as it was stored, byte for byte; a link, so that the browser saves it.
export function bodyAddress(id: string, side: Side): string {
  return `${pathOf(id)}/${side}_body`;
}

// The log lines of an exchange's trace, oldest first.
export async function listLogs(id: string, signal: AbortSignal): Promise<LogLine[]> {
  return (await call<{ data: LogLine[] }>(`${pathOf(id)}/logs`, { signal })).data;
}

// The newest of the same endpoint that ended the same way.
export async function listSimilar(exchange: Exchange, limit: number, signal: AbortSignal) {
  const path = withParameters(root, {
    method: exchange.method,
    url_path: exchange.url_path,
    status_code: String(exchange.status_code),
    kind: exchange.request_type,
    limit: String(limit),
    fields: rowFields.join(','),
  });
  return (await call<{ data: ExchangeRow[] }>(path, { signal })).data;
}
