// The requests that a query means: how many over time, which values they have, and each of them; a
// pipeline's answer is a table.
import { useComputed } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { loadHistogram } from '../api/histogram';
import { queryProblemOf } from '../api/query';
import { Answer } from '../components/answer';
import { columnsOf, usualColumns } from '../components/columns';
import { Facets } from '../components/facets';
import { HistogramStrip } from '../components/histogram';
import { Icon } from '../components/icons';
import { Cancelled, Failed, Nothing, Waiting } from '../components/list_state';
import { ColumnChooser, ExportMenu, LiveButton } from '../components/list_tools';
import { QueryBox } from '../components/query_box';
import { RangePicker } from '../components/range_picker';
import { focusRow, RequestTable } from '../components/request_table';
import { useKeys } from '../components/shortcuts';
import { StaleNote } from '../components/stale_note';
import { openFilterMenu, FilterMenu } from '../components/filter_menu';
import { formatCount } from '../format/number';
import { pathsOf } from '../query/paths';
import { isPipeline } from '../query/tokens';
import { navigate, path, query, setQuery } from '../router';
import {
  answerError,
  chosenColumns,
  following,
  queryText,
  runText,
  setFollowing,
} from '../state/list_address';
import { chosenId, listAddress, place } from '../state/list_place';
import { useLoad } from '../state/load';
import { range, rangeParameters, type Range } from '../state/range';
import * as list from '../state/request_list';

const valuesPixelsMin = 1000;
const histogramMilliseconds = 15_000;

function move(step: number): void {
  const rows = list.rows.value;
  const at = rows.findIndex((row) => row.id === chosenId.value);
  const next = at === -1 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1);
  focusRow(rows, next);
}

function End() {
  const loaded = list.rows.value.length;
  if (loaded >= list.rowsMax) {
    return (
      <p class="list-end">
        These are the newest {formatCount(list.rowsMax)}: narrow the time to see older ones.
      </p>
    );
  }
  if (list.older.value === null) return <p class="list-end">That is all of them.</p>;
  return (
    <p class="list-end" role="status">
      {list.failure.value === null ? 'Loading older ones…' : list.failure.value}
      {list.failure.value === null ? null : (
        <button type="button" class="link-button" onClick={() => void list.loadOlder()}>
          Try again
        </button>
      )}
    </p>
  );
}

function useWindowWidth(): number {
  const [width, setWidth] = useState(window.innerWidth);
  useEffect(() => {
    const changed = () => setWidth(window.innerWidth);
    window.addEventListener('resize', changed);
    return () => window.removeEventListener('resize', changed);
  }, []);
  return width;
}

function Exchanges({ text, shown }: { text: string; shown: Range }) {
  const address = `${path.value}?${query.value.toString()}`.replace(/\?$/, '');
  const open = shown.until === '';
  const live = open && following.value;
  const width = useWindowWidth();
  const wanted = query.value.get('values');
  // Where there is no room for them beside the list, they are shown when asked for.
  const usual = width >= valuesPixelsMin ? 'on' : 'off';
  const valuesOpen = (wanted ?? usual) === 'on';
  const toggleValues = () => {
    const next = valuesOpen ? 'off' : 'on';
    setQuery({ values: next === usual ? '' : next }, { replace: true });
  };
  const names = chosenColumns.value ?? usualColumns(width);
  const columns = useMemo(() => columnsOf(names), [names.join(',')]);
  const values = pathsOf(names).join(',');
  const filter = { query: text, ...rangeParameters(shown), values };
  const key = JSON.stringify(filter);
  const histogram = useLoad(
    JSON.stringify([text, shown]),
    (signal) => loadHistogram(text, shown, signal),
    {
      keep: true,
      ...(live ? { everyMilliseconds: histogramMilliseconds } : {}),
    },
  );

  // Not after the paint: the server is asked while the page is drawn.
  useLayoutEffect(() => {
    // Another list begins at its top.
    if (!list.isShown(filter)) {
      place.scrollTop = 0;
      chosenId.value = null;
    }
    list.show(filter);
  }, [key]);
  // Only what could be listed can be listened for.
  const listed = list.status.value === 'ready' && list.isShown(filter);
  useEffect(() => (open && listed ? list.follow(filter) : undefined), [key, listed]);
  useEffect(() => {
    listAddress.value = address;
  }, [address]);
  useEffect(() => list.setPaused(!live), [live]);
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    p: () => {
      if (open) setFollowing(!following.value);
    },
    f: () => {
      const row = list.rows.value.find(({ id }) => id === chosenId.value);
      const link = document.querySelector<HTMLElement>('.row-chosen a');
      if (row && link) openFilterMenu(link, columns, row);
    },
    Enter: () => {
      if (chosenId.value !== null) navigate(`/requests/${encodeURIComponent(chosenId.value)}`);
    },
  });

  const rows = list.rows.value;
  const status = list.status.value;
  const problem = queryProblemOf(list.error.value, text);
  return (
    <>
      <HistogramStrip load={histogram} />
      <div class="list-bar">
        <button
          type="button"
          class="button button-quiet values-button"
          aria-pressed={valuesOpen}
          onClick={toggleValues}
        >
          <Icon name="filter" /> Values
        </button>
        <span class="list-count" role="status">
          {rows.length === 0
            ? ''
            : list.older.value === null
              ? `${formatCount(rows.length)} requests`
              : `${formatCount(rows.length)} loaded of ${
                  histogram.value && !histogram.stale ? formatCount(histogram.value.total) : '…'
                }`}
          {list.lagged.value === 0
            ? ''
            : `; ${formatCount(list.lagged.value)} came too fast to be shown`}
        </span>
        <ColumnChooser shown={names} />
        <ExportMenu filter={filter} />
        {open ? <LiveButton /> : null}
      </div>
      <div class={valuesOpen ? 'list-body list-body-values' : 'list-body'}>
        {valuesOpen && problem === null ? (
          <Facets condition={text} range={shown} histogram={histogram} />
        ) : null}
        {rows.length > 0 ? (
          <RequestTable
            key={key}
            rows={rows}
            columns={columns}
            fresh={list.fresh.value}
            onEnd={() => void list.loadOlder()}
            after={<End />}
          />
        ) : (
          <div class="list-area">
            {status === 'loading' ? (
              <Waiting
                key={key}
                what="Loading the requests"
                queryId={list.searchId.value}
                onCancel={list.cancel}
              />
            ) : status === 'cancelled' ? (
              <Cancelled retry={() => void list.reload()} />
            ) : status === 'failed' ? (
              <Failed
                error={list.error.value}
                problem={problem}
                text={text}
                retry={() => void list.reload()}
              />
            ) : (
              <Nothing text={text} />
            )}
          </div>
        )}
      </div>
      {rows.length > 0 && list.failure.value !== null ? (
        <StaleNote
          reason={list.failure.value}
          since={list.loadedAt.value}
          retry={() => void list.reload()}
        />
      ) : null}
    </>
  );
}

export function RequestsPage() {
  const text = queryText.value;
  const shown = range.value;
  const pipeline = useComputed(() => isPipeline(queryText.value)).value;
  useEffect(() => {
    document.title = 'Requests · APIToolkit';
  }, []);
  return (
    <div class="page page-list">
      <div class="page-head">
        <h1 class="visually-hidden">Requests</h1>
        <QueryBox
          text={text}
          problem={queryProblemOf(pipeline ? answerError.value : list.error.value, text)}
          onRun={runText}
        />
        <RangePicker />
      </div>
      {pipeline ? (
        <Answer key={text} text={text} shown={shown} />
      ) : (
        <Exchanges text={text} shown={shown} />
      )}
      <FilterMenu />
    </div>
  );
}
