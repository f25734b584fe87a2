// The list itself, in its own scrolling area. Rows that arrive above what is being read do not move
// it: the area scrolls along by exactly their height.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ExchangeRow } from '../api/exchanges';
import { plural } from '../format/bytes';
import { chosenId, place } from '../state/list_place';
import { Icon } from './icons';
import { columns, RequestRow } from './request_row';

interface RequestTableProps {
  rows: ExchangeRow[];
  fresh: ReadonlySet<string>;
  before: ComponentChildren;
  after: ComponentChildren;
  empty: ComponentChildren;
}

export function focusRow(id: string): void {
  const link = document.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
  link?.focus({ preventScroll: true });
  link?.closest('.row')?.scrollIntoView({ block: 'nearest' });
}

function firstVisible(area: HTMLElement, list: HTMLElement): HTMLElement | null {
  const top = area.getBoundingClientRect().top;
  for (const child of list.children) {
    if (child instanceof HTMLElement && child.getBoundingClientRect().bottom > top) return child;
  }
  return null;
}

// Keeps what is being read where it is while rows arrive. Returns how many have arrived above it.
function useSteadyScroll(rows: ExchangeRow[]) {
  const area = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ row: HTMLElement; top: number } | null>(null);
  const newest = useRef(rows[0]?.id);
  const [above, setAbove] = useState(0);

  const remember = () => {
    if (!area.current || !list.current) return;
    place.scrollTop = area.current.scrollTop;
    if (place.scrollTop === 0) {
      anchor.current = null;
      setAbove(0);
      return;
    }
    const row = firstVisible(area.current, list.current);
    anchor.current = row && { row, top: row.getBoundingClientRect().top };
  };

  useLayoutEffect(() => {
    if (!area.current) return;
    area.current.scrollTop = place.scrollTop;
    if (chosenId.value !== null) focusRow(chosenId.value);
    remember();
  }, []);

  useLayoutEffect(() => {
    const previous = newest.current;
    newest.current = rows[0]?.id;
    const held = anchor.current;
    if (!area.current || !held?.row.isConnected) return;
    const moved = held.row.getBoundingClientRect().top - held.top;
    if (moved !== 0) area.current.scrollTop += moved;
    const added = rows.findIndex((row) => row.id === previous);
    if (added > 0) setAbove((count) => count + added);
    remember();
  }, [rows]);

  return { area, list, above, remember };
}

export function RequestTable({ rows, fresh, before, after, empty }: RequestTableProps) {
  const { area, list, above, remember } = useSteadyScroll(rows);
  const chosen = chosenId.value;
  useEffect(() => {
    window.addEventListener('resize', remember);
    return () => window.removeEventListener('resize', remember);
  }, []);
  return (
    <div class="list-area" ref={area} onScroll={remember}>
      {before}
      {rows.length === 0 ? (
        empty
      ) : (
        <div role="table" aria-label="Requests, newest first" class="table">
          <div role="rowgroup" class="table-head">
            <div role="row" class="row row-head">
              {columns.map(([name, title]) => (
                <div role="columnheader" key={name} class={`cell-${name}`}>
                  {title}
                </div>
              ))}
            </div>
          </div>
          <div role="rowgroup" class="table-body" ref={list}>
            {rows.map((row) => (
              <RequestRow
                key={row.id}
                row={row}
                fresh={fresh.has(row.id)}
                chosen={row.id === chosen}
              />
            ))}
          </div>
        </div>
      )}
      {after}
      {above === 0 ? null : (
        <button
          type="button"
          class="button new-above"
          onClick={() => area.current?.scrollTo({ top: 0, behavior: 'smooth' })}
        >
          <Icon name="up" /> {plural(above, 'new request')}
        </button>
      )}
    </div>
  );
}
