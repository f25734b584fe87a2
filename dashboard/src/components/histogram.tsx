// How many requests there were over the range, by status class; what is dragged over is zoomed to.
import { useSignal } from '@preact/signals';
import type { QueryAnswer } from '../api/query';
import { runQuery } from '../api/query';
import { formatCompact, formatSeconds } from '../format/number';
import { formatMoment } from '../format/time';
import type { Load } from '../state/load';
import { momentOf, zoomTo, type Range } from '../state/range';
import { Chart, type ChartData } from './charts/chart';
import { stack, stackedBars } from './charts/stacked_bars';

export interface Histogram {
  from: number;
  to: number;
  // Seconds.
  step: number;
  // Where each bar begins, in seconds since 1970.
  starts: number[];
  // For each layer, the counts of the bars.
  layers: number[][];
  total: number;
}

// From the bottom up: the hundreds of a status, and 0 for none.
const classes = [200, 300, 100, 0, 400, 500] as const;
const names: Record<number, string> = { 0: 'none' };
const colours = classes.map((one) => (one === 0 ? 'status-no' : `status-${one / 100}xx`));
// There is room for two lines: the ground, and the highest bar.
const kind = {
  ...stackedBars(colours),
  splits: (top: number) => [0, Math.floor(top / 1.08)],
};

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

function pipelineOf(condition: string): string {
  const count =
    'summarize n = count() by at = bin_auto(timestamp), class = status_code - status_code % 100';
  return condition === '' ? count : `${condition} | ${count}`;
}

function read(answer: QueryAnswer, range: Range): Histogram {
  const rows = answer.rows as [at: string, status: number | null, n: number][];
  const at = answer.columns.findIndex(({ name }) => name === 'at');
  const status = answer.columns.findIndex(({ name }) => name === 'class');
  const n = answer.columns.findIndex(({ name }) => name === 'n');
  const found = rows.map((row) => ({
    start: Date.parse(String(row[at])) / 1000,
    status: Number(row[status] ?? 0),
    count: Number(row[n]),
  }));
  const now = Date.now();
  const first = found[0]?.start ?? now / 1000;
  const last = found[found.length - 1]?.start ?? now / 1000;
  const since = momentOf(range.since, now);
  const until = range.until === '' ? now : (momentOf(range.until, now) ?? now);
  const asked = since === null ? null : (until - since) / 1000;
  const step = asked === null ? smallestGap(found.map(({ start }) => start)) : stepOf(asked);
  const from = since === null ? first : Math.floor(since / 1000 / step) * step;
  const to = Math.max(since === null ? last + step : until / 1000, from + step);
  const starts: number[] = [];
  for (let start = from; start < to && starts.length < 5000; start += step) starts.push(start);
  const layers = classes.map(() => starts.map(() => 0));
  for (const { start, status: one, count } of found) {
    const layer = layers[classes.findIndex((known) => known === one)];
    const bar = Math.round((start - from) / step);
    if (layer && bar >= 0 && bar < starts.length) layer[bar] = (layer[bar] ?? 0) + count;
  }
  const total = found.reduce((sum, { count }) => sum + count, 0);
  return { from, to: from + starts.length * step, step, starts, layers, total };
}

function stepOf(span: number): number {
  return steps.find(([most]) => span <= most)?.[1] ?? 86_400;
}

function smallestGap(starts: readonly number[]): number {
  let least = 86_400;
  starts.forEach((start, index) => {
    const gap = start - (starts[index - 1] ?? start);
    if (gap > 0) least = Math.min(least, gap);
  });
  return least;
}

export async function loadHistogram(
  condition: string,
  range: Range,
  signal: AbortSignal,
): Promise<Histogram> {
  return read(await runQuery(pipelineOf(condition), range, { limit: 10_000, signal }), range);
}

function dataOf(histogram: Histogram): ChartData {
  const half = histogram.step / 2;
  const layers = histogram.layers.map((counts, index) => ({
    colour: colours[index] ?? '',
    counts,
  }));
  return {
    from: histogram.from,
    to: histogram.to,
    columns: [
      histogram.starts.map((start) => start + half),
      ...stack(layers, histogram.starts.length),
    ],
  };
}

export function HistogramStrip({ load }: { load: Load<Histogram> }) {
  const hovered = useSignal<number | null>(null);
  const { value } = load;
  const at = hovered.value;
  const start = at === null ? undefined : value?.starts[at];
  return (
    <section
      class={`histogram ${load.stale ? 'panel-stale' : ''}`}
      aria-label="Requests over time"
      aria-busy={load.busy}
    >
      <div class="readout">
        {value === undefined ? (
          <span role="status">
            {load.status === 'loading' ? 'Counting…' : `Not counted: ${load.failure ?? ''}`}
          </span>
        ) : (
          <>
            <span class="readout-time">
              {start === undefined
                ? `${formatCompact(value.total)} in steps of ${formatSeconds(value.step)}`
                : formatMoment(new Date(start * 1000).toISOString())}
            </span>
            {classes.map((one, index) => {
              const counts = value.layers[index] ?? [];
              const all = counts.reduce((sum, count) => sum + count, 0);
              if (all === 0) return null;
              return (
                <span key={one} class="readout-figure">
                  <i class={`swatch swatch-${colours[index] ?? ''}`} />
                  {names[one] ?? `${one / 100}xx`}{' '}
                  <b>{formatCompact(start === undefined ? all : (counts[at ?? 0] ?? 0))}</b>
                </span>
              );
            })}
          </>
        )}
      </div>
      {value === undefined ? null : (
        <Chart
          label={`Requests over time: ${formatCompact(value.total)} in all`}
          kind={kind}
          data={dataOf(value)}
          hovered={hovered}
          onZoom={zoomTo}
        />
      )}
    </section>
  );
}
