// How far a search has come that is under way. Whoever searches gives it a name, and asks by that.
import { call } from './client';
import type { components } from './types';

// A UUID of random bits. crypto.randomUUID() is there on https and on loopback only.
export function newQueryId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  return [...groups, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

// How many exchanges need not be looked at any more; null where the search is not running now.
export async function passedBy(queryId: string, signal: AbortSignal): Promise<number | null> {
  type Running = components['schemas']['RunningQueryList'];
  const { data } = await call<Running>('/api/v1/queries', { signal });
  return data.find(({ query_id }) => query_id === queryId)?.scanned_exchanges ?? null;
}
