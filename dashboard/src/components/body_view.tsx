// A captured body: a tree where it is JSON, else its text, with notes on what is missing from it.
import { useState } from 'preact/hooks';
import { formatBytes } from '../format/bytes';
import { redactionNotes, type Side } from '../format/redaction';
import { redactedMarker } from '../format/visible_text';
import type { JsonNode } from '../json/parse';
import { writeJson } from '../json/write';
import { CopyButton } from './copy_button';
import { Icon } from './icons';
import { JsonTree } from './json_tree';
import { MaskBadge, Text } from './text';

interface BodyViewProps {
  side: Side;
  body: JsonNode | null;
  size: number | null;
  truncated: boolean;
  redaction: readonly string[];
}

function bodyText(body: JsonNode): string {
  return body.kind === 'string' ? body.value : writeJson(body);
}

function Content({ body, raw, side }: { body: JsonNode; raw: boolean; side: Side }) {
  if (body.kind === 'string' && body.value === redactedMarker) {
    return (
      <p class="body-none">
        <MaskBadge />
      </p>
    );
  }
  if (body.kind === 'string' && body.value === '') return <p class="body-none">Empty.</p>;
  if (raw || body.kind === 'string') {
    return (
      <pre class="body-text" tabIndex={0} aria-label={`The ${side}'s body as text`}>
        <Text value={bodyText(body)} clip={10_000} />
      </pre>
    );
  }
  return <JsonTree node={body} label={`The ${side}'s body`} />;
}

export function BodyView({ side, body, size, truncated, redaction }: BodyViewProps) {
  const [raw, setRaw] = useState(false);
  const notes = redactionNotes(redaction, side);
  const tree = body !== null && body.kind !== 'string';
  return (
    <div class="body">
      <div class="subhead">
        <h3>Body</h3>
        {size === null ? null : <span class="faint number">{formatBytes(size)}</span>}
        <div class="subhead-end">
          {tree ? (
            <button
              type="button"
              class="button button-quiet"
              aria-pressed={raw}
              onClick={() => setRaw(!raw)}
            >
              Text
            </button>
          ) : null}
          {body ? <CopyButton label="Copy" text={() => bodyText(body)} quiet /> : null}
        </div>
      </div>
      {truncated ? (
        <p class="note">
          <Icon name="warning" />
          <span>
            Only the beginning was kept: the body was larger than the application's limit
            {size === null ? '' : ` (${formatBytes(size)} on the wire)`}.
          </span>
        </p>
      ) : null}
      {notes.map((note) => (
        <p class="note" key={note}>
          <Icon name="warning" />
          <span>{note}</span>
        </p>
      ))}
      {body ? (
        <Content body={body} raw={raw} side={side} />
      ) : (
        <p class="body-none">{size ? 'It was not captured.' : 'None.'}</p>
      )}
    </div>
  );
}
