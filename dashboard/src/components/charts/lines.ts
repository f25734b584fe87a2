// Values as lines, durations above all. Where nothing was measured there is no line.
import type uPlot from 'uplot';
import { formatMilliseconds } from '../../format/number';
import type { ChartData, ChartKind } from './chart';
import { colour } from './theme';

// A value without neighbours makes no line: it is drawn as a point.
function lonely(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const found: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const alone = values[index - 1] == null && values[index + 1] == null;
    if (values[index] != null && alone) found.push(index);
  }
  return found;
}

// Milliseconds.
export function durationLines(colours: readonly string[]): ChartKind {
  return valueLines(colours, (ms) => (ms === 0 ? '0' : formatMilliseconds(ms)));
}

export function valueLines(
  colours: readonly string[],
  axisText: (value: number) => string,
): ChartKind {
  return {
    series: () =>
      colours.map((name) => ({
        stroke: colour(name),
        width: 1.5,
        points: { show: true, size: 5, fill: colour(name), filter: lonely },
      })),
    top: topOf,
    axisText,
  };
}

function topOf(data: ChartData): number {
  let highest = 0;
  for (const column of data.columns.slice(1)) {
    for (const value of column) highest = Math.max(highest, value ?? 0);
  }
  return highest === 0 ? 1 : highest * 1.08;
}
