// The one place that talks to the server: same origin, session cookie, problem+json errors.
import type { components } from './types';

export type Problem = components['schemas']['Problem'];

// `unreachable`: no answer, or none that the server could have meant. `unauthorized`: the session
// is over. `refused`: the server answered and said no.
export type FailureKind = 'unreachable' | 'unauthorized' | 'refused';

export class ApiError extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly status: number,
    message: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
  }
}

const answerMillisecondsMax = 20_000;

let csrfToken = '';
let onUnauthorized: () => void = () => undefined;

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

// Called when a request that needs a session is answered with 401.
export function whenUnauthorized(callback: () => void): void {
  onUnauthorized = callback;
}

interface Call {
  method?: 'GET' | 'POST' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
  // A 401 is an answer here and not the end of a session.
  anonymous?: boolean;
}

export async function request(path: string, call: Call = {}): Promise<string> {
  const method = call.method ?? 'GET';
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (call.body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrfToken !== '') headers['X-CSRF-Token'] = csrfToken;

  const deadline = new AbortController();
  const timer = window.setTimeout(() => deadline.abort(), answerMillisecondsMax);
  const cancel = () => deadline.abort();
  call.signal?.addEventListener('abort', cancel);
  try {
    const response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: deadline.signal,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    const text = await response.text();
    if (response.ok) return text;
    throw failure(response, text, call.anonymous === true);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError('unreachable', 0, 'The server does not answer.');
  } finally {
    window.clearTimeout(timer);
    call.signal?.removeEventListener('abort', cancel);
  }
}

function failure(response: Response, text: string, anonymous: boolean): ApiError {
  const problem = readProblem(text);
  const message = problem?.detail ?? problem?.title ?? `The server answered ${response.status}.`;
  if (response.status === 401) {
    if (!anonymous) onUnauthorized();
    return new ApiError('unauthorized', 401, message);
  }
  const wait = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  const retryAfter = Number.isNaN(wait) ? null : wait;
  // A gateway's 502 to 504 says that the server itself is away.
  const away = response.status >= 502 && response.status <= 504;
  const kind = away ? 'unreachable' : 'refused';
  return new ApiError(kind, response.status, message, retryAfter);
}

function readProblem(text: string): Problem | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Problem) : null;
  } catch {
    return null;
  }
}

export function parseAnswer<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError('unreachable', 200, 'The server answered with something that is not JSON.');
  }
}
