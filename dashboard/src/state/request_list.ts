// The list of requests: what is loaded, what is new, and the loop that asks for more. It outlives
// the page, so that coming back from a request finds the list as it was left.
import { batch, signal } from '@preact/signals';
import { ApiError } from '../api/client';
import { listExchanges, type ExchangeFilter, type ExchangeRow } from '../api/exchanges';
import { milliseconds } from '../format/time';

export type ListStatus = 'loading' | 'ready' | 'failed';

const rowsPerPage = 100;
const refreshMilliseconds = 2_000;
const refreshMillisecondsMax = 15_000;
// An exchange is sent some time after it began: a refresh looks back this far for late ones, and
// every `fullRefreshEvery`th looks at the whole newest page.
const lookBackMilliseconds = 120_000;
const fullRefreshEvery = 15;
// With more new rows than this at once, the list starts again at the newest.
const newRowsMax = 200;
// What a tab left open may hold; older rows are cut off and can be loaded again.
const rowsMax = 2_000;
const freshMilliseconds = 4_000;

export const rows = signal<ExchangeRow[]>([]);
export const status = signal<ListStatus>('loading');
// Why the last attempt failed; null while all is well. Rows stay as they were.
export const failure = signal<string | null>(null);
export const loadedAt = signal(0);
// Where the rows after the last one shown are found; null where there are none.
export const older = signal<{ cursor: string } | { until: string } | null>(null);
export const loadingOlder = signal(false);
export const paused = signal(false);
// Rows that came with a recent refresh, by id.
export const fresh = signal<ReadonlySet<string>>(new Set());

export const emptyFilter: ExchangeFilter = {
  status: '',
  method: '',
  url_path: '',
  kind: '',
  since: '',
  until: '',
};

let filter: ExchangeFilter | null = null;
let current = new AbortController();
let timer = 0;
let refreshes = 0;
let failures = 0;
let watchers = 0;

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function sameFilter(a: ExchangeFilter, b: ExchangeFilter): boolean {
  return (Object.keys(emptyFilter) as (keyof ExchangeFilter)[]).every((key) => a[key] === b[key]);
}

// Shows what matches; the same filter again keeps what is loaded.
export function show(next: ExchangeFilter): void {
  if (filter && sameFilter(filter, next)) return;
  filter = next;
  void reload();
}

export async function reload(): Promise<void> {
  if (!filter) return;
  current.abort();
  current = new AbortController();
  // A refresh that is due would begin this load anew.
  window.clearTimeout(timer);
  const { signal: cancelled } = current;
  batch(() => {
    status.value = 'loading';
    rows.value = [];
    older.value = null;
    loadingOlder.value = false;
    fresh.value = new Set();
  });
  try {
    const page = await listExchanges(filter, { limit: rowsPerPage, signal: cancelled });
    if (cancelled.aborted) return;
    batch(() => {
      rows.value = page.rows;
      older.value = olderThan(page.nextCursor);
      status.value = 'ready';
    });
    succeeded();
  } catch (error) {
    if (cancelled.aborted) return;
    status.value = 'failed';
    failed(error);
  }
  schedule();
}

function succeeded(): void {
  failures = 0;
  batch(() => {
    failure.value = null;
    loadedAt.value = Date.now();
  });
}

function failed(error: unknown): void {
  failures += 1;
  // A session that is over is the log-in page's concern.
  if (error instanceof ApiError && error.kind === 'unauthorized') return;
  failure.value = describe(error);
}

// Where a refresh begins to look: a little before the newest row, never before the filter's start.
// Where nothing was found, a little before the last look: to find nothing, a filter must read all.
function refreshSince(active: ExchangeFilter): string {
  const newest = rows.value[0];
  // A sender's clock may be ahead; what others send now would be missed.
  const end = newest ? Math.min(milliseconds(newest.timestamp), Date.now()) : loadedAt.value;
  const start = end - lookBackMilliseconds;
  const limit = filterStart(active.since);
  return limit !== null && limit > start ? active.since : new Date(start).toISOString();
}

const units: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };

function filterStart(since: string): number | null {
  if (since === '') return null;
  const relative = /^-(\d+)([smhd])$/.exec(since);
  if (!relative) return milliseconds(since);
  return Date.now() - Number(relative[1]) * (units[relative[2] ?? ''] ?? 0);
}

async function refresh(): Promise<void> {
  if (!filter) return;
  if (status.value !== 'ready') return reload();
  const { signal: cancelled } = current;
  refreshes += 1;
  try {
    const all = refreshes % fullRefreshEvery === 0;
    const since = all ? filter.since : refreshSince(filter);
    const limit = rows.value.length === 0 ? rowsPerPage : newRowsMax;
    const wanted = all ? rowsPerPage : limit;
    const page = await listExchanges({ ...filter, since }, { limit: wanted, signal: cancelled });
    if (cancelled.aborted) return;
    merge(page.rows, page.nextCursor);
    if (all && page.nextCursor === null) keepOnly(page.rows);
    succeeded();
  } catch (error) {
    if (cancelled.aborted) return;
    failed(error);
  }
  schedule();
}

function merge(found: ExchangeRow[], cursor: string | null): void {
  const known = new Set(rows.value.map((row) => row.id));
  const added = found.filter((row) => !known.has(row.id));
  if (added.length === 0) return;
  batch(() => {
    if (added.length === found.length && cursor !== null) {
      // More came than one answer holds: what lies between is reached by loading older.
      rows.value = found;
      older.value = { cursor };
    } else {
      if (rows.value.length === 0) older.value = olderThan(cursor);
      rows.value = sortNewestFirst([...added, ...rows.value]);
      cutTail();
    }
    markFresh(added.map((row) => row.id));
  });
}

// When the server has told everything that matches, what it did not name has left the time range,
// or was removed.
function keepOnly(found: ExchangeRow[]): void {
  const present = new Set(found.map((row) => row.id));
  const kept = rows.value.filter((row) => present.has(row.id));
  if (kept.length < rows.value.length) rows.value = kept;
}

function olderThan(cursor: string | null) {
  return cursor === null ? null : { cursor };
}

function cutTail(): void {
  if (rows.value.length <= rowsMax) return;
  rows.value = rows.value.slice(0, rowsMax);
  const last = rows.value[rowsMax - 1];
  // `until` is exclusive: one millisecond more finds the last row's equals too.
  if (last) older.value = { until: new Date(milliseconds(last.timestamp) + 1).toISOString() };
}

function sortNewestFirst(list: ExchangeRow[]): ExchangeRow[] {
  return list.sort((a, b) => milliseconds(b.timestamp) - milliseconds(a.timestamp));
}

function markFresh(ids: string[]): void {
  fresh.value = new Set([...fresh.value, ...ids]);
  window.setTimeout(() => {
    const left = new Set(fresh.value);
    ids.forEach((id) => left.delete(id));
    fresh.value = left;
  }, freshMilliseconds);
}

export async function loadOlder(): Promise<void> {
  const from = older.value;
  if (!filter || from === null || loadingOlder.value) return;
  const { signal: cancelled } = current;
  loadingOlder.value = true;
  try {
    const options = { limit: rowsPerPage, signal: cancelled };
    const page =
      'cursor' in from
        ? await listExchanges(filter, { ...options, cursor: from.cursor })
        : await listExchanges({ ...filter, until: from.until }, options);
    if (cancelled.aborted) return;
    const known = new Set(rows.value.map((row) => row.id));
    batch(() => {
      rows.value = [...rows.value, ...page.rows.filter((row) => !known.has(row.id))];
      older.value = olderThan(page.nextCursor);
    });
    succeeded();
  } catch (error) {
    if (!cancelled.aborted) failed(error);
  } finally {
    if (!cancelled.aborted) loadingOlder.value = false;
  }
}

function schedule(): void {
  window.clearTimeout(timer);
  if (watchers === 0 || paused.value) return;
  const wait = Math.min(refreshMilliseconds * 2 ** failures, refreshMillisecondsMax);
  timer = window.setTimeout(() => (document.hidden ? schedule() : void refresh()), wait);
}

export function refreshNow(): void {
  window.clearTimeout(timer);
  void refresh();
}

export function setPaused(next: boolean): void {
  paused.value = next;
  if (next) window.clearTimeout(timer);
  else refreshNow();
}

// Refreshes for as long as somebody watches. Returns the function that ends it.
export function watch(): () => void {
  watchers += 1;
  if (watchers === 1 && status.value !== 'loading' && !paused.value) refreshNow();
  else schedule();
  return () => {
    watchers -= 1;
    if (watchers === 0) window.clearTimeout(timer);
  };
}

// After a log-out: nothing of one user's is shown to the next.
export function forget(): void {
  current.abort();
  current = new AbortController();
  window.clearTimeout(timer);
  filter = null;
  batch(() => {
    rows.value = [];
    status.value = 'loading';
    failure.value = null;
    older.value = null;
    fresh.value = new Set();
  });
}
