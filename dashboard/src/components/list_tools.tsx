// What stands beside the list's count: following, values, columns, files.
import { useState } from 'preact/hooks';
import { exportAddress, type ExchangeFilter } from '../api/exchanges';
import { isPath, pathsMax, pathsOf } from '../query/paths';
import { useVocabulary } from '../state/completion';
import { setColumns, setFollowing } from '../state/list_address';
import * as list from '../state/request_list';
import { columns } from './columns';
import { Icon } from './icons';
import { Popover } from './popover';
import { Text } from './text';

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

// A path of the query language as a column. Those that recent requests have are offered.
function PathField({ shown }: { shown: readonly string[] }) {
  const [path, setPath] = useState('');
  const { fields } = useVocabulary(true);
  const full = pathsOf(shown).length >= pathsMax;
  const wanted = path.trim();
  return (
    <form
      class="column-path"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isPath(wanted) || shown.includes(wanted) || full) return;
        setColumns([...shown, wanted]);
        setPath('');
      }}
    >
      <input
        class="field"
        type="text"
        list="column-paths"
        aria-label="A path, such as request_body.user.id"
        placeholder="request_body.user.id"
        autocomplete="off"
        spellcheck={false}
        value={path}
        onInput={(event) => setPath(event.currentTarget.value)}
      />
      <datalist id="column-paths">
        {fields
          .filter(({ name }) => isPath(name))
          .map(({ name }) => (
            <option key={name} value={name} />
          ))}
      </datalist>
      <button type="submit" class="button" disabled={!isPath(wanted) || full}>
        Add
      </button>
    </form>
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
          <PathField shown={shown} />
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
            {pathsOf(shown).map((path) => (
              <li key={path}>
                <label class="menu-item mono">
                  <input type="checkbox" checked onChange={() => toggle(path)} />
                  <Text value={path} clip={60} />
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
