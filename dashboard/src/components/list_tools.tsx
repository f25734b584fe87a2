// What stands beside the list's count: following, values, columns, files.
import { exportAddress, type ExchangeFilter } from '../api/exchanges';
import { setColumns, setFollowing } from '../state/list_address';
import * as list from '../state/request_list';
import { columns } from './columns';
import { Icon } from './icons';
import { Popover } from './popover';

export function LiveButton() {
  const stopped = list.paused.value;
  const state = stopped ? 'off' : list.live.value;
  const title = stopped ? 'Show what arrives (p)' : 'Hold back what arrives (p)';
  return (
    <button
      type="button"
      class={`button live-button live-${state}`}
      aria-pressed={!stopped}
      title={list.live.value === 'lost' ? 'The connection is being made' : title}
      onClick={() => setFollowing(stopped)}
    >
      <span class="live-dot" aria-hidden="true" />
      <span class="live-word">{stopped ? 'Paused' : 'Live'}</span>
      <Icon name={stopped ? 'play' : 'pause'} />
    </button>
  );
}

export function ColumnChooser({ shown }: { shown: readonly string[] }) {
  const toggle = (name: string) => {
    setColumns(shown.includes(name) ? shown.filter((one) => one !== name) : [...shown, name]);
  };
  return (
    <Popover
      title="Columns"
      align="end"
      buttonClass="button button-quiet button-icon"
      buttonTitle="Columns"
      panelClass="menu-panel"
      label={<Icon name="columns" />}
    >
      {() => (
        <>
          <ul class="column-list">
            {columns.map(({ name, title }) => (
              <li key={name}>
                <label class="menu-item">
                  <input
                    type="checkbox"
                    checked={name === 'path' || shown.includes(name)}
                    disabled={name === 'path'}
                    onChange={() => toggle(name)}
                  />
                  {title}
                </label>
              </li>
            ))}
          </ul>
          <button type="button" class="menu-item" onClick={() => setColumns([])}>
            As usual
          </button>
        </>
      )}
    </Popover>
  );
}

const formats = [
  ['ndjson', 'NDJSON', 'one exchange a line'],
  ['csv', 'CSV', 'for a spreadsheet'],
  ['har', 'HAR', 'for developer tools'],
] as const;

export function ExportMenu({ filter }: { filter: ExchangeFilter }) {
  return (
    <Popover
      title="Export"
      align="end"
      buttonClass="button button-quiet button-icon"
      buttonTitle="Export what matches"
      panelClass="menu-panel"
      label={<Icon name="download" />}
    >
      {(close) =>
        formats.map(([format, name, purpose]) => (
          <a
            key={format}
            class="menu-item"
            href={exportAddress(filter, format)}
            download={`requests.${format}`}
            onClick={close}
          >
            <b>{name}</b> <span class="faint">{purpose}</span>
          </a>
        ))
      }
    </Popover>
  );
}
