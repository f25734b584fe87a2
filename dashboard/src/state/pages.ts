// A list that is loaded a page at a time, as the REST interface gives it: rows and a cursor.
import { useEffect, useState } from 'preact/hooks';
import { explain } from '../api/client';
import { useLoad, type Load } from './load';

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

export interface Pages<T> {
  // The first page, with its states.
  first: Load<Page<T>>;
  rows: T[];
  // Whether there is more than `rows`.
  more: boolean;
  busy: boolean;
  // Why the last further page could not be loaded; null while all is well.
  failure: string | null;
  loadMore: () => void;
  // Changes the rows that are shown, after what they stand for has changed.
  change: (change: (rows: T[]) => T[]) => void;
}

export function usePages<T>(
  key: string,
  load: (cursor: string, signal?: AbortSignal) => Promise<Page<T>>,
): Pages<T> {
  const first = useLoad(key, (signal) => load('', signal));
  const [rows, setRows] = useState<T[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    setRows(first.value?.data ?? []);
    setCursor(first.value?.next_cursor ?? null);
  }, [first.value]);
  const loadMore = async () => {
    if (cursor === null || busy) return;
    setBusy(true);
    try {
      const page = await load(cursor);
      setRows((known) => [...known, ...page.data]);
      setCursor(page.next_cursor);
      setFailure(null);
    } catch (error) {
      setFailure(explain(error));
    }
    setBusy(false);
  };
  return {
    first,
    rows,
    more: cursor !== null,
    busy,
    failure,
    loadMore: () => void loadMore(),
    change: setRows,
  };
}
