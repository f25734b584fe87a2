// What one can do with a value of a request: copy its path or itself, filter the list by it, and
// have it masked from now on.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { may } from '../api/session';
import type { RuleDraft } from '../api/redaction';
import { writeJson } from '../json/write';
import { jsonPath, queryCondition, queryPath } from '../json/place';
import { listWithColumn, requestsWith } from '../state/list_place';
import { closeValueMenu, valueMenu, type ValueTarget } from '../state/value_menu';
import { usualColumns } from './columns';
import { useCopy } from './copy_button';
import { Text } from './text';

// The rule that masks a value, as far as the value decides it; null where nothing could.
function ruleFor({ field, place }: ValueTarget): Pick<RuleDraft, 'kind' | 'value'> | null {
  const name = String(place[0] ?? '');
  switch (field) {
    case 'request_body':
    case 'response_body':
      return { kind: field, value: jsonPath(place, { each: true }) };
    case 'request_headers':
    case 'response_headers':
      return { kind: 'header', value: name };
    case 'query_params':
      return { kind: 'query', value: name };
    default:
      return null;
  }
}

function isBody({ field }: ValueTarget): boolean {
  return field === 'request_body' || field === 'response_body';
}

function textOf({ node }: ValueTarget): string {
  return node.kind === 'string' ? node.value : writeJson(node);
}

function CopyItem({ label, text }: { label: string; text: () => string }) {
  const [outcome, copy] = useCopy();
  const words = { idle: label, copied: 'Copied', failed: 'The browser refused' }[outcome];
  return (
    <button type="button" role="menuitem" onClick={() => copy(text())}>
      <span aria-live="polite">{words}</span>
    </button>
  );
}

interface ValueMenuProps {
  // When the request was made that the values are of.
  timestamp: string;
  redact: (rule: Pick<RuleDraft, 'kind' | 'value'>) => void;
}

export function ValueMenu(props: ValueMenuProps) {
  const target = valueMenu.value;
  return target === null ? null : <OpenMenu key={keyOf(target)} target={target} {...props} />;
}

function keyOf({ field, place }: ValueTarget): string {
  return JSON.stringify([field, place]);
}

// Under its value, or above it where there is no room below; never outside the window. It follows
// its value when the page scrolls.
function position(menu: HTMLElement, anchor: HTMLElement): void {
  const from = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = from.bottom + 4;
  const top = below + height <= window.innerHeight - 8 ? below : from.top - height - 4;
  menu.style.top = `${Math.max(8, top)}px`;
  menu.style.left = `${Math.max(8, Math.min(from.left + 8, window.innerWidth - width - 8))}px`;
}

function OpenMenu({ target, redact, timestamp }: ValueMenuProps & { target: ValueTarget }) {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return undefined;
    position(element, target.anchor);
    element.querySelector<HTMLElement>('[role=menuitem]')?.focus({ preventScroll: true });
    const leave = (event: Event) => {
      if (event.target instanceof Node && element.contains(event.target)) return;
      valueMenu.value = null;
    };
    const follow = () => position(element, target.anchor);
    document.addEventListener('pointerdown', leave, true);
    document.addEventListener('scroll', follow, true);
    window.addEventListener('resize', follow);
    return () => {
      document.removeEventListener('pointerdown', leave, true);
      document.removeEventListener('scroll', follow, true);
      window.removeEventListener('resize', follow);
    };
  }, []);

  const path = queryPath(target.field, target.place, { each: true });
  const exact = isBody(target)
    ? jsonPath(target.place)
    : queryPath(target.field, target.place.slice(0, 1));
  const same = queryCondition(path, target.node, '==');
  const other = queryCondition(path, target.node, '!=');
  const rule = ruleFor(target);
  const masks = rule !== null && may('admin');
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(menu.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const next: Record<string, number> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    if (event.key === 'Escape' || event.key === 'Tab') closeValueMenu();
    else if (event.key in next) items[next[event.key] ?? 0]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={menu}
      class="value-menu"
      role="menu"
      aria-label={`Actions for ${exact.slice(0, 200)}`}
      onKeyDown={onKeyDown}
    >
      <p class="value-menu-path" role="presentation">
        <Text value={exact.slice(0, 300)} />
      </p>
      <CopyItem label="Copy path" text={() => exact} />
      <CopyItem label="Copy value" text={() => textOf(target)} />
      {same === null ? null : (
        <a
          role="menuitem"
          href={requestsWith(same, timestamp)}
          onClick={() => (valueMenu.value = null)}
        >
          Filter by this
        </a>
      )}
      {other === null ? null : (
        <a
          role="menuitem"
          href={requestsWith(other, timestamp)}
          onClick={() => (valueMenu.value = null)}
        >
          Exclude this
        </a>
      )}
      {same === null ? (
        <a
          role="menuitem"
          href={requestsWith(`isnotnull(${path})`, timestamp)}
          onClick={() => (valueMenu.value = null)}
        >
          Filter: has this field
        </a>
      ) : null}
      <a
        role="menuitem"
        href={listWithColumn(path, usualColumns(window.innerWidth))}
        onClick={() => (valueMenu.value = null)}
      >
        Add as a column
      </a>
      {masks ? (
        <button
          type="button"
          role="menuitem"
          class="value-menu-mask"
          onClick={() => {
            closeValueMenu();
            redact(rule);
          }}
        >
          Redact this from now on…
        </button>
      ) : null}
    </div>
  );
}
