// How many requests there were over the range, by status class; what is dragged over is zoomed to.
import { useSignal } from '@preact/signals';
import { classes, type Histogram } from '../api/histogram';
import { formatCompact, formatSeconds } from '../format/number';
import { formatMoment } from '../format/time';
import type { Load } from '../state/load';
import { zoomTo } from '../state/range';
import { Chart, type ChartData } from './charts/chart';
import { stack, stackedBars } from './charts/stacked_bars';

const names: Record<number, string> = { 0: 'none' };
const colours = classes.map((one) => (one === 0 ? 'status-no' : `status-${one / 100}xx`));
// There is room for two lines: the ground, and the highest bar.
const kind = {
  ...stackedBars(colours),
  splits: (top: number) => [0, Math.floor(top / 1.08)],
};

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
