// Who changed what, when and from where; newest first.
import { call, withParameters } from './client';
import type { Page } from '../state/pages';
import type { components } from './types';

export type AuditEntry = components['schemas']['AuditEntry'];

export function listAudit(
  cursor: string,
  limit: number,
  signal?: AbortSignal,
): Promise<Page<AuditEntry>> {
  const path = withParameters('/api/v1/audit', { limit: String(limit), cursor });
  return call<Page<AuditEntry>>(path, signal ? { signal } : {});
}
