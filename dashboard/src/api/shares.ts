// Shares: links with which anybody may read one exchange, for a time.
import { call, request } from './client';
import type { components } from './types';

export type Share = components['schemas']['Share'];

const root = '/api/v1/shares';

export async function listShares(signal: AbortSignal): Promise<Share[]> {
  return (await call<{ data: Share[] }>(root, { signal })).data;
}

// The answer is the only place that holds the link's path.
export function createShare(exchange_id: string, expires_in_s: number): Promise<Share> {
  return call<Share>(root, { method: 'POST', body: { exchange_id, expires_in_s } });
}

export async function deleteShare(id: number): Promise<void> {
  await request(`${root}/${id}`, { method: 'DELETE' });
}
