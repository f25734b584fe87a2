// Something that the server is asked for while a component is shown: loading, ready, failed or
// forbidden. What was loaded stays while it is asked for again, so that nothing moves.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError, explain } from '../api/client';

export interface Load<T> {
  // `loading`, `failed` and `forbidden` without a value; with one it is `ready`.
  status: 'loading' | 'ready' | 'failed' | 'forbidden';
  value: T | undefined;
  // Why the last attempt failed; null while all is well.
  failure: string | null;
  // The server is being asked.
  busy: boolean;
  // The value belongs to an earlier key.
  stale: boolean;
  loadedAt: number;
  reload: () => void;
}

interface LoadOptions {
  // Ask again after this long, for as long as the page can be seen.
  everyMilliseconds?: number;
  // Show what belongs to the last key until there is an answer for the next one.
  keep?: boolean;
}

interface State<T> {
  key: string | null;
  value: T | undefined;
  error: unknown;
  busy: boolean;
  loadedAt: number;
}

// `key` says what is asked for: another key asks anew. A key of null asks for nothing yet.
export function useLoad<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  options: LoadOptions = {},
): Load<T> {
  const nothing: State<T> = { key: null, value: undefined, error: null, busy: true, loadedAt: 0 };
  const [state, setState] = useState(nothing);
  const [attempt, setAttempt] = useState(0);
  const loader = useRef(load);
  loader.current = load;
  const every = options.everyMilliseconds ?? 0;

  // Not after the paint: the server is asked while the page is drawn.
  useLayoutEffect(() => {
    if (key === null) return undefined;
    const controller = new AbortController();
    let timer = 0;
    const schedule = () => {
      if (every === 0 || controller.signal.aborted) return;
      timer = window.setTimeout(() => (document.hidden ? schedule() : void ask()), every);
    };
    const ask = async () => {
      // It is so from the beginning: then nothing is drawn anew.
      setState((last) => (last.busy ? last : { ...last, busy: true }));
      try {
        const value = await loader.current(controller.signal);
        if (controller.signal.aborted) return;
        setState({ key, value, error: null, busy: false, loadedAt: Date.now() });
      } catch (error) {
        if (controller.signal.aborted) return;
        setState((last) => {
          const kept = last.key === key || options.keep === true;
          return { ...last, value: kept ? last.value : undefined, error, busy: false };
        });
      }
      schedule();
    };
    void ask();
    return () => {
      controller.abort();
      window.clearTimeout(timer);
    };
  }, [key, attempt, every]);

  const stale = state.key !== key;
  const value = stale && options.keep !== true ? undefined : state.value;
  const failed = state.error !== null && !state.busy;
  const forbidden = state.error instanceof ApiError && state.error.kind === 'forbidden';
  return {
    status:
      value !== undefined ? 'ready' : !failed ? 'loading' : forbidden ? 'forbidden' : 'failed',
    value,
    failure: failed ? explain(state.error) : null,
    busy: state.busy,
    stale,
    loadedAt: state.loadedAt,
    reload: () => setAttempt((count) => count + 1),
  };
}
