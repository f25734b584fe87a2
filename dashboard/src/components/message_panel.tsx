// One side of an exchange: its parameters, headers and body.
import { plural } from '../format/bytes';
import type { Side } from '../format/redaction';
import type { JsonNode } from '../json/parse';
import { BodyView } from './body_view';
import { Pairs, type Pair } from './pairs';
import { Section } from './section';

interface MessagePanelProps {
  side: Side;
  groups: { title: string; pairs: Pair[] }[];
  headers: Pair[];
  body: JsonNode | null;
  size: number | null;
  truncated: boolean;
  redaction: readonly string[];
}

// More headers than this begin folded, so that the body stays within sight.
const openHeadersMax = 24;

export function MessagePanel(props: MessagePanelProps) {
  const { side, groups, headers, ...body } = props;
  const title = side === 'request' ? 'Request' : 'Response';
  return (
    <Section id={`${side}-title`} title={title}>
      {groups
        .filter((group) => group.pairs.length > 0)
        .map((group) => (
          <div key={group.title}>
            <div class="subhead">
              <h3>{group.title}</h3>
            </div>
            <Pairs pairs={group.pairs} label={group.title} />
          </div>
        ))}
      <BodyView side={side} {...body} />
      <details class="fold" open={headers.length <= openHeadersMax}>
        <summary>
          <h3>Headers</h3>
          <span class="faint">
            {headers.length === 0 ? 'none' : plural(headers.length, 'name')}
          </span>
        </summary>
        <Pairs pairs={headers} label={`${title} headers`} />
      </details>
    </Section>
  );
}
