// JSON as a tree that folds. Only what is unfolded exists in the page, and long lists are shown in
// steps, so that a body of a megabyte opens at once.
import { useState } from 'preact/hooks';
import { plural } from '../format/bytes';
import { redactedMarker } from '../format/visible_text';
import type { JsonNode } from '../json/parse';
import { MaskBadge, Text } from './text';

const itemsAtOnce = 100;
// A body with fewer values than this opens whole; of a larger one, the first levels.
const openNodesMax = 250;
const openLevels = 2;
const stringCharactersMax = 600;

function countNodes(node: JsonNode, max: number): number {
  if (max <= 0) return 1;
  let count = 1;
  if (node.kind === 'array') {
    for (const item of node.items) {
      count += countNodes(item, max - count);
      if (count > max) return count;
    }
  } else if (node.kind === 'object') {
    for (const entry of node.members) {
      count += countNodes(entry.value, max - count);
      if (count > max) return count;
    }
  }
  return count;
}

function Scalar({ node }: { node: JsonNode }) {
  switch (node.kind) {
    case 'string':
      if (node.value === redactedMarker) return <MaskBadge />;
      return (
        <span class="json-string">
          <Text value={node.value} clip={stringCharactersMax} />
        </span>
      );
    case 'number':
      return (
        <span class="json-number">
          <Text value={node.source} clip={stringCharactersMax} />
        </span>
      );
    case 'boolean':
      return <span class="json-word">{String(node.value)}</span>;
    default:
      return <span class="json-word">null</span>;
  }
}

interface Entry {
  name: string | null;
  value: JsonNode;
}

function entriesOf(node: JsonNode): Entry[] | null {
  if (node.kind === 'object') return node.members;
  if (node.kind === 'array') return node.items.map((value) => ({ name: null, value }));
  return null;
}

function Name({ name }: { name: string | null }) {
  if (name === null) return null;
  return (
    <span class="json-name">
      <Text value={name} clip={200} />
      <span class="json-colon">:</span>{' '}
    </span>
  );
}

interface BranchProps extends Entry {
  level: number;
  openTo: number;
}

function Branch({ name, value, level, openTo }: BranchProps) {
  const entries = entriesOf(value);
  const [open, setOpen] = useState(level < openTo);
  const [shown, setShown] = useState(itemsAtOnce);
  if (entries === null || entries.length === 0) {
    const empty = value.kind === 'array' ? '[]' : '{}';
    return (
      <li class="json-leaf">
        <Name name={name} />
        {entries === null ? <Scalar node={value} /> : <span class="json-mark">{empty}</span>}
      </li>
    );
  }
  const array = value.kind === 'array';
  const left = entries.length - shown;
  return (
    <li>
      <button type="button" class="json-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span class="json-arrow" aria-hidden="true" />
        <Name name={name} />
        <span class="json-mark">{array ? '[' : '{'}</span>
        {open ? null : (
          <>
            <span class="json-count">
              {array ? plural(entries.length, 'item') : plural(entries.length, 'field')}
            </span>
            <span class="json-mark">{array ? ']' : '}'}</span>
          </>
        )}
      </button>
      {open ? (
        <>
          <ul>
            {entries.slice(0, shown).map((entry, index) => (
              <Branch
                key={index}
                name={entry.name}
                value={entry.value}
                level={level + 1}
                openTo={openTo}
              />
            ))}
            {left > 0 ? (
              <li>
                <button
                  type="button"
                  class="link-button"
                  onClick={() => setShown(shown + itemsAtOnce)}
                >
                  Show {Math.min(left, itemsAtOnce)} more of {left.toLocaleString('en')}
                </button>
              </li>
            ) : null}
          </ul>
          <span class="json-mark json-close">{array ? ']' : '}'}</span>
        </>
      ) : null}
    </li>
  );
}

export function JsonTree({ node, label }: { node: JsonNode; label: string }) {
  const small = countNodes(node, openNodesMax) <= openNodesMax;
  return (
    <ul class="json" aria-label={label}>
      <Branch name={null} value={node} level={0} openTo={small ? Infinity : openLevels} />
    </ul>
  );
}
