// A chart over time, drawn by uPlot. What is dragged over is zoomed to, through the address; the
// bucket under the pointer is told to whoever shows figures.
import type { Signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colour, themeChanges } from './theme';

export interface ChartData {
  // Seconds since 1970: where the chart begins and ends, and the middle of each bucket.
  from: number;
  to: number;
  columns: uPlot.AlignedData;
}

// How one kind of chart is drawn. It must not change while the chart is shown.
export interface ChartKind {
  // Called again when the colours change.
  series: () => uPlot.Series[];
  // The greatest value of the y axis.
  top: (data: ChartData) => number;
  axisText: (value: number) => string;
  // Where the y axis has its lines; uPlot's own choice by default.
  splits?: (top: number) => number[];
  // Draws beneath the series.
  paint?: (plot: uPlot, data: ChartData) => void;
}

interface ChartProps {
  label: string;
  kind: ChartKind;
  data: ChartData;
  hovered: Signal<number | null>;
  onZoom: (from: number, to: number) => void;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

function timeTexts(splits: number[], step: number): string[] {
  return splits.map((seconds) => {
    const date = new Date(seconds * 1000);
    const midnight = date.getHours() === 0 && date.getMinutes() === 0;
    if (step >= 86_400 || (midnight && step >= 60)) return day.format(date);
    return (step < 60 ? clockSeconds : clock).format(date);
  });
}

const dragPixelsMin = 6;

export function Chart(props: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const theme = themeChanges.value;

  useLayoutEffect(() => {
    const box = holder.current;
    if (!box) return undefined;
    const made = new uPlot(optionsOf(latest, box), latest.current.data.columns, box);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      const width = box.clientWidth;
      const height = box.clientHeight;
      if (width !== made.width || height !== made.height) made.setSize({ width, height });
    });
    observer.observe(box);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [theme, props.kind]);

  useLayoutEffect(() => {
    if (plot.current && plot.current.data !== props.data.columns) {
      plot.current.setData(props.data.columns);
    }
  }, [props.data]);

  return <div class="chart" ref={holder} role="img" aria-label={props.label} />;
}

function optionsOf(latest: { current: ChartProps }, box: HTMLDivElement): uPlot.Options {
  const { kind } = latest.current;
  const axis = {
    stroke: colour('faint'),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    ticks: { show: false },
  };
  return {
    width: box.clientWidth,
    height: box.clientHeight,
    legend: { show: false },
    padding: [8, 18, 0, 0],
    scales: {
      x: { time: true, range: () => [latest.current.data.from, latest.current.data.to] },
      y: { range: () => [0, kind.top(latest.current.data)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 64,
        size: 22,
        gap: 4,
        values: (_plot, splits, _axis, _space, step) => timeTexts(splits, step),
      },
      {
        ...axis,
        grid: { stroke: colour('grid'), width: 1 },
        size: 52,
        gap: 6,
        space: 34,
        values: (_plot, splits) => splits.map(kind.axisText),
        ...(kind.splits ? { splits: (_p, _i, _min, max) => kind.splits?.(max) ?? [] } : {}),
      },
    ],
    series: [{}, ...kind.series()],
    cursor: {
      sync: { key: 'overview', setSeries: false },
      points: { show: false },
      y: false,
      drag: { x: true, y: false, setScale: false },
    },
    hooks: {
      drawAxes: kind.paint ? [(plot) => kind.paint?.(plot, latest.current.data)] : [],
      setCursor: [
        (plot) => {
          const at = plot.cursor.idx ?? null;
          const { hovered } = latest.current;
          if (hovered.value !== at) hovered.value = at;
        },
      ],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < dragPixelsMin) return;
          const from = plot.posToVal(left, 'x') * 1000;
          const to = plot.posToVal(left + width, 'x') * 1000;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          latest.current.onZoom(from, to);
        },
      ],
    },
  };
}
