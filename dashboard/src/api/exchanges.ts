// Exchanges: the list, one of them, and the calls that were made during it.
import { parseAnswer, request, withParameters } from './client';
import { member, parseJson, type JsonNode } from '../json/parse';
import type { components } from './types';

export type Exchange = components['schemas']['Exchange'];
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
export type ExchangeRow = Pick<Exchange, (typeof rowFields)[number]>;

// As a parameter of the REST interface.
export const rowFieldList = rowFields.join(',');

export interface ExchangeFilter {
  // A condition of the query language.
  query: string;
  since: string;
  until: string;
}

export interface ExchangePage {
  rows: ExchangeRow[];
  nextCursor: string | null;
}

interface ListOptions {
  // At most 1000.
  limit: number;
  cursor?: string;
  signal?: AbortSignal;
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
  filter: Partial<ExchangeFilter>,
  options: ListOptions,
): Promise<ExchangePage> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  query.set('limit', String(options.limit));
  if (options.cursor) query.set('cursor', options.cursor);
  return readPage(root, query, options.signal);
}

// Where a file of everything that matches is found.
export function exportAddress(filter: ExchangeFilter, format: 'ndjson' | 'csv' | 'har'): string {
  return withParameters(root, { ...filter, format });
}

// Newest first, at most `limit`.
export function listChildren(id: string, limit: number, signal?: AbortSignal) {
  const query = new URLSearchParams({ limit: String(limit) });
  return readPage(`${root}/${encodeURIComponent(id)}/children`, query, signal);
}

// An exchange with what must be shown exactly as it was sent kept as a tree: see json/parse.ts.
export interface FullExchange {
  exchange: Exchange;
  source: JsonNode;
  requestBody: JsonNode | null;
  responseBody: JsonNode | null;
  pathParams: JsonNode | undefined;
  queryParams: JsonNode | undefined;
}

export async function getExchange(id: string, signal?: AbortSignal): Promise<FullExchange> {
  const text = await request(`${root}/${encodeURIComponent(id)}`, signal ? { signal } : {});
  const exchange = parseAnswer<Exchange>(text);
  const source = parseJson(text);
  return {
    exchange,
    source,
    requestBody: bodyOf(source, 'request_body'),
    responseBody: bodyOf(source, 'response_body'),
    pathParams: member(source, 'path_params'),
    queryParams: member(source, 'query_params'),
  };
}

function bodyOf(source: JsonNode, name: string): JsonNode | null {
  const node = member(source, name);
  return node === undefined || node.kind === 'null' ? null : node;
}
