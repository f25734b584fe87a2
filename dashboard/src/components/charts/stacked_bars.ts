// Counts on top of each other, one bar a bucket.
import uPlot from 'uplot';
import { formatCompact } from '../../format/number';
import type { ChartData, ChartKind } from './chart';
import { colour } from './theme';

// What is drawn from the bottom up: the colour's name, and the counts of the buckets.
export interface Layer {
  colour: string;
  counts: readonly number[];
}

// The columns of the sums: the highest first, which the lower ones are drawn over.
export function stack(layers: readonly Layer[], buckets: number): number[][] {
  const sums: number[][] = [];
  let below = new Array<number>(buckets).fill(0);
  for (const { counts } of layers) {
    below = below.map((sum, index) => sum + (counts[index] ?? 0));
    sums.unshift(below);
  }
  return sums;
}

export function stackedBars(colours: readonly string[]): ChartKind {
  const bars = uPlot.paths.bars?.({ size: [0.86, 60], gap: 0 });
  return {
    series: () =>
      [...colours].reverse().map((name) => ({
        fill: colour(name),
        stroke: 'transparent',
        width: 0,
        points: { show: false },
        ...(bars ? { paths: bars } : {}),
      })),
    top: topOf,
    axisText: formatCompact,
    splits: wholeSplits,
  };
}

function topOf(data: ChartData): number {
  let highest = 0;
  for (const sum of data.columns[1] ?? []) highest = Math.max(highest, sum ?? 0);
  return Math.max(highest * 1.08, 4);
}

// Lines at whole numbers: there is no half of a request.
export function wholeSplits(top: number): number[] {
  const wanted = top / 4;
  const power = 10 ** Math.floor(Math.log10(Math.max(wanted, 1)));
  const step = Math.max(1, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= wanted) ?? power);
  const lines: number[] = [];
  for (let line = 0; line <= top; line += step) lines.push(line);
  return lines;
}
