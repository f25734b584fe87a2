// One request: what was asked, what was answered, what went wrong, what it called.
import { useEffect } from 'preact/hooks';
import type { Exchange } from '../api/exchanges';
import { ErrorCard } from '../components/error_card';
import { Icon } from '../components/icons';
import { MessagePanel } from '../components/message_panel';
import { Notice } from '../components/notice';
import { Pairs, pairsOfHeaders, pairsOfObject, type Pair } from '../components/pairs';
import { RequestSummary, SummaryPreview } from '../components/request_summary';
import { Section } from '../components/section';
import { useKeys } from '../components/shortcuts';
import { Waterfall } from '../components/waterfall';
import { otherReasons } from '../format/redaction';
import { formatAbsolute } from '../format/time';
import { visibleText } from '../format/visible_text';
import { navigate } from '../router';
import { chosenId, listAddress } from '../state/list_place';
import { useRequestDetail } from '../state/request_detail';
import { rows } from '../state/request_list';

function neighbour(id: string, step: number): string | null {
  const at = rows.value.findIndex((row) => row.id === id);
  return at === -1 ? null : (rows.value[at + step]?.id ?? null);
}

function open(id: string | null): void {
  if (id === null) return;
  chosenId.value = id;
  navigate(`/requests/${encodeURIComponent(id)}`, { replace: true });
}

function Trail({ id }: { id: string }) {
  const next = neighbour(id, 1);
  const previous = neighbour(id, -1);
  return (
    <div class="trail">
      <a class="back-link" href={listAddress.value}>
        <Icon name="back" /> Requests
      </a>
      {next === null && previous === null ? null : (
        <span class="trail-steps">
          <button
            type="button"
            class="button button-quiet"
            disabled={previous === null}
            title="Previous in the list (k)"
            onClick={() => open(previous)}
          >
            <Icon name="back" /> Newer
          </button>
          <button
            type="button"
            class="button button-quiet"
            disabled={next === null}
            title="Next in the list (j)"
            onClick={() => open(next)}
          >
            Older <Icon name="next" />
          </button>
        </span>
      )}
    </div>
  );
}

function detailsOf(exchange: Exchange): Pair[] {
  const protocol = `HTTP/${exchange.proto_major}.${exchange.proto_minor}`;
  const corrected = exchange.timestamp_corrected ? 'yes: it is the time of receipt' : '';
  const sampled = exchange.sample_weight === 1 ? '' : `stands for ${exchange.sample_weight}`;
  const sdk = `${exchange.sdk_type} ${exchange.sdk_version}`.trim();
  const all: [string, string][] = [
    ['Id', exchange.id],
    ['Parent', exchange.parent_id ?? ''],
    ['Trace', exchange.trace_id],
    ['Span', exchange.span_id],
    ['Parent span', exchange.parent_span_id],
    ['Host', exchange.host],
    ['Protocol', protocol],
    ['Client address', exchange.client_ip],
    ['Referer', exchange.referer],
    ['SDK', sdk],
    ['Began', formatAbsolute(exchange.timestamp)],
    ['Arrived here', formatAbsolute(exchange.received_at)],
    ['Time corrected', corrected],
    ['Sampled', sampled],
    ['Redaction', otherReasons(exchange.redaction).join(', ')],
  ];
  return all
    .filter(([, value]) => value !== '')
    .map(([name, value]) => ({ name, values: [value] }));
}

function Loading({ id }: { id: string }) {
  const row = rows.value.find((candidate) => candidate.id === id);
  return (
    <>
      {row ? <SummaryPreview row={row} /> : null}
      <div class="detail-skeleton" role="status" aria-label="Loading the request">
        <i />
        <i />
      </div>
    </>
  );
}

export function RequestPage({ id }: { id: string }) {
  const [detail, retry] = useRequestDetail(id);
  const exchange = detail.full?.exchange;

  useEffect(() => {
    const name = exchange ? `${exchange.method} ${exchange.url_path}` : 'A request';
    document.title = `${visibleText(name).slice(0, 120)} · APIToolkit`;
  }, [exchange]);
  useEffect(() => {
    document.getElementById('content')?.scrollTo(0, 0);
    if (rows.value.some((row) => row.id === id)) chosenId.value = id;
  }, [id]);
  useKeys({
    Escape: () => navigate(listAddress.value),
    j: () => open(neighbour(id, 1)),
    k: () => open(neighbour(id, -1)),
  });

  if (!detail.full || !exchange) {
    return (
      <div class="page page-detail">
        <Trail id={id} />
        {detail.missing ? (
          <Notice title="There is no such request">
            <p>It may have been removed because it was older than what the server keeps.</p>
            <a class="button" href={listAddress.value}>
              Back to the list
            </a>
          </Notice>
        ) : detail.failure !== null ? (
          <Notice title="The request could not be loaded" tone="error">
            <p>{detail.failure}</p>
            <button type="button" class="button" onClick={retry}>
              Try again
            </button>
          </Notice>
        ) : (
          <Loading id={id} />
        )}
      </div>
    );
  }

  const { full, calls } = detail;
  return (
    <div class="page page-detail">
      <Trail id={id} />
      <RequestSummary full={full} />
      {calls.length === 0 ? null : (
        <Section id="calls-title" title="Outgoing calls" count={calls.length}>
          <Waterfall start={exchange.timestamp} duration={exchange.duration} calls={calls} />
          {detail.callsLeftOut ? (
            <p class="note">These are the newest {calls.length} calls; there are more.</p>
          ) : null}
        </Section>
      )}
      {exchange.errors.length === 0 ? null : (
        <Section id="errors-title" title="Errors" count={exchange.errors.length} tone="error">
          {exchange.errors.map((error, index) => (
            <ErrorCard key={index} error={error} open={index === 0} />
          ))}
        </Section>
      )}
      <div class="sides">
        <MessagePanel
          side="request"
          groups={[
            { title: 'Path parameters', pairs: pairsOfObject(full.pathParams) },
            { title: 'Query parameters', pairs: pairsOfObject(full.queryParams) },
          ]}
          headers={pairsOfHeaders(exchange.request_headers)}
          body={full.requestBody}
          size={exchange.request_size}
          truncated={exchange.request_body_truncated}
          redaction={exchange.redaction}
        />
        <MessagePanel
          side="response"
          groups={[]}
          headers={pairsOfHeaders(exchange.response_headers)}
          body={full.responseBody}
          size={exchange.response_size}
          truncated={exchange.response_body_truncated}
          redaction={exchange.redaction}
        />
      </div>
      <Section id="details-title" title="Details">
        <Pairs pairs={detailsOf(exchange)} label="Details" />
      </Section>
      {detail.failure === null ? null : (
        <p class="note" role="status">
          <Icon name="warning" />
          <span>{detail.failure} What you see is what was loaded before.</span>
        </p>
      )}
    </div>
  );
}
