// One side of an exchange: its parameters, body and headers.
import type { CapturedBody } from '../api/exchanges';
import { plural } from '../format/bytes';
import type { Side } from '../format/redaction';
import type { JsonNode } from '../json/parse';
import type { FoundInBody } from '../state/body_search';
import { valueMenu, type ValueField } from '../state/value_menu';
import { BodyView } from './body_view';
import { Pairs, pairsOfHeaders, pairsOfObject, type Pair } from './pairs';
import { Section } from './section';

type Headers = Record<string, string | string[]>;

interface MessagePanelProps {
  // Of the exchange.
  id: string;
  side: Side;
  groups: { title: string; field: ValueField; source: JsonNode | undefined }[];
  headers: Headers;
  body: CapturedBody | null;
  size: number | null;
  truncated: boolean;
  redaction: readonly string[];
  found: FoundInBody | null;
}

// More headers than this begin folded, so that the body stays within sight.
const openHeadersMax = 24;

export function headerOf(headers: Headers, wanted: string): string {
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === wanted) return (Array.isArray(value) ? value[0] : value) ?? '';
  }
  return '';
}

// The menu of a pair is about its first value: a condition holds when any of several fits.
function openPairMenu(field: ValueField, pairs: Pair[]) {
  return (index: number, anchor: HTMLElement) => {
    const pair = pairs[index];
    if (!pair) return;
    const node: JsonNode = { kind: 'string', value: pair.values[0] ?? '' };
    valueMenu.value = { field, place: [pair.name], node, anchor };
  };
}

export function MessagePanel(props: MessagePanelProps) {
  const { side, groups, headers, ...body } = props;
  const title = side === 'request' ? 'Request' : 'Response';
  const headerPairs = pairsOfHeaders(headers);
  const field = side === 'request' ? 'request_headers' : 'response_headers';
  return (
    <Section id={`${side}-title`} title={title}>
      {groups
        .map((group) => ({ ...group, pairs: pairsOfObject(group.source) }))
        .filter((group) => group.pairs.length > 0)
        .map((group) => (
          <div key={group.title}>
            <div class="subhead">
              <h3>{group.title}</h3>
            </div>
            <Pairs
              pairs={group.pairs}
              label={group.title}
              openMenu={openPairMenu(group.field, group.pairs)}
            />
          </div>
        ))}
      <BodyView side={side} contentType={headerOf(headers, 'content-type')} {...body} />
      <details class="fold" open={headerPairs.length <= openHeadersMax}>
        <summary>
          <h3>Headers</h3>
          <span class="faint">
            {headerPairs.length === 0 ? 'none' : plural(headerPairs.length, 'name')}
          </span>
        </summary>
        <Pairs
          pairs={headerPairs}
          label={`${title} headers`}
          openMenu={openPairMenu(field, headerPairs)}
        />
      </details>
    </Section>
  );
}
