// The list of requests: what is loaded of it, what arrives, and what waits to be shown. It outlives
// the page, so that coming back from a request finds the list as it was left.
import { batch, computed, signal } from '@preact/signals';
import { ApiError, explain } from '../api/client';
import { listExchanges, type ExchangeRow, type ListFilter } from '../api/exchanges';
import { newQueryId } from '../api/progress';
import { listen } from '../api/tail';
import { milliseconds } from '../format/time';

export type ListStatus = 'loading' | 'ready' | 'failed' | 'cancelled';

const firstRows = 200;
const pageRows = 1_000;
// What a tab holds at most, and what waits at most to be shown.
export const rowsMax = 100_000;
const waitingMax = 1_000;
// Rows that arrive are shown together, this often.
const applyMilliseconds = 250;
const freshMilliseconds = 4_000;

export const rows = signal<ExchangeRow[]>([]);
export const status = signal<ListStatus>('loading');
// The last attempt's error; null while all is well. Rows stay as they were.
export const error = signal<unknown>(null);
export const failure = computed(() => (error.value === null ? null : explain(error.value)));
export const loadedAt = signal(0);
// Where the rows after the last one are found; null where there are none.
export const older = signal<{ cursor: string } | { until: string } | null>(null);
export const loadingOlder = signal(false);
// Rows that came a moment ago, by id.
export const fresh = signal<ReadonlySet<string>>(new Set());

// `lost`: the connection broke and is made again. `off`: nobody listens.
export const live = signal<'off' | 'on' | 'lost'>('off');
// Whether what arrives has to wait: because of the reader's wish, or while he is further down.
export const paused = signal(false);
const reading = signal(false);
export const waiting = signal(0);
// How many were not told, because they came too fast.
export const lagged = signal(0);

// The name of the search that is under way, by which its progress is found.
export const searchId = signal('');

let filter: ListFilter | null = null;
let current = new AbortController();
let known = new Set<string>();
let queue: ExchangeRow[] = [];
let applyTimer = 0;
let stopListening: (() => void) | null = null;

// Stack traces are not shown in a list, and a hundred thousand of them are a burden.
function slim(row: ExchangeRow): ExchangeRow {
  if (row.errors.length === 0) return row;
  const errors = row.errors.map(({ error_type, message, when }) => ({
    ...(when === undefined ? {} : { when }),
    error_type,
    message: message.slice(0, 200),
  }));
  return { ...row, errors: errors as ExchangeRow['errors'] };
}

export function isShown(other: ListFilter): boolean {
  return filter !== null && JSON.stringify(filter) === JSON.stringify(other);
}

// Shows what matches; the same filter again keeps what is loaded.
export function show(next: ListFilter): void {
  if (isShown(next)) return;
  filter = next;
  void reload();
}

export async function reload(): Promise<void> {
  if (!filter) return;
  begin();
  batch(() => {
    status.value = 'loading';
    rows.value = [];
    older.value = null;
    error.value = null;
    searchId.value = newQueryId();
  });
  const { signal: cancelled } = current;
  const queryId = searchId.value;
  try {
    const page = await listExchanges(filter, { limit: firstRows, signal: cancelled, queryId });
    if (cancelled.aborted) return;
    batch(() => {
      replace(page.rows);
      older.value = olderThan(page.nextCursor);
      status.value = 'ready';
    });
    succeeded();
  } catch (problem) {
    if (cancelled.aborted) return;
    status.value = 'failed';
    failed(problem);
  }
}

// Forgets whatever is under way.
function begin(): void {
  current.abort();
  current = new AbortController();
  window.clearTimeout(applyTimer);
  applyTimer = 0;
  queue = [];
  known = new Set();
  batch(() => {
    waiting.value = 0;
    lagged.value = 0;
    loadingOlder.value = false;
    fresh.value = new Set();
  });
}

export function cancel(): void {
  if (status.value !== 'loading') return;
  begin();
  status.value = 'cancelled';
}

function replace(found: ExchangeRow[]): void {
  rows.value = found.map(slim);
  known = new Set(found.map(({ id }) => id));
}

function succeeded(): void {
  batch(() => {
    error.value = null;
    loadedAt.value = Date.now();
  });
}

function failed(problem: unknown): void {
  // A session that is over is the log-in page's concern.
  if (problem instanceof ApiError && problem.kind === 'unauthorized') return;
  error.value = problem;
}

function olderThan(cursor: string | null) {
  return cursor === null ? null : { cursor };
}

export async function loadOlder(): Promise<void> {
  const from = older.value;
  if (!filter || from === null || loadingOlder.value || rows.value.length >= rowsMax) return;
  const { signal: cancelled } = current;
  loadingOlder.value = true;
  try {
    const options = { limit: pageRows, signal: cancelled };
    const page =
      'cursor' in from
        ? await listExchanges(filter, { ...options, cursor: from.cursor })
        : await listExchanges({ ...filter, until: from.until }, options);
    if (cancelled.aborted) return;
    const added = page.rows.filter(({ id }) => !known.has(id));
    added.forEach(({ id }) => known.add(id));
    batch(() => {
      rows.value = rows.value.concat(added.map(slim));
      older.value = olderThan(page.nextCursor);
    });
    succeeded();
  } catch (problem) {
    if (!cancelled.aborted) failed(problem);
  } finally {
    if (!cancelled.aborted) loadingOlder.value = false;
  }
}

// --- What arrives ---

// Listens for as long as the list is shown and has no end. Returns the function that stops it.
export function follow({ query, values }: ListFilter): () => void {
  stopListening?.();
  live.value = 'lost';
  const stop = listen(query, values, {
    ready: () => {
      live.value = 'on';
      void catchUp();
    },
    exchange: arrived,
    lagged: (count) => (lagged.value += count),
    lost: () => (live.value = 'lost'),
    refused: () => void catchUp(),
  });
  stopListening = () => {
    stop();
    stopListening = null;
    live.value = 'off';
  };
  return () => stopListening?.();
}

// What was committed before the connection stood, or while it did not.
async function catchUp(): Promise<void> {
  if (!filter || status.value === 'loading' || status.value === 'cancelled') return;
  if (status.value === 'failed') return reload();
  const { signal: cancelled } = current;
  try {
    const page = await listExchanges(filter, { limit: firstRows, signal: cancelled });
    if (cancelled.aborted) return;
    const overlap = page.rows.some(({ id }) => known.has(id));
    if (!overlap && rows.value.length > 0 && page.nextCursor !== null) {
      // More came than one page holds: the list begins again at the newest.
      batch(() => {
        replace(page.rows);
        older.value = olderThan(page.nextCursor);
      });
    } else {
      page.rows.forEach(arrived);
    }
    succeeded();
  } catch (problem) {
    if (!cancelled.aborted) failed(problem);
  }
}

function arrived(row: ExchangeRow): void {
  if (status.value !== 'ready' || known.has(row.id)) return;
  known.add(row.id);
  if (queue.length < waitingMax) queue.push(slim(row));
  if (isHeld()) waiting.value += 1;
  else schedule();
}

function isHeld(): boolean {
  return paused.value || reading.value;
}

function schedule(): void {
  if (applyTimer !== 0) return;
  applyTimer = window.setTimeout(() => {
    applyTimer = 0;
    if (isHeld()) waiting.value = queue.length;
    else apply();
  }, applyMilliseconds);
}

function apply(): void {
  const added = queue;
  queue = [];
  batch(() => {
    waiting.value = 0;
    if (added.length === 0) return;
    rows.value = merged(added);
    markFresh(added.map(({ id }) => id));
    cutTail();
  });
}

// Newest first. What arrives is new as a rule: it is put in its place from the top.
function merged(added: ExchangeRow[]): ExchangeRow[] {
  const time = (row: ExchangeRow) => milliseconds(row.timestamp);
  const coming = added.sort((a, b) => time(b) - time(a));
  const oldest = coming[coming.length - 1];
  if (!oldest) return rows.value;
  const all = rows.value;
  let end = all.findIndex((row) => time(row) < time(oldest));
  if (end < 0) end = all.length;
  const head = [...coming, ...all.slice(0, end)].sort((a, b) => time(b) - time(a));
  return head.concat(all.slice(end));
}

function cutTail(): void {
  if (rows.value.length <= rowsMax) return;
  rows.value.slice(rowsMax).forEach(({ id }) => known.delete(id));
  rows.value = rows.value.slice(0, rowsMax);
  const last = rows.value[rowsMax - 1];
  // `until` is exclusive: one millisecond more finds the last row's equals too.
  if (last) older.value = { until: new Date(milliseconds(last.timestamp) + 1).toISOString() };
}

function markFresh(ids: string[]): void {
  fresh.value = new Set([...fresh.value, ...ids]);
  window.setTimeout(() => {
    const left = new Set(fresh.value);
    ids.forEach((id) => left.delete(id));
    fresh.value = left;
  }, freshMilliseconds);
}

// Shows what waits. Where more came than is held, the list begins again at the newest.
export function showWaiting(): void {
  if (waiting.value > queue.length) void reload();
  else apply();
}

// The reader is somewhere below the newest rows: what arrives must not move them.
export function setReading(below: boolean): void {
  if (reading.value === below) return;
  reading.value = below;
  if (!isHeld()) showWaiting();
}

export function setPaused(next: boolean): void {
  if (paused.value === next) return;
  paused.value = next;
  if (!isHeld()) showWaiting();
}

// After a log-out: nothing of one user's is shown to the next.
export function forget(): void {
  stopListening?.();
  filter = null;
  begin();
  batch(() => {
    rows.value = [];
    status.value = 'loading';
    error.value = null;
    older.value = null;
  });
}
