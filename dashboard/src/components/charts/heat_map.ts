// How durations are distributed over time: a cell for each bucket and bound, the darker the more
// requests are in it. Bounds are as high as one another, whatever lies between them.
import type uPlot from 'uplot';
import { formatMilliseconds } from '../../format/number';
import type { ChartData, ChartKind } from './chart';
import { colour } from './theme';

export interface Distribution {
  bounds_ms: readonly number[];
  // For every bucket how many in each bound.
  counts: readonly (readonly number[])[];
}

// The bounds that are used, with one to spare on each side.
export function usedBounds(distribution: Distribution): { first: number; last: number } {
  let first = distribution.bounds_ms.length;
  let last = -1;
  for (const counts of distribution.counts) {
    counts.forEach((count, bound) => {
      if (count === 0) return;
      first = Math.min(first, bound);
      last = Math.max(last, bound);
    });
  }
  if (last < 0) return { first: 0, last: distribution.bounds_ms.length - 1 };
  return {
    first: Math.max(0, first - 1),
    last: Math.min(last + 1, distribution.bounds_ms.length - 1),
  };
}

// `shown` is asked at every drawing: what is shown may have been loaded anew.
export function heatMap(shown: () => Distribution): ChartKind {
  const rows = () => {
    const { first, last } = usedBounds(shown());
    return { first, count: last - first + 1 };
  };
  return {
    series: () => [{ show: false }],
    top: () => rows().count,
    axisText: (row) => {
      const bound = shown().bounds_ms[rows().first + row - 1];
      return row === 0 || bound === undefined ? '' : formatMilliseconds(bound);
    },
    splits: (top) => {
      const step = Math.max(1, Math.ceil(top / 6));
      const lines: number[] = [];
      for (let row = step; row <= top; row += step) lines.push(row);
      return lines;
    },
    paint: (plot, data) => paintCells(plot, data, shown(), rows().first),
  };
}

function paintCells(plot: uPlot, data: ChartData, distribution: Distribution, first: number): void {
  const times = data.columns[0];
  const { ctx } = plot;
  const most = Math.max(1, ...distribution.counts.map((counts) => Math.max(0, ...counts)));
  const width = times.length > 1 ? (times[1] ?? 0) - (times[0] ?? 0) : data.to - data.from;
  const y = (row: number) => Math.round(plot.valToPos(row, 'y', true));
  ctx.save();
  ctx.beginPath();
  ctx.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
  ctx.clip();
  ctx.fillStyle = colour('heat');
  times.forEach((time, bucket) => {
    const left = Math.round(plot.valToPos(time - width / 2, 'x', true));
    const right = Math.round(plot.valToPos(time + width / 2, 'x', true));
    distribution.counts[bucket]?.forEach((count, bound) => {
      if (count === 0) return;
      // Logarithmic: a few slow ones must be seen beside thousands of fast ones.
      ctx.globalAlpha = 0.14 + 0.86 * (Math.log1p(count) / Math.log1p(most));
      const bottom = y(bound - first);
      const top = y(bound - first + 1);
      ctx.fillRect(left, top, Math.max(1, right - left - 1), Math.max(1, bottom - top - 1));
    });
  });
  ctx.restore();
}
