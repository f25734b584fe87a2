// How many requests a condition finds over a range, in steps, by class of status.
//
// Without a condition, and over more than an hour, the server is asked for what it has counted when
// it stored them (GET /overview), which takes no longer the more there are. That comes in whole
// steps: what the first and the last one have outside of the range is counted by a query and taken
// away, so that the figures are those of the range.
import { momentOf, type Range } from '../state/range';
import { getStats, trafficOf } from './overview';
import { runQuery, type QueryAnswer } from './query';

export interface Histogram {
  // Seconds since 1970; `step` in seconds.
  from: number;
  to: number;
  step: number;
  // Where each bar begins.
  starts: number[];
  // For each of `classes`, the counts of the bars.
  layers: number[][];
  total: number;
  // What was counted of each class, of more classes than there are layers.
  counts: Map<number, number>;
}

// From the bottom up: the hundreds of a status, and 0 for none.
export const classes = [200, 300, 100, 0, 400, 500] as const;

// As bin_auto() chooses them: up to so many seconds, steps of so many.
const steps: [span: number, step: number][] = [
  [120, 1],
  [900, 10],
  [3600, 30],
  [21_600, 60],
  [50_400, 300],
  [172_800, 600],
  [604_799, 3600],
  [2_591_999, 21_600],
];
const barsMax = 5000;
const rowsMax = 10_000;
const countedSecondsMin = 3600;
const classOfStatus = 'class = status_code - status_code % 100';

function stepOf(span: number): number {
  return steps.find(([most]) => span <= most)?.[1] ?? 86_400;
}

// So many of a class, in the bar that begins then.
interface Part {
  start: number;
  status: number;
  count: number;
}

function histogramOf(parts: readonly Part[], from: number, to: number, step: number): Histogram {
  const starts: number[] = [];
  for (let start = from; start < to && starts.length < barsMax; start += step) starts.push(start);
  const layers = classes.map(() => starts.map(() => 0));
  const counts = new Map<number, number>();
  let total = 0;
  for (const { start, status, count } of parts) {
    const layer = layers[classes.findIndex((known) => known === status)];
    const bar = Math.round((start - from) / step);
    if (layer && bar >= 0 && bar < starts.length) layer[bar] = (layer[bar] ?? 0) + count;
    counts.set(status, (counts.get(status) ?? 0) + count);
    total += count;
  }
  return { from, to: from + starts.length * step, step, starts, layers, total, counts };
}

function partsOf(answer: QueryAnswer): Part[] {
  const rows = answer.rows as (string | number | null)[][];
  const column = (wanted: string) => answer.columns.findIndex(({ name }) => name === wanted);
  const [at, status, n] = [column('at'), column('class'), column('n')];
  return rows.map((row) => ({
    start: at < 0 ? 0 : Date.parse(String(row[at])) / 1000,
    status: Number(row[status] ?? 0),
    count: Number(row[n]),
  }));
}

function smallestGap(parts: readonly Part[]): number {
  let least = 86_400;
  parts.forEach(({ start }, index) => {
    const gap = start - (parts[index - 1]?.start ?? start);
    if (gap > 0) least = Math.min(least, gap);
  });
  return least;
}

async function searched(condition: string, range: Range, signal: AbortSignal): Promise<Histogram> {
  const summarize = `summarize n = count() by at = bin_auto(timestamp), ${classOfStatus}`;
  const pipeline = condition === '' ? summarize : `${condition} | ${summarize}`;
  const parts = partsOf(await runQuery(pipeline, range, { limit: rowsMax, signal }));
  const now = Date.now();
  const first = parts[0]?.start ?? now / 1000;
  const last = parts[parts.length - 1]?.start ?? now / 1000;
  const since = momentOf(range.since, now);
  const until = range.until === '' ? now : (momentOf(range.until, now) ?? now);
  const step = since === null ? smallestGap(parts) : stepOf((until - since) / 1000);
  const from = since === null ? first : Math.floor(since / 1000 / step) * step;
  const to = Math.max(since === null ? last + step : until / 1000, from + step);
  return histogramOf(parts, from, to, step);
}

// What a time outside of the range has, as parts of one bar that take it away.
async function takenAway(
  from: number,
  to: number,
  start: number,
  signal: AbortSignal,
): Promise<Part[]> {
  if (from >= to) return [];
  const iso = (time: number) => new Date(time).toISOString();
  const outside = { since: iso(from), until: iso(to) };
  const answer = await runQuery(`summarize n = count() by ${classOfStatus}`, outside, { signal });
  return partsOf(answer).map(({ status, count }) => ({ start, status, count: -count }));
}

const names = [
  ['1xx', 100],
  ['2xx', 200],
  ['3xx', 300],
  ['4xx', 400],
  ['5xx', 500],
  ['none', 0],
] as const;

// `since` and `until` in milliseconds. Null where the server counts in other steps.
async function counted(
  since: number,
  until: number,
  ended: boolean,
  signal: AbortSignal,
): Promise<Histogram | null> {
  const step = Math.max(60, stepOf((until - since) / 1000));
  const from = Math.floor(since / 1000 / step) * step;
  const to = Math.ceil(until / 1000 / step) * step;
  const [incoming, outgoing, before, after] = await Promise.all([
    trafficOf(since, until, 'incoming', signal),
    trafficOf(since, until, 'outgoing', signal),
    takenAway(from * 1000, since, from, signal),
    // Of a range that goes on there is nothing after it.
    ended ? takenAway(until, to * 1000, to - step, signal) : [],
  ]);
  if (incoming.resolution_s !== step) return null;
  const parts = [incoming, outgoing].flatMap(({ buckets }) =>
    buckets.flatMap((bucket) =>
      names.map(([name, status]) => ({
        start: Date.parse(bucket.at) / 1000,
        status,
        count: bucket[name],
      })),
    ),
  );
  return histogramOf([...parts, ...before, ...after], from, to, step);
}

export async function loadHistogram(
  condition: string,
  range: Range,
  signal: AbortSignal,
): Promise<Histogram> {
  if (condition.trim() === '') {
    const now = Date.now();
    const oldest = range.since === 'all' ? (await getStats(signal)).oldest : null;
    const since = oldest === null ? momentOf(range.since, now) : Date.parse(oldest);
    const until = range.until === '' ? now : momentOf(range.until, now);
    if (since !== null && until !== null && until - since > countedSecondsMin * 1000) {
      const found = await counted(since, until, range.until !== '', signal);
      if (found) return found;
    }
  }
  return searched(condition, range, signal);
}
