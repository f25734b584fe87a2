// The query language: answers, what is wrong with a text, and what can be named in one.
import { rangeParameters, type Range } from '../state/range';
import { ApiError, call, withParameters } from './client';
import { inTurn } from './turns';
import type { components, paths } from './types';

export type QueryAnswer =
  paths['/api/v1/query']['post']['responses']['200']['content']['application/json'];
export type QueryStats = QueryAnswer['stats'];
export type Cell = unknown;

const route = '/api/v1/query';
const answerMillisecondsMax = 35_000;

export function runQuery(
  query: string,
  range: Range,
  options: { limit?: number; signal?: AbortSignal; queryId?: string } = {},
): Promise<QueryAnswer> {
  const { since, until } = rangeParameters(range);
  const body = {
    query,
    ...(since === '' ? {} : { since }),
    ...(until === '' ? {} : { until }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...(options.queryId === undefined ? {} : { query_id: options.queryId }),
  };
  const { signal } = options;
  const ask = () =>
    call<QueryAnswer>(route, {
      method: 'POST',
      body,
      millisecondsMax: answerMillisecondsMax,
      ...(signal ? { signal } : {}),
    });
  return inTurn(ask, signal);
}

// What is wrong with a query's text. Offsets are of the text, the second one exclusive.
export interface QueryProblem {
  from: number;
  to: number;
  message: string;
  // What may be put in the place of what is wrong.
  suggestion: string | null;
}

interface PlacedProblem {
  position?: unknown;
  width?: unknown;
  suggestion?: unknown;
}

// The server counts bytes of UTF-8.
function offsetOf(text: string, bytes: number): number {
  let at = 0;
  for (const character of text) {
    if (bytes <= 0) break;
    const code = character.codePointAt(0) ?? 0;
    bytes -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    at += character.length;
  }
  return at;
}

// Null where the error is not one of the text.
export function queryProblemOf(error: unknown, text: string): QueryProblem | null {
  if (!(error instanceof ApiError) || error.status !== 400 || !error.problem) return null;
  const { position, width, suggestion } = error.problem as PlacedProblem;
  if (typeof position !== 'number') return null;
  const from = offsetOf(text, position);
  const to = offsetOf(text, position + (typeof width === 'number' ? width : 0));
  const message = (error.problem.detail ?? error.message).replace(/^line 1, column \d+: /, '');
  return {
    // At the end of the text there is nothing to underline but its last character.
    from: from === text.length && to <= from ? Math.max(0, from - 1) : from,
    to: Math.max(to, from + 1),
    message,
    suggestion: typeof suggestion === 'string' && suggestion !== '' ? suggestion : null,
  };
}

// Asks what is wrong with a text, without looking at any exchange: over no time at all.
export async function checkQuery(text: string, signal: AbortSignal): Promise<QueryProblem | null> {
  const now = new Date().toISOString();
  try {
    await runQuery(text, { since: now, until: now }, { limit: 1, signal });
    return null;
  } catch (error) {
    return queryProblemOf(error, text);
  }
}

export type FieldList = components['schemas']['FieldList'];
export type ValueList = components['schemas']['ValueList'];

export function listFields(signal: AbortSignal): Promise<FieldList> {
  return call<FieldList>('/api/v1/fields', { signal });
}

export function listValues(
  field: string,
  prefix: string,
  range: Range,
  signal: AbortSignal,
): Promise<ValueList> {
  const parameters = { field, prefix, ...rangeParameters(range), limit: '20' };
  return call<ValueList>(withParameters('/api/v1/values', parameters), { signal });
}
