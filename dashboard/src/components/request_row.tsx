// One row of the list. It is drawn again only when something of its own changes.
import { Component } from 'preact';
import type { ExchangeRow } from '../api/exchanges';
import { chosenId } from '../state/list_place';
import { cellClass, type Column } from './columns';
import { openFilterMenu } from './filter_menu';

interface RowProps {
  row: ExchangeRow;
  // Counted from one, over all that is loaded.
  index: number;
  columns: readonly Column[];
  fresh: boolean;
  chosen: boolean;
}

export class RequestRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { row, index, columns, fresh, chosen } = this.props;
    return (
      next.row !== row ||
      next.index !== index ||
      next.columns !== columns ||
      next.fresh !== fresh ||
      next.chosen !== chosen
    );
  }

  override render() {
    const { row, index, columns, fresh, chosen } = this.props;
    const classes = ['row', fresh ? 'row-fresh' : '', chosen ? 'row-chosen' : ''];
    return (
      <div
        role="row"
        aria-rowindex={index + 1}
        class={classes.join(' ').trim()}
        onFocusCapture={() => (chosenId.value = row.id)}
      >
        {columns.map((column) => (
          <div role="cell" key={column.name} class={cellClass(column)}>
            {column.name !== 'path' && (column.value?.(row) ?? null) !== null ? (
              <button
                type="button"
                class="cell-value"
                tabIndex={-1}
                onClick={(event) => openFilterMenu(event.currentTarget, [column], row)}
              >
                {column.cell(row)}
              </button>
            ) : (
              column.cell(row)
            )}
          </div>
        ))}
      </div>
    );
  }
}
