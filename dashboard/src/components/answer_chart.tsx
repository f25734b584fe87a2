// The answer of a pipeline, drawn over time: bars where its counts add up, else lines. What is
// dragged over is zoomed to.
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { formatDuration } from '../format/duration';
import { formatCompact, formatSeconds } from '../format/number';
import { formatMoment } from '../format/time';
import type { AnswerChart } from '../query/answer_chart';
import { zoomTo } from '../state/range';
import { Chart, type ChartData } from './charts/chart';
import { valueLines } from './charts/lines';
import { stack, stackedBars } from './charts/stacked_bars';
import { Text } from './text';

function colourOf(index: number): string {
  return `series-${index + 1}`;
}

function figure({ type }: AnswerChart, value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return type === 'duration' ? formatDuration(Math.round(value)) : formatCompact(value);
}

function dataOf(chart: AnswerChart): ChartData {
  const middles = chart.starts.map((start) => start + chart.step / 2);
  const lines = chart.series.map(({ values }) => values);
  const layers = chart.series.map(({ values }, index) => ({
    colour: colourOf(index),
    counts: values.map((value) => value ?? 0),
  }));
  const columns = chart.additive ? stack(layers, chart.starts.length) : lines;
  return { from: chart.from, to: chart.to, columns: [middles, ...columns] };
}

export function AnswerChartView({ chart }: { chart: AnswerChart }) {
  const hovered = useSignal<number | null>(null);
  const { additive, type, series } = chart;
  const data = useMemo(() => dataOf(chart), [chart]);
  const kind = useMemo(() => {
    const colours = series.map((_, index) => colourOf(index));
    if (additive) return stackedBars(colours);
    return valueLines(colours, (value) => (value === 0 ? '0' : figure(chart, value)));
  }, [additive, type, series.length]);
  const at = hovered.value;
  const start = at === null ? undefined : chart.starts[at];
  return (
    <section class="answer-chart" aria-label="The answer over time">
      <div class="readout">
        <span class="readout-time">
          {start === undefined
            ? `steps of ${formatSeconds(chart.step)}`
            : formatMoment(new Date(start * 1000).toISOString())}
        </span>
        {series.map(({ name, values }, index) => (
          <span key={name} class="readout-figure">
            <i class={`swatch swatch-${colourOf(index)}`} />
            <Text value={name.slice(0, 60)} />{' '}
            {start === undefined ? null : <b>{figure(chart, values[at ?? 0])}</b>}
          </span>
        ))}
        {chart.leftOut === 0 ? null : (
          <span class="faint">{chart.leftOut} more in the table alone</span>
        )}
      </div>
      <Chart
        key={series.length}
        label={`The answer over time, ${chart.starts.length} steps; the same is in the table`}
        kind={kind}
        data={data}
        hovered={hovered}
        onZoom={zoomTo}
      />
    </section>
  );
}
