// A captured body: a tree where it is JSON, fields where it is a form, else its text or its bytes;
// with notes on what is missing from it.
import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { bodyAddress, type CapturedBody } from '../api/exchanges';
import { formatBytes } from '../format/bytes';
import { formFields, type FormField } from '../format/forms';
import { looksBinary } from '../format/hex';
import { redactionNotes, type Side } from '../format/redaction';
import { redactedMarker } from '../format/visible_text';
import type { JsonNode } from '../json/parse';
import type { Step } from '../json/place';
import { writeJson, writeJsonCompact } from '../json/write';
import type { FoundInBody } from '../state/body_search';
import { valueMenu } from '../state/value_menu';
import { CopyButton } from './copy_button';
import { HexView } from './hex_view';
import { Icon } from './icons';
import { JsonTree, type Found } from './json_tree';
import { Pairs } from './pairs';
import { MaskBadge } from './text';
import { TextView } from './text_view';

interface BodyViewProps {
  // Of the exchange.
  id: string;
  side: Side;
  body: CapturedBody | null;
  contentType: string;
  size: number | null;
  truncated: boolean;
  redaction: readonly string[];
  found: FoundInBody | null;
}

type View = 'tree' | 'fields' | 'text' | 'hex';

const viewNames: Record<View, string> = { tree: 'JSON', fields: 'Form', text: 'Raw', hex: 'Hex' };

function viewsOf(body: CapturedBody, fields: FormField[] | null): View[] {
  if (body.node.kind !== 'string') return fields ? ['fields', 'tree', 'text'] : ['tree', 'text'];
  if (fields) return ['fields', 'text', 'hex'];
  return looksBinary(body.text) ? ['hex', 'text'] : ['text', 'hex'];
}

interface ContentProps {
  side: Side;
  body: CapturedBody;
  view: View;
  fields: FormField[] | null;
  found: FoundInBody | null;
}

function FormView({ side, fields }: { side: Side; fields: FormField[] }) {
  const field = `${side}_body` as const;
  return (
    <Pairs
      label={`The ${side}'s form`}
      pairs={fields.map(({ name, node, file }) => ({
        name,
        values:
          node.kind === 'array'
            ? node.items.map(shownText)
            : [file ? fileText(file) : shownText(node)],
      }))}
      openMenu={(index, anchor) => {
        const chosen = fields[index];
        if (!chosen) return;
        valueMenu.value = { field, place: [chosen.name], node: chosen.node, anchor };
      }}
    />
  );
}

function shownText(node: JsonNode): string {
  return node.kind === 'string' ? node.value : writeJsonCompact(node);
}

function fileText(file: { name: string; type: string; bytes: number }): string {
  return `${file.name} (${file.type === '' ? 'file' : file.type}, ${formatBytes(file.bytes)})`;
}

function treeSearch(found: FoundInBody | null): Found | undefined {
  if (found === null) return undefined;
  const route = found.here?.kind === 'route' ? found.here.route : null;
  return { needle: found.needle, route, serial: found.serial };
}

function Content({ side, body, view, fields, found }: ContentProps) {
  const { node } = body;
  if (node.kind === 'string' && node.value === redactedMarker) {
    return (
      <p class="body-none">
        <MaskBadge />
      </p>
    );
  }
  if (body.text === '') return <p class="body-none">Empty.</p>;
  if (view === 'hex') {
    // What is no UTF-8 is not stored, so these are the bytes that were sent.
    const bytes = new TextEncoder().encode(body.text);
    return <HexView bytes={bytes} label={`The ${side}'s body as bytes`} />;
  }
  if (view === 'fields' && fields) return <FormView side={side} fields={fields} />;
  if (view === 'tree' && node.kind !== 'string') {
    const field = `${side}_body` as const;
    return (
      <JsonTree
        node={node}
        label={`The ${side}'s body`}
        found={treeSearch(found)}
        openMenu={(place: readonly Step[], value: JsonNode, anchor: HTMLElement) => {
          valueMenu.value = { field, place, node: value, anchor };
        }}
      />
    );
  }
  return (
    <TextView
      text={body.text}
      label={`The ${side}'s body as text`}
      needle={found?.needle ?? ''}
      at={found?.here?.kind === 'offset' ? found.here.offset : null}
      serial={found?.serial ?? 0}
    />
  );
}

function copyText(body: CapturedBody, view: View): string {
  return view === 'tree' ? writeJson(body.node) : body.text;
}

export function BodyView(props: BodyViewProps) {
  const { id, side, body, contentType, size, truncated, redaction, found } = props;
  const fields = useMemo(() => (body ? formFields(body.node, contentType) : null), [body]);
  const views = body ? viewsOf(body, fields) : [];
  const [chosen, setChosen] = useState<View | null>(null);
  const [first = 'text'] = views;
  const view = chosen ?? first;
  useLayoutEffect(() => {
    // A search goes where its match is: into the tree of JSON, else into the text.
    if (found?.here) setChosen(found.here.kind === 'route' ? 'tree' : 'text');
  }, [found?.serial, found?.here]);
  return (
    <div class="body">
      <div class="subhead">
        <h3>Body</h3>
        {size === null ? null : <span class="faint number">{formatBytes(size)}</span>}
        {body ? (
          <div class="subhead-end">
            <div class="views" role="group" aria-label={`Show the ${side} as`}>
              {views.map((name) => (
                <button
                  key={name}
                  type="button"
                  class="button button-quiet"
                  aria-pressed={name === view}
                  onClick={() => setChosen(name)}
                >
                  {viewNames[name]}
                </button>
              ))}
            </div>
            <CopyButton label="Copy" text={() => copyText(body, view)} quiet />
            <a
              class="button button-quiet button-icon"
              href={bodyAddress(id, side)}
              download={`${id}-${side}-body.bin`}
              aria-label="Save as a file"
              title="Save it as it was stored, byte for byte"
            >
              <Icon name="download" />
            </a>
          </div>
        ) : null}
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
      {redactionNotes(redaction, side).map((note) => (
        <p class="note" key={note}>
          <Icon name="warning" />
          <span>{note}</span>
        </p>
      ))}
      {body ? (
        <Content side={side} body={body} view={view} fields={fields} found={found} />
      ) : (
        <p class="body-none">{size ? 'It was not captured.' : 'None.'}</p>
      )}
    </div>
  );
}
