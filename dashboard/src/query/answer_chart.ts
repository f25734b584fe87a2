// The answer of a pipeline as series over time, where it has a row for each step of time.
import type { QueryAnswer } from '../api/query';
import type { TimeSteps } from './pipeline';

export interface Series {
  name: string;
  // One for each step; null where there is nothing.
  values: (number | null)[];
}

export interface AnswerChart {
  // Seconds since 1970; `step` in seconds.
  from: number;
  to: number;
  step: number;
  starts: number[];
  // The greatest first.
  series: Series[];
  // Of the answer's values: `duration` in nanoseconds, or a number.
  type: 'duration' | 'number';
  additive: boolean;
  // Series that are not drawn.
  leftOut: number;
}

export const seriesMax = 6;
const stepsMax = 5000;
const numbers = /^(integer|double|duration)$/;

function typeOf(type: string): 'duration' | 'number' {
  return type === 'duration' ? 'duration' : 'number';
}

function smallestGap(times: readonly number[]): number {
  let least = Infinity;
  times.forEach((time, index) => {
    const gap = time - (times[index - 1] ?? -Infinity);
    if (gap > 0) least = Math.min(least, gap);
  });
  return Number.isFinite(least) ? least : 60;
}

// Null where it cannot be drawn: no times, no numbers, or too many steps.
export function chartOf(answer: QueryAnswer, steps: TimeSteps): AnswerChart | null {
  const { columns } = answer;
  const rows = answer.rows as unknown[][];
  const drawn = columns
    .map(({ name, type }, index) => ({ name, type, index }))
    .filter(({ type, index }) => index >= steps.groups && numbers.test(type));
  const [first] = drawn;
  if (columns[0]?.type !== 'time' || first === undefined) return null;
  const timeOf = (row: readonly unknown[]) => Date.parse(String(row[0])) / 1000;
  const times = [...new Set(rows.map(timeOf).filter((time) => !Number.isNaN(time)))];
  times.sort((a, b) => a - b);
  const [from] = times;
  if (from === undefined) return null;
  const step = smallestGap(times);
  const count = Math.round(((times[times.length - 1] ?? from) - from) / step) + 1;
  if (count > stepsMax) return null;

  const all = new Map<string, Series & { sum: number }>();
  const put = (name: string, row: readonly unknown[], value: unknown) => {
    const at = Math.round((timeOf(row) - from) / step);
    if (typeof value !== 'number' || Number.isNaN(at)) return;
    const empty = steps.additive ? 0 : null;
    const series = all.get(name) ?? { name, sum: 0, values: new Array(count).fill(empty) };
    series.values[at] = value;
    series.sum += Math.abs(value);
    all.set(name, series);
  };
  const group = (row: readonly unknown[]) =>
    row
      .slice(1, steps.groups)
      .map((value) => (value === null ? 'none' : String(value)))
      .join(' · ');
  for (const row of rows) {
    if (steps.groups > 1) put(group(row), row, row[first.index]);
    // On one axis there is one unit.
    else {
      for (const { name, type, index } of drawn) {
        if (typeOf(type) === typeOf(first.type)) put(name, row, row[index]);
      }
    }
  }
  const series = [...all.values()];
  if (steps.groups > 1) series.sort((a, b) => b.sum - a.sum);
  return {
    from,
    to: from + count * step,
    step,
    starts: Array.from({ length: count }, (_, index) => from + index * step),
    series: series.slice(0, seriesMax).map(({ name, values }) => ({ name, values })),
    type: typeOf(first.type),
    additive: steps.additive,
    leftOut: Math.max(0, series.length - seriesMax),
  };
}
