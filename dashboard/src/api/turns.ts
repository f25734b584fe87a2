// The server runs few queries at the same time, for everybody: a page asks for one after the other,
// and again where it was turned away because others' were running.
import { ApiError } from './client';

const atOnceMax = 2;
const attemptsMax = 6;
const againMilliseconds = 120;

let running = 0;
const waiting: (() => void)[] = [];

async function turn(): Promise<void> {
  if (running >= atOnceMax) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
}

function done(): void {
  running -= 1;
  waiting.shift()?.();
}

function isTurnedAway(error: unknown): boolean {
  return error instanceof ApiError && error.status === 503;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => window.setTimeout(resolve, milliseconds));
}

// Calls `ask` when it is its turn; not at all once the signal is aborted.
export async function inTurn<T>(
  ask: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  await turn();
  try {
    for (let attempt = 1; ; attempt += 1) {
      if (signal?.aborted) throw new DOMException('', 'AbortError');
      try {
        return await ask();
      } catch (error) {
        if (!isTurnedAway(error) || attempt === attemptsMax) throw error;
        await pause(againMilliseconds * 2 ** attempt * (0.5 + Math.random()));
      }
    }
  } finally {
    done();
  }
}
