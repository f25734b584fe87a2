// Who is logged in. `session` is undefined until the server has said.
import { signal } from '@preact/signals';
import { ApiError, call, parseAnswer, request, setCsrfToken, whenUnauthorized } from './client';
import type { components } from './types';

export type Session = components['schemas']['Session'];

const route = '/api/v1/session';

export const session = signal<Session | null | undefined>(undefined);
export const sessionExpired = signal(false);
// Why the server could not even be asked; null while it can.
export const sessionFailure = signal<string | null>(null);

const roles: readonly Session['role'][] = ['viewer', 'member', 'admin', 'owner'];

// Whether who is logged in has at least this role.
export function may(role: Session['role']): boolean {
  const held = session.value?.role;
  return held !== undefined && roles.indexOf(held) >= roles.indexOf(role);
}

whenUnauthorized(() => {
  if (session.value) sessionExpired.value = true;
  accept(null);
});

function accept(next: Session | null): void {
  setCsrfToken(next?.csrf_token ?? '');
  session.value = next;
}

export async function loadSession(): Promise<void> {
  sessionFailure.value = null;
  try {
    accept(parseAnswer<Session>(await request(route, { anonymous: true })));
  } catch (error) {
    if (error instanceof ApiError && error.kind === 'unauthorized') accept(null);
    else sessionFailure.value = error instanceof Error ? error.message : String(error);
  }
}

export async function logIn(name: string, password: string): Promise<void> {
  const body = { name, password };
  const text = await request(route, { method: 'POST', body, anonymous: true });
  accept(parseAnswer<Session>(text));
  sessionExpired.value = false;
}

// From now on the session looks at another project.
export async function openProject(project: string): Promise<void> {
  accept(await call<Session>(route, { method: 'PATCH', body: { project } }));
}

export async function logOut(): Promise<void> {
  try {
    await request(route, { method: 'DELETE', anonymous: true });
  } catch (error) {
    // A session that is already over is what was asked for.
    if (!(error instanceof ApiError && error.kind === 'unauthorized')) throw error;
  }
  sessionExpired.value = false;
  accept(null);
}
