// Exchanges as they are committed. The browser resumes by itself where the connection breaks; where
// the server refuses, this tries again, later each time.
import { withParameters } from './client';
import { rowFieldList, type ExchangeRow } from './exchanges';

export interface TailListener {
  // The connection stands, for the first time or again: what was missed is to be asked for.
  ready: () => void;
  exchange: (row: ExchangeRow) => void;
  // So many were not sent, because somebody was too slow.
  lagged: (count: number) => void;
  lost: () => void;
  // The server does not let anybody listen now: it may say to another call why.
  refused: () => void;
}

const againMilliseconds = 2_000;
const againMillisecondsMax = 30_000;

function parsed<T>(event: Event): T | null {
  try {
    return JSON.parse((event as MessageEvent<string>).data) as T;
  } catch {
    return null;
  }
}

// Listens until the function that it returns is called. `values` are as ListFilter's.
export function listen(condition: string, values: string, listener: TailListener): () => void {
  let source: EventSource | null = null;
  let timer = 0;
  let failures = 0;

  const open = () => {
    const members = { query: condition, fields: rowFieldList, values };
    const url = withParameters('/api/v1/tail', members);
    const opened = new EventSource(url);
    source = opened;
    opened.addEventListener('ready', () => {
      failures = 0;
      listener.ready();
    });
    opened.addEventListener('exchange', (event) => {
      const row = parsed<ExchangeRow>(event);
      if (row) listener.exchange(row);
    });
    opened.addEventListener('lagged', (event) => {
      listener.lagged(parsed<{ count: number }>(event)?.count ?? 0);
    });
    opened.addEventListener('end', () => again());
    opened.addEventListener('error', () => {
      listener.lost();
      if (opened.readyState !== EventSource.CLOSED) return;
      listener.refused();
      again();
    });
  };
  const again = () => {
    source?.close();
    window.clearTimeout(timer);
    const wait = Math.min(againMilliseconds * 2 ** failures, againMillisecondsMax);
    failures += 1;
    timer = window.setTimeout(open, wait);
  };
  const changed = () => {
    source?.close();
    window.clearTimeout(timer);
    // A page that nobody sees takes up none of the server's places.
    if (!document.hidden) open();
  };

  document.addEventListener('visibilitychange', changed);
  changed();
  return () => {
    document.removeEventListener('visibilitychange', changed);
    window.clearTimeout(timer);
    source?.close();
  };
}
