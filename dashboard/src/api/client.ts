// The one place that talks to the server: same origin, session cookie, problem+json errors.
import type { components } from './types';

export type Problem = components['schemas']['Problem'];

// `unreachable`: no answer, or none that the server could have meant. `unauthorized`: the session
// is over. `forbidden`: the user's role does not allow it. `refused`: the server said no otherwise.
export type FailureKind = 'unreachable' | 'unauthorized' | 'forbidden' | 'refused';

export class ApiError extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly status: number,
    message: string,
    readonly retryAfterSeconds: number | null = null,
    // What the server said, whole; null where it said nothing that could be read.
    readonly problem: Problem | null = null,
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

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
  // How long the answer may take; 20 s where it is not said.
  millisecondsMax?: number;
  // A 401 is an answer here and not the end of a session.
  anonymous?: boolean;
}

export async function request(path: string, call: Call = {}): Promise<string> {
  const method = call.method ?? 'GET';
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (call.body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrfToken !== '') headers['X-CSRF-Token'] = csrfToken;

  const deadline = new AbortController();
  const timer = window.setTimeout(
    () => deadline.abort(),
    call.millisecondsMax ?? answerMillisecondsMax,
  );
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
  const message = describe(problem) ?? `The server answered ${response.status}.`;
  if (response.status === 401) {
    if (!anonymous) onUnauthorized();
    return new ApiError('unauthorized', 401, message, null, problem);
  }
  const wait = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  const retryAfter = Number.isNaN(wait) ? null : wait;
  // A gateway's 502 to 504 says that the server itself is away.
  const away = response.status >= 502 && response.status <= 504;
  const forbidden = response.status === 403;
  const kind = away ? 'unreachable' : forbidden ? 'forbidden' : 'refused';
  return new ApiError(kind, response.status, message, retryAfter, problem);
}

// The sentence of a problem, after the parameter that it is about.
function describe(problem: Problem | null): string | undefined {
  const sentence = problem?.detail ?? problem?.title;
  if (!sentence || !problem?.pointer || sentence.includes(problem.pointer)) return sentence;
  return `${problem.pointer}: ${sentence}`;
}

function readProblem(text: string): Problem | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Problem) : null;
  } catch {
    return null;
  }
}

// The answer to a call, as the type that wire/api.json gives it.
export async function call<T>(path: string, options: Call = {}): Promise<T> {
  return parseAnswer<T>(await request(path, options));
}

// A path with those parameters that say something.
export function withParameters(path: string, parameters: Record<string, string>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== '');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

export function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function parseAnswer<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError('unreachable', 200, 'The server answered with something that is not JSON.');
  }
}
