// The list of requests, refreshed by itself.
import { useComputed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ExchangeFilter } from '../api/exchanges';
import { clearFilters, Filters } from '../components/filters';
import { FirstSteps } from '../components/first_steps';
import { Icon } from '../components/icons';
import { Notice } from '../components/notice';
import { focusRow, RequestTable } from '../components/request_table';
import { useKeys } from '../components/shortcuts';
import { StaleNote } from '../components/stale_note';
import { navigate, path, query } from '../router';
import { chosenId, listAddress, place } from '../state/list_place';
import * as list from '../state/request_list';

function filterOf(parameters: URLSearchParams): ExchangeFilter {
  const filter = { ...list.emptyFilter };
  for (const name of Object.keys(filter) as (keyof ExchangeFilter)[]) {
    filter[name] = parameters.get(name) ?? '';
  }
  return filter;
}

function move(step: number): void {
  const rows = list.rows.value;
  const at = rows.findIndex((row) => row.id === chosenId.value);
  const next = at === -1 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1);
  const row = rows[next];
  if (row) focusRow(row.id);
}

function LiveButton() {
  const stopped = list.paused.value;
  const title = stopped ? 'Resume the refresh (p)' : 'Pause the refresh (p)';
  return (
    <button
      type="button"
      class={stopped ? 'button live-button' : 'button live-button live-on'}
      aria-pressed={!stopped}
      title={title}
      onClick={() => list.setPaused(!stopped)}
    >
      <span class="live-dot" aria-hidden="true" />
      <span class="live-word">{stopped ? 'Paused' : 'Live'}</span>
      <Icon name={stopped ? 'play' : 'pause'} />
    </button>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" role="status" aria-label="Loading the requests">
      {Array.from({ length: 12 }, (_, index) => (
        <div key={index} class="skeleton-row" aria-hidden="true">
          <i />
          <i />
          <i />
          <i />
        </div>
      ))}
    </div>
  );
}

function Empty({ filtered }: { filtered: boolean }) {
  if (list.status.value === 'loading') return <Skeleton />;
  if (list.status.value === 'failed') {
    return (
      <Notice title="The requests could not be loaded" tone="error">
        <p>{list.failure.value ?? 'The server refused.'}</p>
        <div class="notice-actions">
          <button type="button" class="button" onClick={() => void list.reload()}>
            Try again
          </button>
          {filtered ? (
            <button type="button" class="button" onClick={clearFilters}>
              Clear the filters
            </button>
          ) : null}
        </div>
      </Notice>
    );
  }
  if (!filtered) return <FirstSteps />;
  return (
    <Notice title="No request matches these filters">
      <p>New ones appear here by themselves.</p>
      <button type="button" class="button" onClick={clearFilters}>
        Clear the filters
      </button>
    </Notice>
  );
}

function Older() {
  const count = list.rows.value.length;
  if (count === 0) return null;
  if (list.older.value === null) return <p class="list-end">That is all of them.</p>;
  const busy = list.loadingOlder.value;
  return (
    <div class="list-end">
      <button
        type="button"
        class="button"
        aria-disabled={busy}
        onClick={() => void list.loadOlder()}
      >
        {busy ? 'Loading…' : 'Load older'}
      </button>
    </div>
  );
}

export function RequestsPage() {
  const filter = useComputed(() => filterOf(query.value)).value;
  const search = query.value.toString();
  const address = path.value + (search === '' ? '' : `?${search}`);
  const filtered = Object.values(filter).some((value) => value !== '');

  useEffect(() => {
    document.title = 'Requests · APIToolkit';
    return list.watch();
  }, []);
  useEffect(() => {
    // Another list begins at its top.
    if (listAddress.value !== address) {
      place.scrollTop = 0;
      chosenId.value = null;
    }
    listAddress.value = address;
    list.show(filter);
  }, [address]);
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    p: () => list.setPaused(!list.paused.value),
    Enter: () => {
      if (chosenId.value !== null) navigate(`/requests/${encodeURIComponent(chosenId.value)}`);
    },
  });

  return (
    <div class="page page-list">
      <h1 class="visually-hidden">Requests</h1>
      <RequestTable
        rows={list.rows.value}
        fresh={list.fresh.value}
        before={
          <div class="list-bar">
            <Filters filter={filter} />
            <LiveButton />
          </div>
        }
        empty={<Empty filtered={filtered} />}
        after={<Older />}
      />
      {list.rows.value.length > 0 && list.failure.value !== null ? (
        <StaleNote
          reason={list.failure.value}
          since={list.loadedAt.value}
          retry={list.refreshNow}
        />
      ) : null}
    </div>
  );
}
