// The list itself, in its own scrolling area. Rows have one height, and only those in sight are in
// the document: a hundred thousand are as smooth as ten.
import { useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { ExchangeRow } from '../api/exchanges';
import { formatCount } from '../format/number';
import { visibleText } from '../format/visible_text';
import { chosenId, place } from '../state/list_place';
import { setReading, showWaiting, waiting } from '../state/request_list';
import { cellClass, type Column } from './columns';
import { Icon } from './icons';
import { RequestRow } from './request_row';
import { Text } from './text';

interface RequestTableProps {
  rows: ExchangeRow[];
  columns: readonly Column[];
  fresh: ReadonlySet<string>;
  // Called when the last rows come into sight.
  onEnd: () => void;
  after: ComponentChildren;
}

// As the stylesheet has it.
const rowPixels = 34;
const rowPixelsNarrow = 58;
const headPixels = 30;
const narrow = window.matchMedia('(max-width: 640px)');
// Drawn beyond what is in sight, on each side.
const spareRows = 12;
// The next rows are asked for while this many are still to come.
const aheadRows = 300;

export function rowHeight(): number {
  return narrow.matches ? rowPixelsNarrow : rowPixels;
}

// Brings a row into sight and gives it the focus.
export function focusRow(rows: readonly ExchangeRow[], index: number): void {
  const area = document.querySelector<HTMLElement>('.list-area');
  const row = rows[index];
  if (!area || !row) return;
  chosenId.value = row.id;
  const head = narrow.matches ? 0 : headPixels;
  const top = index * rowHeight();
  const bottom = top + rowHeight() + head;
  if (top < area.scrollTop) area.scrollTop = top;
  else if (bottom > area.scrollTop + area.clientHeight) area.scrollTop = bottom - area.clientHeight;
  const link = () => area.querySelector<HTMLElement>(`[data-id="${CSS.escape(row.id)}"]`);
  const drawn = link();
  if (drawn) drawn.focus({ preventScroll: true });
  else window.requestAnimationFrame(() => link()?.focus({ preventScroll: true }));
}

export function RequestTable({ rows, columns, fresh, onEnd, after }: RequestTableProps) {
  const area = useRef<HTMLDivElement>(null);
  const seen = useSignal({ top: place.scrollTop, height: 0 });
  const height = rowHeight();
  // Changes by whole rows only, so that most scrolling draws nothing anew.
  const window_ = useComputed(() => {
    const first = Math.max(0, Math.floor(seen.value.top / rowHeight()) - spareRows);
    const count = Math.ceil(seen.value.height / rowHeight()) + 2 * spareRows;
    return `${first - (first % 4)} ${count + 4}`;
  });

  const look = () => {
    const element = area.current;
    if (!element) return;
    place.scrollTop = element.scrollTop;
    setReading(element.scrollTop > rowHeight());
    seen.value = { top: element.scrollTop, height: element.clientHeight };
  };

  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return undefined;
    element.scrollTop = place.scrollTop;
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    const chosen = rows.findIndex((row) => row.id === chosenId.value);
    if (chosen >= 0) focusRow(rows, chosen);
    return () => {
      observer.disconnect();
      setReading(false);
    };
  }, []);

  const [first = 0, count = 0] = window_.value.split(' ').map(Number);
  const drawn = rows.slice(first, first + count);
  useEffect(() => {
    if (first + count + aheadRows >= rows.length) onEnd();
  }, [first, count, rows.length]);

  const tracks = columns.map((column) => column.width).join(' ');
  const chosen = chosenId.value;
  return (
    <div class="list-area" ref={area} onScroll={look}>
      <div
        role="table"
        aria-label="Requests, newest first"
        aria-rowcount={rows.length + 1}
        class="table"
        style={{ '--tracks': tracks }}
      >
        <div role="rowgroup" class="table-head">
          <div role="row" aria-rowindex={1} class="row row-head">
            {columns.map((column) => (
              <div
                role="columnheader"
                key={column.name}
                class={cellClass(column)}
                title={column.className ? visibleText(column.title) : undefined}
              >
                <Text value={column.title} clip={100} />
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" class="table-body" style={{ height: `${rows.length * height}px` }}>
          <div
            role="presentation"
            class="table-window"
            style={{ transform: `translateY(${first * height}px)` }}
          >
            {drawn.map((row, index) => (
              <RequestRow
                key={row.id}
                row={row}
                index={first + index + 1}
                columns={columns}
                fresh={fresh.has(row.id)}
                chosen={row.id === chosen}
              />
            ))}
          </div>
        </div>
      </div>
      {after}
      {waiting.value === 0 ? null : (
        <button
          type="button"
          class="button new-above"
          onClick={() => {
            showWaiting();
            area.current?.scrollTo({ top: 0 });
          }}
        >
          <Icon name="up" /> {formatCount(waiting.value)} new
        </button>
      )}
    </div>
  );
}
