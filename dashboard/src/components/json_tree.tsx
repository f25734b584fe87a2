// JSON as a tree that folds. Only what is unfolded exists in the page, and long lists are shown in
// steps, so that a body of a megabyte opens at once. Arrow keys walk through it as through any
// tree; Enter opens the menu of a value.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { plural } from '../format/bytes';
import { redactedMarker } from '../format/visible_text';
import type { Route } from '../json/find';
import type { JsonNode } from '../json/parse';
import type { Step } from '../json/place';
import { MaskBadge, Text } from './text';

const itemsAtOnce = 100;
// A body with fewer values than this opens whole; of a larger one, the first levels.
const openNodesMax = 250;
const openLevels = 2;
const stringCharactersMax = 600;
// A found value that is longer than this stays clipped: the rest is a click away.
const foundCharactersMax = 50_000;

// What is shown of a search: the text that is marked, and the one match to go to. A new `serial`
// goes to it again.
export interface Found {
  needle: string;
  route: Route | null;
  serial: number;
}

// Opens the menu of a value; null where values have none.
export type OpenMenu =
  ((place: readonly Step[], node: JsonNode, anchor: HTMLElement) => void) | null;

interface TreeContext {
  openTo: number;
  needle: string;
  serial: number;
  openMenu: OpenMenu;
}

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

function Scalar({ node, needle, whole }: { node: JsonNode; needle: string; whole: boolean }) {
  const clip = whole ? foundCharactersMax : stringCharactersMax;
  switch (node.kind) {
    case 'string':
      if (node.value === redactedMarker) return <MaskBadge />;
      return (
        <span class="json-string">
          <Text value={node.value} clip={clip} mark={needle} />
        </span>
      );
    case 'number':
      return (
        <span class="json-number">
          <Text value={node.source} clip={clip} mark={needle} />
        </span>
      );
    case 'boolean':
      return (
        <span class="json-word">
          <Text value={String(node.value)} mark={needle} />
        </span>
      );
    default:
      return (
        <span class="json-word">
          <Text value="null" mark={needle} />
        </span>
      );
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

function Name({ name, needle }: { name: string | null; needle: string }) {
  if (name === null) return null;
  return (
    <span class="json-name">
      <Text value={name} clip={200} mark={needle} />
      <span class="json-colon">:</span>{' '}
    </span>
  );
}

interface BranchProps extends Entry {
  context: TreeContext;
  level: number;
  place: readonly Step[];
  // The rest of the way to the match to go to; empty at the match itself.
  route: Route | null;
  first?: boolean;
}

// Unfolds what lies on the way to a match, and brings the match itself into sight.
function useReveal(props: BranchProps, show: (index: number) => void) {
  const line = useRef<HTMLDivElement>(null);
  const { route, context } = props;
  useLayoutEffect(() => {
    const [index] = route ?? [];
    if (index !== undefined) show(index);
    else if (route !== null) line.current?.scrollIntoView({ block: 'center' });
  }, [context.serial, route === null]);
  return line;
}

function isMenuKey(event: KeyboardEvent): boolean {
  return event.key === 'Enter' || event.key === ' ' || event.key === 'ContextMenu';
}

function Branch(props: BranchProps) {
  const { name, value, context, level, place, route } = props;
  const entries = entriesOf(value);
  const [open, setOpen] = useState(level < context.openTo);
  const [from, setFrom] = useState(0);
  const [shown, setShown] = useState(itemsAtOnce);
  const line = useReveal(props, (index) => {
    setOpen(true);
    if (index >= from && index < from + shown) return;
    setFrom(Math.max(0, index - itemsAtOnce / 2));
    setShown(itemsAtOnce);
  });
  const found = route !== null && route.length === 0;
  const openMenu = () => {
    if (line.current) context.openMenu?.(place, value, line.current);
  };
  const folds = entries !== null && entries.length > 0;
  const array = value.kind === 'array';
  const count = array ? 'item' : 'field';
  const left = folds ? entries.length - from - shown : 0;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    if (isMenuKey(event) && context.openMenu) openMenu();
    else if (isMenuKey(event) && folds) setOpen(!open);
    else if (event.key === 'ArrowRight' && folds && !open) setOpen(true);
    else if (event.key === 'ArrowLeft' && folds && open) setOpen(false);
    else if (!walk(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <li role="none">
      <div
        ref={line}
        role="treeitem"
        aria-level={level + 1}
        aria-expanded={folds ? open : undefined}
        tabIndex={props.first ? 0 : -1}
        class={`json-line${folds ? ' json-fold' : ''}${found ? ' json-found' : ''}`}
        onKeyDown={onKeyDown}
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest('button')) return;
          const marked = window.getSelection()?.toString() ?? '';
          if (folds) setOpen(!open);
          // Who marks a text with the mouse wants that, not a menu.
          else if (marked === '') openMenu();
        }}
      >
        {folds ? <span class="json-arrow" data-open={open} aria-hidden="true" /> : null}
        <Name name={name} needle={context.needle} />
        {folds ? (
          <>
            <span class="json-mark">{array ? '[' : '{'}</span>
            {open ? null : (
              <>
                <span class="json-count">{plural(entries.length, count)}</span>
                <span class="json-mark">{array ? ']' : '}'}</span>
              </>
            )}
          </>
        ) : entries === null ? (
          <Scalar key={String(found)} node={value} needle={context.needle} whole={found} />
        ) : (
          <span class="json-mark">{array ? '[]' : '{}'}</span>
        )}
        {folds && context.openMenu ? (
          <button
            type="button"
            class="json-more"
            tabIndex={-1}
            aria-label="Actions"
            title="Actions (Enter)"
            onClick={openMenu}
          />
        ) : null}
      </div>
      {folds && open ? (
        <>
          <ul role="group">
            {from > 0 ? (
              <More
                words={`Show ${Math.min(from, itemsAtOnce)} before of ${from.toLocaleString('en')}`}
                run={() => {
                  const less = Math.max(0, from - itemsAtOnce);
                  setShown(shown + from - less);
                  setFrom(less);
                }}
              />
            ) : null}
            {entries.slice(from, from + shown).map((entry, offset) => {
              const index = from + offset;
              return (
                <Branch
                  key={index}
                  name={entry.name}
                  value={entry.value}
                  context={context}
                  level={level + 1}
                  place={[...place, array ? index : (entry.name ?? '')]}
                  route={route !== null && route[0] === index ? route.slice(1) : null}
                />
              );
            })}
            {left > 0 ? (
              <More
                words={`Show ${Math.min(left, itemsAtOnce)} more of ${left.toLocaleString('en')}`}
                run={() => setShown(shown + itemsAtOnce)}
              />
            ) : null}
          </ul>
          <span class="json-mark json-close">{array ? ']' : '}'}</span>
        </>
      ) : null}
    </li>
  );
}

function More({ words, run }: { words: string; run: () => void }) {
  return (
    <li role="none">
      <button type="button" class="link-button" onClick={run}>
        {words}
      </button>
    </li>
  );
}

// Up, down, out of and into what is unfolded, first and last: the ARIA practice for trees.
function walk(event: KeyboardEvent): boolean {
  const here = event.currentTarget as HTMLElement;
  const tree = here.closest('[role=tree]');
  if (!tree) return false;
  const all = [...tree.querySelectorAll<HTMLElement>('[role=treeitem]')];
  const at = all.indexOf(here);
  const above = here.parentElement?.parentElement?.closest('li');
  const targets: Record<string, HTMLElement | null | undefined> = {
    ArrowDown: all[at + 1],
    ArrowUp: all[at - 1],
    ArrowRight: here.parentElement?.querySelector<HTMLElement>(
      ':scope > [role=group] [role=treeitem]',
    ),
    ArrowLeft: above?.querySelector<HTMLElement>('[role=treeitem]'),
    Home: all[0],
    End: all[all.length - 1],
  };
  if (!(event.key in targets)) return false;
  targets[event.key]?.focus();
  return true;
}

interface JsonTreeProps {
  node: JsonNode;
  label: string;
  found?: Found | undefined;
  openMenu?: OpenMenu;
}

export function JsonTree({ node, label, found, openMenu = null }: JsonTreeProps) {
  const small = countNodes(node, openNodesMax) <= openNodesMax;
  const context: TreeContext = {
    openTo: small ? Infinity : openLevels,
    needle: found?.needle ?? '',
    serial: found?.serial ?? 0,
    openMenu,
  };
  return (
    <ul class="json" role="tree" aria-label={label}>
      <Branch
        name={null}
        value={node}
        context={context}
        level={0}
        place={[]}
        route={found?.route ?? null}
        first
      />
    </ul>
  );
}
