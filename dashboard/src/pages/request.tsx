// One request: what was asked, what was answered, what went wrong, what it called.
import { useEffect, useState } from 'preact/hooks';
import { listLogs, listSimilar, type Exchange, type FullExchange } from '../api/exchanges';
import type { RuleDraft } from '../api/redaction';
import { may } from '../api/session';
import { ErrorCard } from '../components/error_card';
import { FindBox } from '../components/find_box';
import { Icon } from '../components/icons';
import { LogLines } from '../components/log_lines';
import { MessagePanel } from '../components/message_panel';
import { Notice } from '../components/notice';
import { Pairs, type Pair } from '../components/pairs';
import { PanelState } from '../components/panel';
import { RedactDialog } from '../components/redact_dialog';
import { RequestSummary, SummaryPreview } from '../components/request_summary';
import { Section } from '../components/section';
import { ShareDialog } from '../components/share_dialog';
import { useKeys } from '../components/shortcuts';
import { SimilarLink, SimilarRequests } from '../components/similar_requests';
import { ValueMenu } from '../components/value_menu';
import { Waterfall } from '../components/waterfall';
import { otherReasons } from '../format/redaction';
import { formatAbsolute } from '../format/time';
import { visibleText } from '../format/visible_text';
import { navigate } from '../router';
import { useBodySearch, type BodySearch } from '../state/body_search';
import { chosenId, listAddress } from '../state/list_place';
import { useLoad } from '../state/load';
import { useRequestDetail, type Detail } from '../state/request_detail';
import { rows } from '../state/request_list';
import { valueMenu } from '../state/value_menu';

function neighbour(id: string, step: number): string | null {
  const at = rows.value.findIndex((row) => row.id === id);
  return at === -1 ? null : (rows.value[at + step]?.id ?? null);
}

function open(id: string | null): void {
  if (id === null) return;
  chosenId.value = id;
  navigate(`/requests/${encodeURIComponent(id)}`, { replace: true });
}

function Trail({ id, search }: { id: string; search?: BodySearch }) {
  const next = neighbour(id, 1);
  const previous = neighbour(id, -1);
  return (
    <div class="trail">
      <a class="back-link" href={listAddress.value}>
        <Icon name="back" /> Requests
      </a>
      {search ? <FindBox search={search} /> : null}
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

  return <Whole key={exchange.id} full={detail.full} detail={detail} />;
}

// Lines of a request's trace; nothing at all where there are none, since most have none.
function Logs({ exchange }: { exchange: Exchange }) {
  const load = useLoad(exchange.id, (signal) => listLogs(exchange.id, signal));
  if (load.value === undefined) {
    if (load.status === 'loading') return null;
    return (
      <Section id="logs-title" title="Logs">
        <PanelState title="Logs" load={load} />
      </Section>
    );
  }
  if (load.value.length === 0) return null;
  return (
    <Section id="logs-title" title="Logs" count={load.value.length}>
      <LogLines lines={load.value} start={exchange.timestamp} />
    </Section>
  );
}

const similarMax = 6;

function Similar({ exchange }: { exchange: Exchange }) {
  const load = useLoad(exchange.id, (signal) => listSimilar(exchange, similarMax + 1, signal));
  const others = load.value?.filter((row) => row.id !== exchange.id).slice(0, similarMax);
  return (
    <Section
      id="similar-title"
      title="Same endpoint, same status"
      actions={<SimilarLink exchange={exchange} />}
    >
      <div class="similar-area">
        {others === undefined ? (
          <PanelState title="Similar requests" load={load} />
        ) : others.length === 0 ? (
          <p class="body-none">There is no other.</p>
        ) : (
          <SimilarRequests rows={others} />
        )}
      </div>
    </Section>
  );
}

function Whole({ full, detail }: { full: FullExchange; detail: Detail }) {
  const { exchange } = full;
  const { calls } = detail;
  const [rule, setRule] = useState<Pick<RuleDraft, 'kind' | 'value'> | null>(null);
  const [sharing, setSharing] = useState(false);
  const search = useBodySearch(full.requestBody, full.responseBody);
  useEffect(() => () => void (valueMenu.value = null), []);
  return (
    <div class="page page-detail">
      <Trail id={exchange.id} search={search} />
      <RequestSummary
        full={full}
        actions={
          may('member') ? (
            <button type="button" class="button" onClick={() => setSharing(true)}>
              Share…
            </button>
          ) : null
        }
      />
      {exchange.errors.length === 0 ? null : (
        <Section id="errors-title" title="Errors" count={exchange.errors.length} tone="error">
          {exchange.errors.map((error, index) => (
            <ErrorCard key={index} error={error} open={index === 0} />
          ))}
        </Section>
      )}
      {calls.length === 0 ? null : (
        <Section id="calls-title" title="Outgoing calls" count={calls.length}>
          <Waterfall start={exchange.timestamp} duration={exchange.duration} calls={calls} />
          {detail.callsLeftOut ? (
            <p class="note">These are the newest {calls.length} calls; there are more.</p>
          ) : null}
        </Section>
      )}
      <div class="sides">
        <MessagePanel
          id={exchange.id}
          side="request"
          groups={[
            { title: 'Path parameters', field: 'path_params', source: full.pathParams },
            { title: 'Query parameters', field: 'query_params', source: full.queryParams },
          ]}
          headers={exchange.request_headers}
          body={full.requestBody}
          size={exchange.request_size}
          truncated={exchange.request_body_truncated}
          redaction={exchange.redaction}
          found={search.of('request')}
        />
        <MessagePanel
          id={exchange.id}
          side="response"
          groups={[]}
          headers={exchange.response_headers}
          body={full.responseBody}
          size={exchange.response_size}
          truncated={exchange.response_body_truncated}
          redaction={exchange.redaction}
          found={search.of('response')}
        />
      </div>
      <Logs exchange={exchange} />
      <div class="sides">
        <Section id="details-title" title="Details">
          <Pairs pairs={detailsOf(exchange)} label="Details" />
        </Section>
        <Similar exchange={exchange} />
      </div>
      {detail.failure === null ? null : (
        <p class="note" role="status">
          <Icon name="warning" />
          <span>{detail.failure} What you see is what was loaded before.</span>
        </p>
      )}
      <ValueMenu redact={setRule} timestamp={exchange.timestamp} />
      {rule ? <RedactDialog exchange={exchange} rule={rule} close={() => setRule(null)} /> : null}
      {sharing ? <ShareDialog id={exchange.id} close={() => setSharing(false)} /> : null}
    </div>
  );
}
