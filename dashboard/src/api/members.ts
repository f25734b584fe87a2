// Who belongs to the project, and one's own password.
import { call, request } from './client';
import type { Session } from './session';
import type { components } from './types';

export type Member = components['schemas']['User'];
export type Role = Session['role'];

const root = '/api/v1/users';

export async function listMembers(signal: AbortSignal): Promise<Member[]> {
  return (await call<{ data: Member[] }>(root, { signal })).data;
}

// An owner leaves the password out for a user that exists.
export function addMember(name: string, role: Role, password: string): Promise<Member> {
  const body = password === '' ? { name, role } : { name, role, password };
  return call<Member>(root, { method: 'POST', body });
}

export function setRole(id: number, role: Role): Promise<Member> {
  return call<Member>(`${root}/${id}`, { method: 'PATCH', body: { role } });
}

export async function removeMember(id: number): Promise<void> {
  await request(`${root}/${id}`, { method: 'DELETE' });
}

// Ends every session of one's own, this one as well.
export async function changePassword(current_password: string, password: string): Promise<void> {
  const body = { current_password, password };
  await request('/api/v1/session/password', { method: 'POST', body });
}
