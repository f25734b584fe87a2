// How well the server takes in what it is sent: by door, and what became of it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { labelValues, readMetrics, total, type Metrics } from '../../api/metrics';
import { Icon } from '../../components/icons';
import { Fact } from '../../components/pairs';
import { Panel } from '../../components/panel';
import { Text } from '../../components/text';
import { formatBytes } from '../../format/bytes';
import { useLoad } from '../../state/load';

const refreshMilliseconds = 2_000;
// A rate is over so many refreshes, so that a single burst does not make it jump.
const readingsMax = 6;

const received = 'apitoolkit_messages_received_total';
const refused = 'apitoolkit_ingest_refused_total';
const dropped = 'apitoolkit_ingest_dropped_total';

// The last few readings, oldest first.
function useReadings(newest: Metrics | undefined): Metrics[] {
  const readings = useRef<Metrics[]>([]);
  const [, redraw] = useState(0);
  useEffect(() => {
    if (!newest) return;
    readings.current = [...readings.current, newest].slice(-readingsMax);
    redraw((count) => count + 1);
  }, [newest]);
  return readings.current;
}

// A second; null until there are two readings.
function rate(readings: Metrics[], name: string, labels: Record<string, string> = {}) {
  const first = readings[0];
  const last = readings[readings.length - 1];
  if (!first || !last || first === last) return null;
  const added = total(last, name, labels) - total(first, name, labels);
  return added / ((last.readAt - first.readAt) / 1000);
}

function formatRate(value: number | null): string {
  if (value === null) return '–';
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1);
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function Facts({ metrics, readings }: { metrics: Metrics; readings: Metrics[] }) {
  const readOnly = total(metrics, 'apitoolkit_read_only') !== 0;
  const errors = total(metrics, 'apitoolkit_commit_errors_total');
  const commits = total(metrics, 'apitoolkit_commit_seconds_count');
  const mean = commits === 0 ? null : total(metrics, 'apitoolkit_commit_seconds_sum') / commits;
  return (
    <>
      {readOnly ? (
        <p class="note">
          <Icon name="warning" />
          <span>The server is read-only: it refuses everything that is sent.</span>
        </p>
      ) : null}
      <dl class="facts">
        <Fact name="Received a second">{formatRate(rate(readings, received))}</Fact>
        <Fact name="Stored a second">
          {formatRate(rate(readings, 'apitoolkit_exchanges_stored_total'))}
        </Fact>
        <Fact name="Stored">{count(total(metrics, 'apitoolkit_exchanges_stored_total'))}</Fact>
        <Fact name="Duplicates">
          {count(total(metrics, 'apitoolkit_exchanges_duplicate_total'))}
        </Fact>
        <Fact name="Dead letters">{count(total(metrics, 'apitoolkit_dead_letters_total'))}</Fact>
        <Fact name="Refused">{count(total(metrics, refused))}</Fact>
        <Fact name="Not durable yet">
          {formatBytes(total(metrics, 'apitoolkit_ingest_queue_bytes'))}
        </Fact>
        <Fact name="A commit takes">
          {mean === null ? '–' : `${(mean * 1000).toFixed(1)} ms`}
          {errors === 0 ? null : <span class="fact-more danger">{count(errors)} failed</span>}
        </Fact>
      </dl>
    </>
  );
}

function reasonsOf(metrics: Metrics, source: string): string {
  return labelValues(metrics, refused, 'reason')
    .map((reason) => [reason, total(metrics, refused, { source, reason })] as const)
    .filter(([, times]) => times > 0)
    .map(([reason, times]) => `${reason} ${count(times)}`)
    .join(', ');
}

function Doors({ metrics, readings }: { metrics: Metrics; readings: Metrics[] }) {
  const doors = [
    ...new Set(
      [received, refused, dropped].flatMap((name) => labelValues(metrics, name, 'source')),
    ),
  ];
  if (doors.length === 0) return <p class="panel-words">Nothing was sent since it started.</p>;
  return (
    <div class="table-scroll">
      <table class="list-table keep-table">
        <thead>
          <tr>
            <th scope="col">Door</th>
            <th scope="col" class="cell-end">
              A second
            </th>
            <th scope="col" class="cell-end">
              Received
            </th>
            <th scope="col" class="cell-end">
              Refused
            </th>
            <th scope="col" class="cell-end">
              Not kept
            </th>
            <th scope="col" class="wide-only">
              Refused because
            </th>
          </tr>
        </thead>
        <tbody>
          {doors.map((source) => (
            <tr key={source}>
              <th scope="row">
                <Text value={source} clip={60} />
              </th>
              <td class="number cell-end">{formatRate(rate(readings, received, { source }))}</td>
              <td class="number cell-end">{count(total(metrics, received, { source }))}</td>
              <td class="number cell-end">{count(total(metrics, refused, { source }))}</td>
              <td class="number cell-end">{count(total(metrics, dropped, { source }))}</td>
              <td class="wide-only">{reasonsOf(metrics, source)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function IngestPage() {
  const load = useLoad('metrics', readMetrics, { everyMilliseconds: refreshMilliseconds });
  const readings = useReadings(load.value);
  return (
    <>
      <Panel
        id="ingest-title"
        title="Since the server started, all projects"
        load={load}
        body="panel-facts"
      >
        {(metrics) => <Facts metrics={metrics} readings={readings} />}
      </Panel>
      <Panel id="doors-title" title="By door" load={load}>
        {(metrics) => <Doors metrics={metrics} readings={readings} />}
      </Panel>
    </>
  );
}
