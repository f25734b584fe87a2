// A chart in its panel: what it shows, over which time and in which steps; the figures of the
// bucket under the pointer, else those of the whole; and the same as a table.
import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Overview } from '../api/overview';
import { formatSeconds } from '../format/number';
import { formatMoment, formatSpan } from '../format/time';
import type { Load } from '../state/load';
import { zoomTo } from '../state/range';
import { Chart, type ChartData, type ChartKind } from './charts/chart';
import { Panel } from './panel';

export interface Series {
  name: string;
  // The colour's name in the stylesheet.
  colour: string;
  // The figure of a bucket as text, and of the whole.
  at: (overview: Overview, bucket: number) => string;
  total: (overview: Overview) => string;
  // Left out of the readout where there is nothing of it in the whole range.
  rare?: boolean;
}

interface ChartPanelProps {
  id: string;
  title: string;
  load: Load<Overview>;
  kind: ChartKind;
  series: readonly Series[];
  columns: (overview: Overview) => ChartData;
  hovered: Signal<number | null>;
  asTable: boolean;
}

function Readout({
  overview,
  series,
  hovered,
}: {
  overview: Overview;
  series: readonly Series[];
  hovered: ReadonlySignal<number | null>;
}) {
  const at = hovered.value;
  const bucket = at === null ? undefined : overview.buckets[at];
  return (
    <div class="readout">
      <span class="readout-time">{bucket ? formatMoment(bucket.at) : 'whole range'}</span>
      {series.map((one) =>
        one.rare && one.total(overview) === '0' ? null : (
          <span key={one.name} class="readout-figure">
            <i class={`swatch swatch-${one.colour}`} />
            {one.name} <b>{bucket && at !== null ? one.at(overview, at) : one.total(overview)}</b>
          </span>
        ),
      )}
    </div>
  );
}

function Table({
  title,
  overview,
  series,
}: {
  title: string;
  overview: Overview;
  series: readonly Series[];
}) {
  return (
    <div class="chart-table" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {series.map((one) => (
              <th scope="col" key={one.name}>
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {overview.buckets.map((bucket, index) => (
            <tr key={bucket.at}>
              <th scope="row">{formatMoment(bucket.at)}</th>
              {series.map((one) => (
                <td key={one.name}>{one.at(overview, index)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function ChartPanel(props: ChartPanelProps) {
  const { id, title, load, kind, series, hovered } = props;
  return (
    <Panel
      id={id}
      title={title}
      load={load}
      body="chart-body"
      actions={
        load.value ? (
          <span class="panel-range">
            {formatSpan(load.value.since, load.value.until)}, steps of{' '}
            {formatSeconds(load.value.resolution_s)}
          </span>
        ) : null
      }
    >
      {(overview) => (
        <>
          <Readout overview={overview} series={series} hovered={hovered} />
          {props.asTable ? (
            <Table title={title} overview={overview} series={series} />
          ) : (
            <Chart
              label={`${title}, ${overview.buckets.length} steps; press t for a table`}
              kind={kind}
              data={props.columns(overview)}
              hovered={hovered}
              onZoom={zoomTo}
            />
          )}
        </>
      )}
    </Panel>
  );
}
