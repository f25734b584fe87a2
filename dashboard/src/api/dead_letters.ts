// Messages that could not be read.
import { call, request, withParameters } from './client';
import type { Page } from '../state/pages';
import type { components } from './types';

export type DeadLetter = components['schemas']['DeadLetter'];

const root = '/api/v1/dead-letters';

export function listDeadLetters(
  cursor: string,
  limit: number,
  signal?: AbortSignal,
): Promise<Page<DeadLetter>> {
  const path = withParameters(root, { limit: String(limit), cursor });
  return call<Page<DeadLetter>>(path, signal ? { signal } : {});
}

// Through the pipeline once more; it goes when its exchange is stored.
export async function replayDeadLetter(id: number): Promise<void> {
  await request(`${root}/${id}/replay`, { method: 'POST' });
}

export async function deleteDeadLetter(id: number): Promise<void> {
  await request(`${root}/${id}`, { method: 'DELETE' });
}
