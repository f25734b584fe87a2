// The mock's answer to GET /api/v1/overview, counted from its exchanges.
import type { components } from '../src/api/types';
import type { Exchange } from './seed';

type Overview = components['schemas']['Overview'];
type Totals = components['schemas']['TrafficTotals'];

const minute = 60_000;
const bounds = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

function percentile(sorted: readonly number[], p: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? null;
}

function percentiles(rows: readonly Exchange[]) {
  const sorted = rows.map((row) => row.duration / 1e6).sort((a, b) => a - b);
  return {
    p50_ms: percentile(sorted, 0.5),
    p75_ms: percentile(sorted, 0.75),
    p95_ms: percentile(sorted, 0.95),
    p99_ms: percentile(sorted, 0.99),
  };
}

function classOf(code: number): '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | 'none' {
  const first = Math.floor(code / 100);
  return first >= 1 && first <= 5 ? (`${first}xx` as '2xx') : 'none';
}

function count(rows: readonly Exchange[], name: string): number {
  return rows.filter((row) => classOf(row.status_code) === name).length;
}

function nameOf(row: Exchange): string {
  return JSON.stringify([row.method, row.host, row.url_path]);
}

function totals(rows: readonly Exchange[], minutes: number): Totals {
  const serverErrors = count(rows, '5xx');
  return {
    requests: rows.length,
    client_errors: count(rows, '4xx'),
    server_errors: serverErrors,
    error_rate: rows.length === 0 ? null : serverErrors / rows.length,
    ...percentiles(rows),
    requests_per_minute: rows.length / minutes,
    endpoints: new Set(rows.map(nameOf)).size,
    request_bytes: rows.reduce((sum, row) => sum + (row.request_size ?? 0), 0),
    response_bytes: rows.reduce((sum, row) => sum + (row.response_size ?? 0), 0),
  };
}

function resolutionOf(span: number): number {
  // As bin_auto() does, but never less than a minute.
  const steps: [most: number, step: number][] = [
    [360, 1],
    [840, 5],
    [2880, 10],
    [10_080, 60],
    [43_200, 360],
  ];
  return (steps.find(([most]) => span <= most * minute)?.[1] ?? 1440) * minute;
}

export function overviewOf(
  all: readonly Exchange[],
  from: number,
  to: number,
  type: string,
): Overview {
  const step = resolutionOf(to - from);
  const since = Math.floor(from / step) * step;
  const until = Math.ceil(to / step) * step;
  const within = (start: number, end: number) =>
    all.filter((row) => Date.parse(row.timestamp) >= start && Date.parse(row.timestamp) < end);
  const rows = within(since, until).filter((row) => row.request_type === type);
  const earlier = within(2 * since - until, since).filter((row) => row.request_type === type);
  const starts: number[] = [];
  for (let at = since; at < until; at += step) starts.push(at);
  const inBucket = (at: number) =>
    rows.filter((row) => Math.floor(Date.parse(row.timestamp) / step) * step === at);
  const minutes = (until - since) / minute;
  const groups = new Map<string, Exchange[]>();
  for (const row of rows) groups.set(nameOf(row), [...(groups.get(nameOf(row)) ?? []), row]);
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    resolution_s: step / 1000,
    source: 'rollups',
    unreadable: 0,
    totals: totals(rows, minutes),
    before: totals(earlier, minutes),
    buckets: starts.map((at) => {
      const own = inBucket(at);
      return {
        at: new Date(at).toISOString(),
        requests: own.length,
        '1xx': count(own, '1xx'),
        '2xx': count(own, '2xx'),
        '3xx': count(own, '3xx'),
        '4xx': count(own, '4xx'),
        '5xx': count(own, '5xx'),
        none: count(own, 'none'),
        ...percentiles(own),
      };
    }),
    endpoints: [...groups.values()]
      .map((own) => {
        const { p50_ms, p95_ms, p99_ms } = percentiles(own);
        const { method, host, url_path: path } = own[0]!;
        return {
          method,
          host,
          path,
          requests: own.length,
          client_errors: count(own, '4xx'),
          server_errors: count(own, '5xx'),
          p50_ms,
          p95_ms,
          p99_ms,
          requests_before: earlier.filter((row) => nameOf(row) === nameOf(own[0]!)).length,
        };
      })
      .sort((a, b) => b.requests - a.requests)
      .slice(0, 50),
    latency: {
      bounds_ms: bounds,
      counts: starts.map((at) => {
        const counts = bounds.map(() => 0);
        for (const row of inBucket(at)) {
          const bound = bounds.findIndex((top) => row.duration / 1e6 <= top);
          const index = bound < 0 ? bounds.length - 1 : bound;
          counts[index] = (counts[index] ?? 0) + 1;
        }
        return counts;
      }),
    },
  };
}
