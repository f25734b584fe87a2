// What happened in a period: figures beside those of the period before, charts, endpoints.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { getOverview, getStats, type Bucket, type Direction, type Overview } from '../api/overview';
import { ChartPanel, type Series } from '../components/chart_panel';
import type { ChartData } from '../components/charts/chart';
import { heatMap, usedBounds } from '../components/charts/heat_map';
import { durationLines } from '../components/charts/lines';
import { stack, stackedBars, type Layer } from '../components/charts/stacked_bars';
import { EndpointTable } from '../components/endpoint_table';
import { FirstSteps } from '../components/first_steps';
import { Notice } from '../components/notice';
import { RangePicker } from '../components/range_picker';
import { useKeys } from '../components/shortcuts';
import { TotalsStrip } from '../components/totals';
import { WiderRanges } from '../components/wider_ranges';
import { formatCompact, formatMilliseconds } from '../format/number';
import { milliseconds } from '../format/time';
import { query, setQuery } from '../router';
import { useLoad } from '../state/load';
import { range } from '../state/range';

const refreshMilliseconds = 10_000;
const firstStepsMilliseconds = 2_000;

type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx' | 'none';

const classColours: Record<StatusClass, string> = {
  '2xx': 'status-2xx',
  '3xx': 'status-3xx',
  '1xx': 'status-1xx',
  none: 'status-no',
  '4xx': 'status-4xx',
  '5xx': 'status-5xx',
};
// From the bottom up.
const classes = Object.keys(classColours) as StatusClass[];
const errorClasses: StatusClass[] = ['4xx', '5xx', 'none'];
const percentiles = ['p50_ms', 'p75_ms', 'p95_ms', 'p99_ms'] as const;

const classBars = stackedBars(classes.map((name) => classColours[name]));
const errorBars = stackedBars(errorClasses.map((name) => classColours[name]));
const percentileLines = durationLines(percentiles.map((name) => name.replace('_ms', '')));

function withTimes(overview: Overview, columns: (number | null)[][]): ChartData {
  const half = overview.resolution_s / 2;
  const times = overview.buckets.map(({ at }) => milliseconds(at) / 1000 + half);
  return {
    from: milliseconds(overview.since) / 1000,
    to: milliseconds(overview.until) / 1000,
    columns: [times, ...columns],
  };
}

function barsOf(overview: Overview, names: readonly StatusClass[]): ChartData {
  const layers = names.map((name): Layer => ({
    colour: classColours[name],
    counts: overview.buckets.map((bucket) => bucket[name]),
  }));
  return withTimes(overview, stack(layers, overview.buckets.length));
}

function sum(overview: Overview, name: StatusClass): number {
  return overview.buckets.reduce((total, bucket) => total + bucket[name], 0);
}

function classSeries(names: readonly StatusClass[]): Series[] {
  return names.map((name) => ({
    name,
    colour: classColours[name],
    rare: name === '1xx' || name === 'none',
    at: (overview, bucket) => formatCompact(overview.buckets[bucket]?.[name] ?? 0),
    total: (overview) => formatCompact(sum(overview, name)),
  }));
}

function duration(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? '–' : formatMilliseconds(ms);
}

const percentileSeries: Series[] = percentiles.map((name) => ({
  name: name.replace('_ms', ''),
  colour: name.replace('_ms', ''),
  at: (overview, bucket) => duration(overview.buckets[bucket]?.[name]),
  total: (overview) => duration(overview.totals[name]),
}));

// The bound that most requests of a bucket are in, and the highest that any is in.
function boundOf(overview: Overview, counts: readonly number[], which: 'mode' | 'last'): string {
  let found = -1;
  counts.forEach((count, bound) => {
    if (count === 0) return;
    if (which === 'last' || found < 0 || count > (counts[found] ?? 0)) found = bound;
  });
  const ms = overview.latency.bounds_ms[found];
  return ms === undefined ? '–' : `≤ ${formatMilliseconds(ms)}`;
}

function allCounts(overview: Overview): number[] {
  const sums = overview.latency.bounds_ms.map(() => 0);
  for (const counts of overview.latency.counts) {
    counts.forEach((count, bound) => (sums[bound] = (sums[bound] ?? 0) + count));
  }
  return sums;
}

const heatSeries: Series[] = (['mode', 'last'] as const).map((which) => ({
  name: which === 'mode' ? 'most' : 'slowest',
  colour: which === 'mode' ? 'heat' : 'heat-low',
  at: (overview, bucket) => boundOf(overview, overview.latency.counts[bucket] ?? [], which),
  total: (overview) => boundOf(overview, allCounts(overview), which),
}));

function useHeatMap(overview: Overview | undefined) {
  const shown = useRef(overview);
  shown.current = overview;
  return useMemo(() => {
    const none = { bounds_ms: [1], counts: [] };
    return heatMap(() => shown.current?.latency ?? none);
  }, []);
}

// A project without a single exchange is told how the first one comes; another range may have some.
function Nothing({ reload }: { reload: () => void }) {
  const stats = useLoad('stats', getStats, { everyMilliseconds: firstStepsMilliseconds });
  const some = (stats.value?.exchanges ?? 0) > 0;
  // What came between the two answers may belong to this range.
  useEffect(() => {
    if (some) reload();
  }, [some]);
  if (stats.value === undefined) return null;
  if (!some) return <FirstSteps arrived={reload} />;
  return (
    <Notice title="No requests in this time">
      <p>There are {stats.value.exchanges.toLocaleString('en')} at other times.</p>
      <div class="notice-actions">
        <WiderRanges />
      </div>
    </Notice>
  );
}

function isQuiet(bucket: Bucket): boolean {
  return bucket.requests === 0;
}

const directions = [
  ['incoming', 'Incoming'],
  ['outgoing', 'Outgoing'],
] as const;

function DirectionChoice({ type }: { type: Direction }) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">Which requests</legend>
      {directions.map(([choice, label]) => (
        <label key={choice} class="segment">
          <input
            type="radio"
            name="type"
            value={choice}
            checked={choice === type}
            onChange={() => setQuery({ type: choice === 'incoming' ? '' : choice })}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function OverviewPage() {
  const shown = range.value;
  const hovered = useSignal<number | null>(null);
  const asTable = query.value.get('as') === 'table';
  const type: Direction = query.value.get('type') === 'outgoing' ? 'outgoing' : 'incoming';
  const key = JSON.stringify([shown, type]);
  const load = useLoad(key, (signal) => getOverview(shown, type, signal), {
    keep: true,
    ...(shown.until === '' ? { everyMilliseconds: refreshMilliseconds } : {}),
  });
  const heat = useHeatMap(load.value);
  const toggleTable = () => setQuery({ as: asTable ? '' : 'table' }, { replace: true });
  useEffect(() => {
    document.title = 'Overview · APIToolkit';
  }, []);
  useKeys({ t: toggleTable });

  const overview = load.value;
  const empty = overview !== undefined && !load.stale && overview.buckets.every(isQuiet);
  const common = { load, hovered, asTable };
  return (
    <div class="page page-overview">
      <div class="page-head">
        <h1>Overview</h1>
        <DirectionChoice type={type} />
        <button
          type="button"
          class="button button-quiet"
          aria-pressed={asTable}
          title="Figures in place of the charts (t)"
          onClick={toggleTable}
        >
          Tables
        </button>
        <RangePicker />
      </div>
      {empty ? (
        <Nothing reload={load.reload} />
      ) : (
        <div class="overview">
          <TotalsStrip load={load} />
          <div class="charts">
            <ChartPanel
              {...common}
              id="by-status"
              title="Requests by status"
              kind={classBars}
              series={classSeries(classes)}
              columns={(value) => barsOf(value, classes)}
            />
            <ChartPanel
              {...common}
              id="latency"
              title="Latency"
              kind={percentileLines}
              series={percentileSeries}
              columns={(value) =>
                withTimes(
                  value,
                  percentiles.map((name) => value.buckets.map((bucket) => bucket[name])),
                )
              }
            />
            <ChartPanel
              {...common}
              id="distribution"
              title="Latency distribution"
              kind={heat}
              series={heatSeries}
              columns={(value) =>
                withTimes(value, [value.buckets.map(() => usedBounds(value.latency).last)])
              }
            />
            <ChartPanel
              {...common}
              id="errors"
              title="Errors"
              kind={errorBars}
              series={classSeries(errorClasses)}
              columns={(value) => barsOf(value, errorClasses)}
            />
          </div>
          <EndpointTable load={load} type={type} />
        </div>
      )}
    </div>
  );
}
