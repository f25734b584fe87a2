// The newest requests of the same endpoint that ended the same way.
import type { Exchange, ExchangeRow } from '../api/exchanges';
import { formatDuration } from '../format/duration';
import { visibleJsonString } from '../json/place';
import { requestsWith } from '../state/list_place';
import { Status } from './status';
import { Text } from './text';
import { RelativeTime } from './time';

export function similarQuery(exchange: Exchange): string {
  return [
    `method == ${visibleJsonString(exchange.method)}`,
    `url_path == ${visibleJsonString(exchange.url_path)}`,
    `status_code == ${exchange.status_code}`,
  ].join(' and ');
}

export function SimilarLink({ exchange }: { exchange: Exchange }) {
  return (
    <a class="button button-quiet" href={requestsWith(similarQuery(exchange), exchange.timestamp)}>
      See all
    </a>
  );
}

export function SimilarRequests({ rows }: { rows: ExchangeRow[] }) {
  return (
    <ul class="similar">
      {rows.map((row) => (
        <li key={row.id}>
          <a href={`/requests/${encodeURIComponent(row.id)}`}>
            <Status code={row.status_code} />
            <span class="similar-path">
              <Text value={(row.raw_url || row.url_path).slice(0, 300)} />
            </span>
            <span class="number similar-duration">{formatDuration(row.duration)}</span>
            <span class="faint similar-time">
              <RelativeTime timestamp={row.timestamp} />
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
