// One request with the calls made during it. Calls are sent on their own and may arrive later than
// their parent: while it is recent they are asked for again.
import { useLayoutEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import {
  getExchange,
  listChildren,
  type ExchangePage,
  type ExchangeRow,
  type FullExchange,
} from '../api/exchanges';
import { milliseconds } from '../format/time';

export interface Detail {
  full: FullExchange | null;
  calls: ExchangeRow[];
  callsLeftOut: boolean;
  missing: boolean;
  // Why it could not be loaded; null while all is well.
  failure: string | null;
}

const callsMax = 1000;
const againMilliseconds = 2_000;
const recentMilliseconds = 60_000;

const nothing: Detail = {
  full: null,
  calls: [],
  callsLeftOut: false,
  missing: false,
  failure: null,
};

function oldestFirst(page: ExchangePage): ExchangeRow[] {
  return page.rows.slice().sort((a, b) => milliseconds(a.timestamp) - milliseconds(b.timestamp));
}

export function useRequestDetail(id: string): [Detail, () => void] {
  const [detail, setDetail] = useState(nothing);
  const [attempt, setAttempt] = useState(0);

  // Not after the paint: the server is asked while the page is drawn.
  useLayoutEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    let timer = 0;

    const loadCalls = async (full: FullExchange) => {
      if (full.exchange.request_type === 'outgoing') return;
      try {
        const page = await listChildren(id, callsMax, signal);
        if (signal.aborted) return;
        const calls = oldestFirst(page);
        const callsLeftOut = page.nextCursor !== null;
        setDetail((last) => ({ ...last, calls, callsLeftOut, failure: null }));
      } catch (error) {
        if (signal.aborted) return;
        setDetail((last) => ({ ...last, failure: describe(error) }));
      }
      const age = Date.now() - milliseconds(full.exchange.received_at);
      if (age < recentMilliseconds) {
        timer = window.setTimeout(() => void loadCalls(full), againMilliseconds);
      }
    };

    const load = async () => {
      try {
        const full = await getExchange(id, signal);
        if (signal.aborted) return;
        setDetail({ ...nothing, full });
        await loadCalls(full);
      } catch (error) {
        if (signal.aborted) return;
        const missing = error instanceof ApiError && error.status === 404;
        setDetail({ ...nothing, missing, failure: describe(error) });
      }
    };

    void load();
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [id, attempt]);

  return [detail, () => setAttempt(attempt + 1)];
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
