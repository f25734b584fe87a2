// The columns that the list of requests can have: what is in a cell, how wide it is, and what its
// value is in a query.
import type { ComponentChildren } from 'preact';
import type { ExchangeRow } from '../api/exchanges';
import { formatBytes, plural } from '../format/bytes';
import { formatDuration } from '../format/duration';
import { formatAbsolute } from '../format/time';
import { visibleText } from '../format/visible_text';
import type { Scalar } from '../query/edit';
import { scalarOf, shownOf } from '../query/literal';
import { isPath, pathsOf } from '../query/paths';
import { Icon } from './icons';
import { Method } from './method';
import { Status } from './status';
import { Text } from './text';
import { RelativeTime } from './time';

export interface Column {
  name: string;
  title: string;
  // A track of CSS's grid.
  width: string;
  // Set in figures, to the right.
  number?: boolean;
  cell: (row: ExchangeRow) => ComponentChildren;
  // The field of the query language, and its value; none where pressing it means nothing.
  field?: string;
  value?: (row: ExchangeRow) => Scalar | undefined;
  // Of its cells, where the name is none of ours.
  className?: string;
}

// What a column's cells are known by in the stylesheet.
export function cellClass(column: Column): string {
  return `${column.className ?? `cell-${column.name}`} ${column.number === true ? 'number' : ''}`;
}

function text(
  name: 'host' | 'service_name' | 'service_version' | 'consumer' | 'client_ip' | 'raw_url',
  title: string,
  field: string,
  width: string,
): Column {
  return {
    name,
    title,
    width,
    field,
    value: (row) => (row[name] === '' ? null : row[name]),
    cell: (row) => <Text value={row[name].slice(0, 200)} />,
  };
}

export function pathOf(row: ExchangeRow): string {
  return row.url_path || row.raw_url || '/';
}

const pathCharactersMax = 300;

function PathCell({ row }: { row: ExchangeRow }) {
  const outgoing = row.request_type === 'outgoing';
  return (
    <>
      {outgoing ? (
        <span class="outgoing-mark" title="A call that the application made">
          <Icon name="outgoing" label="Outgoing call" />
        </span>
      ) : null}
      <a
        href={`/requests/${encodeURIComponent(row.id)}`}
        data-id={row.id}
        title={visibleText(row.raw_url || pathOf(row))}
      >
        {outgoing && row.host !== '' ? (
          <span class="path-host">
            <Text value={row.host.slice(0, 200)} />
          </span>
        ) : null}
        <Text value={pathOf(row).slice(0, pathCharactersMax)} />
      </a>
      {row.aborted ? <span class="tag tag-warning">aborted</span> : null}
    </>
  );
}

function bytes(value: number | null): ComponentChildren {
  return value === null ? null : formatBytes(value);
}

// The one that leads to the request: always shown.
export const pathColumn: Column = {
  name: 'path',
  title: 'Path',
  width: 'minmax(160px, 4fr)',
  field: 'url_path',
  value: (row) => (row.url_path === '' ? null : row.url_path),
  cell: (row) => <PathCell row={row} />,
};

export const columns: Column[] = [
  {
    name: 'time',
    title: 'Time',
    width: '92px',
    number: true,
    cell: (row) => <RelativeTime timestamp={row.timestamp} />,
  },
  {
    name: 'timestamp',
    title: 'Timestamp',
    width: '216px',
    cell: (row) => formatAbsolute(row.timestamp),
  },
  {
    name: 'status',
    title: 'Status',
    width: '58px',
    field: 'status_code',
    value: (row) => (row.status_code === 0 ? null : row.status_code),
    cell: (row) => <Status code={row.status_code} />,
  },
  {
    name: 'method',
    title: 'Method',
    width: '62px',
    field: 'method',
    value: (row) => row.method,
    cell: (row) => <Method name={row.method} />,
  },
  pathColumn,
  text('raw_url', 'URL', 'raw_url', 'minmax(120px, 3fr)'),
  text('host', 'Host', 'host', 'minmax(90px, 1.6fr)'),
  text('service_name', 'Service', 'service', 'minmax(70px, 1fr)'),
  text('service_version', 'Version', 'service_version', 'minmax(64px, 0.8fr)'),
  text('consumer', 'Consumer', 'consumer', 'minmax(80px, 1.2fr)'),
  text('client_ip', 'Client', 'client_ip', 'minmax(96px, 1fr)'),
  {
    name: 'errors',
    title: 'Errors',
    width: '76px',
    cell: (row) =>
      row.errors.length === 0 ? null : (
        <span class="error-count" title={visibleText(row.errors[0]?.error_type ?? '')}>
          {plural(row.errors.length, 'error')}
        </span>
      ),
  },
  {
    name: 'request_size',
    title: 'Received',
    width: '76px',
    number: true,
    cell: (row) => bytes(row.request_size),
  },
  {
    name: 'size',
    title: 'Size',
    width: '72px',
    number: true,
    cell: (row) => bytes(row.response_size),
  },
  {
    name: 'ttfb',
    title: 'First byte',
    width: '78px',
    number: true,
    cell: (row) => (row.ttfb === null ? null : formatDuration(row.ttfb)),
  },
  {
    name: 'duration',
    title: 'Duration',
    width: '78px',
    number: true,
    cell: (row) => formatDuration(row.duration),
  },
];

const usual = ['status', 'method', 'path', 'errors', 'duration', 'time'];
const usualWide = [
  ...['status', 'method', 'path', 'host', 'service_version'],
  ...['consumer', 'errors', 'size', 'duration', 'time'],
];

// What is shown where nothing was chosen: more where there is room.
export function usualColumns(width: number): string[] {
  return width >= 1800 ? usualWide : usual;
}

const valueCharactersMax = 200;

// Of a path into bodies, headers or parameters: the nth whose values the rows have.
function valueColumn(path: string, index: number): Column {
  return {
    name: path,
    title: path,
    width: 'minmax(96px, 1.4fr)',
    className: 'cell-by-path',
    field: path,
    value: (row) => scalarOf(row.values?.[index] ?? null),
    cell: (row) => {
      const text = row.values?.[index] ?? null;
      return text === null ? null : <Text value={shownOf(text).slice(0, valueCharactersMax)} />;
    },
  };
}

// Those of that names, in the order of the table; behind the path, which is always among them,
// those that are paths, as they were chosen.
export function columnsOf(names: readonly string[]): Column[] {
  const known = knownColumns(names.filter((name) => !isPath(name)));
  const at = known.findIndex(({ name }) => name === 'path') + 1;
  return [...known.slice(0, at), ...pathsOf(names).map(valueColumn), ...known.slice(at)];
}

function knownColumns(names: readonly string[]): Column[] {
  const order = ['status', 'method', 'path'];
  const rank = (name: string) => {
    const first = order.indexOf(name);
    return first < 0 ? order.length + columns.findIndex((one) => one.name === name) : first;
  };
  const last = (name: string) => (name === 'time' || name === 'timestamp' ? 1000 : 0);
  return columns
    .filter(({ name }) => name === 'path' || names.includes(name))
    .sort((a, b) => rank(a.name) + last(a.name) - rank(b.name) - last(b.name));
}
