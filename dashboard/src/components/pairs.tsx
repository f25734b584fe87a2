// Names with their values: headers, parameters, facts. One name may have several values.
import type { ComponentChildren } from 'preact';
import type { JsonNode } from '../json/parse';
import { visibleText } from '../format/visible_text';
import { writeJsonCompact } from '../json/write';
import { Text } from './text';

const valueCharactersMax = 500;

export interface Pair {
  name: string;
  values: string[];
}

export function pairsOfHeaders(headers: Record<string, string | string[]>): Pair[] {
  return Object.entries(headers).map(([name, value]) => ({
    name,
    values: Array.isArray(value) ? value : [value],
  }));
}

// Parameters may be of any type: text is shown as it is, the rest as JSON.
export function pairsOfObject(node: JsonNode | undefined): Pair[] {
  if (node?.kind !== 'object') return [];
  const text = (value: JsonNode) =>
    value.kind === 'string' ? value.value : writeJsonCompact(value);
  return node.members.map(({ name, value }) => ({
    name,
    values: value.kind === 'array' ? value.items.map(text) : [text(value)],
  }));
}

interface PairsProps {
  pairs: Pair[];
  label: string;
  // Opens the menu of a pair's value; without it there is none.
  openMenu?: (index: number, anchor: HTMLElement) => void;
}

export function Pairs({ pairs, label, openMenu }: PairsProps) {
  return (
    <dl class="pairs" aria-label={label}>
      {pairs.map((pair, index) => (
        <div key={index}>
          <dt>
            <Text value={pair.name} clip={200} />
          </dt>
          {pair.values.map((value, position) => (
            <dd key={position}>
              {value === '' ? (
                <span class="faint">empty</span>
              ) : (
                <Text value={value} clip={valueCharactersMax} />
              )}
              {openMenu && position === 0 ? (
                <button
                  type="button"
                  class="pair-more"
                  aria-label={`Actions for ${visibleText(pair.name).slice(0, 80)}`}
                  title="Actions"
                  onClick={(event) => openMenu(index, event.currentTarget)}
                />
              ) : null}
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
