// The endpoints with the most requests; each leads to its requests.
import type { Direction, EndpointTraffic, Overview } from '../api/overview';
import { formatCompact, formatCount, formatMilliseconds, relativeChange } from '../format/number';
import { visibleText } from '../format/visible_text';
import { query, setQuery } from '../router';
import type { Load } from '../state/load';
import { requestsLink } from '../state/links';
import { equals, joined } from '../query/edit';
import { Method } from './method';
import { Panel } from './panel';
import { Text } from './text';

type SortKey = 'requests' | 'change' | '4xx' | '5xx' | 'p50' | 'p95' | 'p99';

interface Column {
  key: SortKey;
  title: string;
  // What it is sorted by.
  value: (row: EndpointTraffic) => number;
  text: (row: EndpointTraffic) => string;
}

function percentile(key: 'p50' | 'p95' | 'p99'): Column {
  return {
    key,
    title: key,
    value: (row) => row[`${key}_ms`] ?? -1,
    text: (row) => {
      const ms = row[`${key}_ms`];
      return ms === null ? '–' : formatMilliseconds(ms);
    },
  };
}

const columns: Column[] = [
  {
    key: 'requests',
    title: 'Requests',
    value: (row) => row.requests,
    text: (row) => formatCount(row.requests),
  },
  {
    key: 'change',
    title: 'Change',
    value: (row) => row.requests / Math.max(row.requests_before, 0.5),
    text: (row) => relativeChange(row.requests, row.requests_before) ?? '–',
  },
  {
    key: '4xx',
    title: '4xx',
    value: (row) => row.client_errors,
    text: (row) => formatCompact(row.client_errors),
  },
  {
    key: '5xx',
    title: '5xx',
    value: (row) => row.server_errors,
    text: (row) => formatCompact(row.server_errors),
  },
  percentile('p50'),
  percentile('p95'),
  percentile('p99'),
];

// Stands for all endpoints beyond those that are counted one by one.
const otherPath = '{other}';

function conditionOf(row: EndpointTraffic, type: Direction): string {
  return joined([
    equals('request_type', type),
    row.host === '' ? '' : equals('host', row.host),
    row.method === '' ? '' : equals('method', row.method),
    equals('url_path', row.path),
  ]);
}

interface RowProps {
  row: EndpointTraffic;
  type: Direction;
}

function Name({ row, type }: RowProps) {
  const name = (
    <>
      <Method name={row.method} />
      <span class="endpoint-path">
        <Text value={row.path.slice(0, 300)} />
      </span>
      <span class="endpoint-host">
        <Text value={row.host.slice(0, 200)} />
      </span>
    </>
  );
  if (row.path === otherPath) return <span class="endpoint">{name}</span>;
  return (
    <a class="endpoint" href={requestsLink(conditionOf(row, type))} title={visibleText(row.path)}>
      {name}
    </a>
  );
}

function Errors({ row, type, from, to }: RowProps & { from: number; to: number }) {
  const count = from === 400 ? row.client_errors : row.server_errors;
  if (count === 0) return <span class="faint">0</span>;
  const condition = joined([
    conditionOf(row, type),
    `status_code >= ${from} and status_code < ${to}`,
  ]);
  const kind = from === 400 ? 'status-client-error' : 'status-server-error';
  if (row.path === otherPath) return <span class={kind}>{formatCompact(count)}</span>;
  return (
    <a class={`figure-link ${kind}`} href={requestsLink(condition)}>
      {formatCompact(count)}
    </a>
  );
}

function Rows({ overview, type }: { overview: Overview; type: Direction }) {
  const wanted = query.value.get('sort') ?? 'requests';
  const column = columns.find(({ key }) => key === wanted) ?? columns[0]!;
  const rows = overview.endpoints.slice().sort((a, b) => column.value(b) - column.value(a));
  const most = Math.max(1, ...rows.map((row) => row.requests));
  return (
    <div class="table-scroll">
      <table class="figures">
        <thead>
          <tr>
            <th scope="col">Endpoint</th>
            {columns.map(({ key, title }) => (
              <th
                scope="col"
                key={key}
                class={`figure-${key}`}
                aria-sort={key === column.key ? 'descending' : undefined}
              >
                <button
                  type="button"
                  onClick={() =>
                    setQuery({ sort: key === 'requests' ? '' : key }, { replace: true })
                  }
                >
                  {title}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={JSON.stringify([row.method, row.host, row.path])}>
              <th scope="row">
                <Name row={row} type={type} />
              </th>
              {columns.map(({ key, text }) => (
                <td key={key} class={`figure-${key}`}>
                  {key === '4xx' ? (
                    <Errors row={row} type={type} from={400} to={500} />
                  ) : key === '5xx' ? (
                    <Errors row={row} type={type} from={500} to={600} />
                  ) : (
                    text(row)
                  )}
                  {key === 'requests' ? (
                    <meter
                      class="share"
                      min={0}
                      max={most}
                      value={row.requests}
                      aria-hidden="true"
                    />
                  ) : null}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function EndpointTable({ load, type }: { load: Load<Overview>; type: Direction }) {
  return (
    <Panel
      id="endpoints-title"
      title="Endpoints"
      load={load}
      {...(load.value ? { count: load.value.endpoints.length } : {})}
    >
      {(overview) => <Rows overview={overview} type={type} />}
    </Panel>
  );
}
