// API keys of the project.
import { call, request } from './client';
import type { components } from './types';

export type ApiKey = components['schemas']['ApiKey'];
export type Scope = ApiKey['scopes'][number];

export interface KeyDraft {
  name: string;
  scopes: Scope[];
  // null: the server's default.
  requests_per_s: number | null;
  bytes_per_s: number | null;
}

const root = '/api/v1/keys';

export async function listKeys(signal: AbortSignal): Promise<ApiKey[]> {
  return (await call<{ data: ApiKey[] }>(root, { signal })).data;
}

// The answer is the only place that holds the key's secret.
export function createKey(draft: KeyDraft): Promise<ApiKey> {
  return call<ApiKey>(root, { method: 'POST', body: draft });
}

// A key's scopes are for good.
export function updateKey(id: number, draft: Omit<KeyDraft, 'scopes'>): Promise<ApiKey> {
  const { name, requests_per_s, bytes_per_s } = draft;
  return call<ApiKey>(`${root}/${id}`, {
    method: 'PATCH',
    body: { name, requests_per_s, bytes_per_s },
  });
}

export async function revokeKey(id: number): Promise<void> {
  await request(`${root}/${id}`, { method: 'DELETE' });
}
