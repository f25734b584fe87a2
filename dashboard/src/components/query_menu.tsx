// Queries that were kept under a name, and those that were run of late.
import { useState } from 'preact/hooks';
import { queries, removeSaved, save } from '../state/query_history';
import { Icon } from './icons';
import { Popover } from './popover';

interface QueryMenuProps {
  draft: string;
  onChoose: (query: string) => void;
}

const recentShown = 12;

function Save({ draft }: { draft: string }) {
  const [name, setName] = useState('');
  if (draft.trim() === '') return null;
  return (
    <form
      class="query-save"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === '') return;
        save(name.trim(), draft.trim());
        setName('');
      }}
    >
      <input
        class="field"
        aria-label="A name for this query"
        placeholder="Keep this query as…"
        maxLength={80}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <button type="submit" class="button" disabled={name.trim() === ''}>
        Save
      </button>
    </form>
  );
}

export function QueryMenu({ draft, onChoose }: QueryMenuProps) {
  return (
    <Popover
      title="Queries"
      align="end"
      buttonClass="button button-quiet button-icon"
      buttonTitle="Saved and recent queries"
      panelClass="query-menu"
      label={<Icon name="history" />}
    >
      {(close) => {
        const { saved, recent } = queries.value;
        const choose = (query: string) => {
          close();
          onChoose(query);
        };
        return (
          <>
            <Save draft={draft} />
            {saved.length === 0 ? null : <h2 class="menu-title">Saved</h2>}
            <ul>
              {saved.map(({ name, query }) => (
                <li key={name} class="query-kept">
                  <button type="button" class="menu-item" onClick={() => choose(query)}>
                    <b>{name}</b>
                    <code>{query}</code>
                  </button>
                  <button
                    type="button"
                    class="facet-leave-out"
                    aria-label={`Forget ${name}`}
                    title="Forget"
                    onClick={() => removeSaved(name)}
                  >
                    <Icon name="close" />
                  </button>
                </li>
              ))}
            </ul>
            <h2 class="menu-title">Recent</h2>
            <ul>
              {recent.slice(0, recentShown).map((query) => (
                <li key={query}>
                  <button type="button" class="menu-item" onClick={() => choose(query)}>
                    <code>{query}</code>
                  </button>
                </li>
              ))}
            </ul>
            <p class="menu-note">
              {recent.length === 0 ? 'Nothing was run yet. ' : ''}Kept in this browser.
            </p>
          </>
        );
      }}
    </Popover>
  );
}
