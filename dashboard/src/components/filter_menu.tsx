// What can be done with a value of a row: find those that have it too, or leave them out. One menu
// serves the whole list; `f` opens it for the chosen row, with all of its values.
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ExchangeRow } from '../api/exchanges';
import { visibleText } from '../format/visible_text';
import { differs, equals, type Scalar } from '../query/edit';
import { toggleCondition } from '../state/list_address';
import type { Column } from './columns';
import { Icon } from './icons';

interface Entry {
  field: string;
  value: Scalar;
}

interface OpenMenu {
  entries: Entry[];
  left: number;
  top: number;
  opener: HTMLElement | null;
}

const menu = signal<OpenMenu | null>(null);

export function openFilterMenu(
  opener: HTMLElement,
  columns: readonly Column[],
  row: ExchangeRow,
): void {
  const entries = columns.flatMap(({ field, value }): Entry[] => entryOf(field, value?.(row)));
  const box = opener.getBoundingClientRect();
  menu.value = { entries, left: box.left, top: box.bottom + 2, opener };
}

// A row always has what ours columns are of; a path may lead to what no condition compares with.
function entryOf(field: string | undefined, value: Scalar | undefined): Entry[] {
  return field === undefined || value === undefined ? [] : [{ field, value }];
}

function close(): void {
  const { opener } = menu.value ?? {};
  menu.value = null;
  opener?.focus({ preventScroll: true });
}

const shownCharactersMax = 60;

function shown(value: Scalar): string {
  const text = value === null ? 'nothing' : String(value);
  const cut = text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
  return visibleText(cut);
}

function step(list: HTMLElement, by: number): void {
  const items = [...list.querySelectorAll('button')];
  const at = items.findIndex((item) => item === document.activeElement);
  items[(at + by + items.length) % items.length]?.focus();
}

const marginPixels = 8;

export function FilterMenu() {
  const box = useRef<HTMLDivElement>(null);
  const open = menu.value;

  useLayoutEffect(() => {
    const element = box.current;
    if (!open || !element) return undefined;
    const right = window.innerWidth - element.offsetWidth - marginPixels;
    const bottom = window.innerHeight - element.offsetHeight - marginPixels;
    element.style.left = `${Math.max(marginPixels, Math.min(open.left, right))}px`;
    element.style.top = `${Math.max(marginPixels, Math.min(open.top, bottom))}px`;
    element.querySelector('button')?.focus();
    const outside = (event: Event) => {
      if (event.target instanceof Node && !element.contains(event.target)) menu.value = null;
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('wheel', outside, { passive: true });
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('wheel', outside);
    };
  }, [open]);

  if (!open) return null;
  const choose = (condition: string, instead: string) => {
    close();
    toggleCondition(condition, instead);
  };
  return (
    <div
      ref={box}
      class="popover-panel filter-menu"
      role="menu"
      tabIndex={-1}
      aria-label="Filter by a value"
      onKeyDown={(event) => {
        const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
        if (by !== undefined) step(event.currentTarget, by);
        else if (event.key === 'Escape') close();
        else if (event.key === 'Tab') menu.value = null;
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {open.entries.map(({ field, value }) => {
        const [same, other] = [equals(field, value), differs(field, value)];
        return (
          <div key={field} role="group" aria-label={visibleText(field)} class="filter-group">
            <button
              type="button"
              role="menuitem"
              class="menu-item"
              onClick={() => choose(same, other)}
            >
              <Icon name="plus" />
              <span class="filter-field">{visibleText(field)}</span> is <b>{shown(value)}</b>
            </button>
            <button
              type="button"
              role="menuitem"
              class="menu-item"
              onClick={() => choose(other, same)}
            >
              <Icon name="minus" />
              <span class="filter-field">{visibleText(field)}</span> is not <b>{shown(value)}</b>
            </button>
          </div>
        );
      })}
    </div>
  );
}
