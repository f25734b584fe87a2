// The top of a request's page: what it was, how it ended, and the facts one looks for first.
import type { ComponentChildren } from 'preact';
import { harAddress, type ExchangeRow, type FullExchange } from '../api/exchanges';
import { formatBytes } from '../format/bytes';
import { formatDuration } from '../format/duration';
import { curlCommand } from '../format/curl';
import { pythonProgram } from '../format/python';
import { formatAbsolute } from '../format/time';
import { writeJson } from '../json/write';
import { CopyButton } from './copy_button';
import { Icon } from './icons';
import { Method } from './method';
import { Fact } from './pairs';
import { Status } from './status';
import { Text } from './text';
import { RelativeTime } from './time';

function Parent({ id }: { id: string }) {
  return (
    <a class="parent-link" href={`/requests/${encodeURIComponent(id)}`}>
      <Icon name="up" /> The request that made this call
    </a>
  );
}

interface RequestSummaryProps {
  full: FullExchange;
  actions?: ComponentChildren;
}

export function RequestSummary({ full, actions }: RequestSummaryProps) {
  const { exchange } = full;
  const body = full.requestBody?.text ?? null;
  const outgoing = exchange.request_type === 'outgoing';
  const url = exchange.raw_url;
  const tags = exchange.tags.filter((tag) => tag !== '');
  return (
    <header class="summary">
      <div class="summary-line">
        <h1>
          <Method name={exchange.method} />
          <span class="summary-path">
            {outgoing && exchange.host !== '' ? (
              <span class="path-host">
                <Text value={exchange.host} clip={200} />
              </span>
            ) : null}
            <Text value={exchange.url_path || url || '/'} clip={500} />
          </span>
        </h1>
        <div class="summary-actions">
          <CopyButton label="Copy as cURL" text={() => curlCommand(exchange, body)} />
          <CopyButton label="Copy as Python" text={() => pythonProgram(exchange, body)} />
          <CopyButton label="Copy JSON" text={() => writeJson(full.source)} />
          <a class="button" href={harAddress(exchange.id)} download={`${exchange.id}.har`}>
            <Icon name="down" /> HAR
          </a>
          {actions}
        </div>
      </div>
      <p class="summary-state">
        <Status code={exchange.status_code} words />
        <span class="tag">
          <Icon name={outgoing ? 'outgoing' : 'incoming'} />
          {outgoing ? 'Outgoing call' : 'Incoming'}
        </span>
        {exchange.aborted ? (
          <span class="tag tag-warning" title="The client went away before the response ended">
            Aborted by the client
          </span>
        ) : null}
        {tags.map((tag) => (
          <span class="tag" key={tag}>
            <Text value={tag} clip={100} />
          </span>
        ))}
        {exchange.parent_id ? <Parent id={exchange.parent_id} /> : null}
      </p>
      {url !== '' && url !== exchange.url_path ? (
        <p class="summary-url">
          <Text value={url} clip={1000} />
        </p>
      ) : null}
      <dl class="facts">
        <Fact name="Duration">{formatDuration(exchange.duration)}</Fact>
        {exchange.ttfb === null ? null : (
          <Fact name="First byte">{formatDuration(exchange.ttfb)}</Fact>
        )}
        <Fact name="Started">
          <RelativeTime timestamp={exchange.timestamp} />
          <span class="fact-more">{formatAbsolute(exchange.timestamp)}</span>
        </Fact>
        {exchange.request_size === null ? null : (
          <Fact name="Request body">{formatBytes(exchange.request_size)}</Fact>
        )}
        {exchange.response_size === null ? null : (
          <Fact name="Response body">{formatBytes(exchange.response_size)}</Fact>
        )}
        {exchange.consumer === '' ? null : (
          <Fact name="Consumer">
            <Text value={exchange.consumer} clip={100} />
          </Fact>
        )}
        {exchange.service_version === '' ? null : (
          <Fact name="Version">
            <Text value={exchange.service_version} clip={100} />
          </Fact>
        )}
      </dl>
    </header>
  );
}

// A row of the list stands in for the summary while the whole is being loaded.
export function SummaryPreview({ row }: { row: ExchangeRow }) {
  return (
    <header class="summary">
      <div class="summary-line">
        <h1>
          <Method name={row.method} />
          <span class="summary-path">
            {row.request_type === 'outgoing' && row.host !== '' ? (
              <span class="path-host">
                <Text value={row.host} clip={200} />
              </span>
            ) : null}
            <Text value={row.url_path || row.raw_url || '/'} clip={500} />
          </span>
        </h1>
      </div>
      <p class="summary-state">
        <Status code={row.status_code} words />
      </p>
    </header>
  );
}
