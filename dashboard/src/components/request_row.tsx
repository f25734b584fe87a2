// One row of the list. It is drawn again only when something of its own changes.
import { Component } from 'preact';
import type { ExchangeRow } from '../api/exchanges';
import { formatBytes, plural } from '../format/bytes';
import { formatDuration } from '../format/duration';
import { visibleText } from '../format/visible_text';
import { chosenId } from '../state/list_place';
import { Icon } from './icons';
import { Method } from './method';
import { Status } from './status';
import { Text } from './text';
import { RelativeTime } from './time';

export interface RowProps {
  row: ExchangeRow;
  fresh: boolean;
  chosen: boolean;
}

const pathCharactersMax = 300;

export const columns = [
  ['status', 'Status'],
  ['method', 'Method'],
  ['path', 'Path'],
  ['host', 'Host'],
  ['version', 'Version'],
  ['errors', 'Errors'],
  ['size', 'Size'],
  ['duration', 'Duration'],
  ['time', 'Time'],
] as const;

export class RequestRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { row, fresh, chosen } = this.props;
    return next.row !== row || next.fresh !== fresh || next.chosen !== chosen;
  }

  override render() {
    const { row, fresh, chosen } = this.props;
    const outgoing = row.request_type === 'outgoing';
    const shownPath = row.url_path || row.raw_url || '/';
    const errors = row.errors.length;
    const classes = ['row', fresh ? 'row-fresh' : '', chosen ? 'row-chosen' : ''];
    return (
      <div role="row" class={classes.join(' ').trim()}>
        <div role="cell" class="cell-status">
          <Status code={row.status_code} />
        </div>
        <div role="cell" class="cell-method">
          <Method name={row.method} />
        </div>
        <div role="cell" class="cell-path">
          {outgoing ? (
            <span class="outgoing-mark" title="A call that the application made">
              <Icon name="outgoing" label="Outgoing call" />
            </span>
          ) : null}
          <a
            href={`/requests/${encodeURIComponent(row.id)}`}
            data-id={row.id}
            title={visibleText(row.raw_url || shownPath)}
            onFocus={() => (chosenId.value = row.id)}
          >
            {outgoing && row.host !== '' ? (
              <span class="path-host">
                <Text value={row.host.slice(0, 200)} />
              </span>
            ) : null}
            <Text value={shownPath.slice(0, pathCharactersMax)} />
          </a>
          {row.aborted ? <span class="tag tag-warning">aborted</span> : null}
        </div>
        <div role="cell" class="cell-host">
          <Text value={row.host.slice(0, 200)} />
        </div>
        <div role="cell" class="cell-version">
          <Text value={row.service_version.slice(0, 100)} />
        </div>
        <div role="cell" class="cell-errors">
          {errors === 0 ? null : <span class="error-count">{plural(errors, 'error')}</span>}
        </div>
        <div role="cell" class="cell-size number">
          {row.response_size === null ? null : formatBytes(row.response_size)}
        </div>
        <div role="cell" class="cell-duration number">
          {formatDuration(row.duration)}
        </div>
        <div role="cell" class="cell-time number">
          <RelativeTime timestamp={row.timestamp} />
        </div>
      </div>
    );
  }
}
