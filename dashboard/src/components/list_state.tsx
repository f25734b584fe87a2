// What stands in the list's place while it has no rows: loading, cancelled, wrong, or nothing
// there.
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { getStats } from '../api/overview';
import { passedBy } from '../api/progress';
import type { QueryProblem } from '../api/query';
import { session } from '../api/session';
import { formatCount } from '../format/number';
import { runText } from '../state/list_address';
import { useLoad } from '../state/load';
import { range } from '../state/range';
import { FirstSteps } from './first_steps';
import { Notice } from './notice';
import { WiderRanges } from './wider_ranges';

interface WaitingProps {
  what: string;
  // The name of what is waited for: see api/progress.ts.
  queryId: string;
  onCancel: () => void;
}

const patienceSeconds = 0.5;
const progressMilliseconds = 400;

// Says that an answer takes its time, how far it has come, and lets go of it.
export function Waiting({ what, queryId, onCancel }: WaitingProps) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const begin = Date.now();
    const timer = window.setInterval(() => setSeconds((Date.now() - begin) / 1000), 100);
    return () => window.clearInterval(timer);
  }, []);
  const long = seconds >= patienceSeconds;
  const passed = useLoad(long ? queryId : null, (signal) => passedBy(queryId, signal), {
    everyMilliseconds: progressMilliseconds,
  });
  return (
    <div class="skeleton" role="status" aria-label={what}>
      <div class="skeleton-progress" aria-hidden="true" />
      {Array.from({ length: 12 }, (_, index) => (
        <div key={index} class="skeleton-row" aria-hidden="true">
          <i />
          <i />
          <i />
          <i />
        </div>
      ))}
      {long ? (
        <p class="skeleton-note">
          {passed.value ? (
            <span class="number">{formatCount(passed.value)} requests looked at</span>
          ) : null}
          <span class="number">{seconds.toFixed(1)} s</span>
          <button type="button" class="button" onClick={onCancel}>
            Cancel
          </button>
        </p>
      ) : null}
    </div>
  );
}

export function Cancelled({ retry }: { retry: () => void }) {
  return (
    <Notice title="Cancelled">
      <p>The server has stopped looking.</p>
      <button type="button" class="button" onClick={retry}>
        Run again
      </button>
    </Notice>
  );
}

interface FailedProps {
  error: unknown;
  problem: QueryProblem | null;
  text: string;
  retry: () => void;
}

export function Failed({ error, problem, text, retry }: FailedProps) {
  if (error instanceof ApiError && error.kind === 'forbidden') {
    return (
      <Notice title="No permission">
        <p>
          Your role here is {session.value?.role ?? 'none'}, which may not see the requests. An
          admin of the project can change that.
        </p>
      </Notice>
    );
  }
  const message = error instanceof Error ? error.message : 'The server refused.';
  if (problem) {
    const { from, to, suggestion } = problem;
    return (
      <Notice title="The query cannot be read" tone="error">
        <p>{problem.message}</p>
        {suggestion === null ? null : (
          <button
            type="button"
            class="button"
            onClick={() => runText(text.slice(0, from) + suggestion + text.slice(to))}
          >
            Write {suggestion}
          </button>
        )}
      </Notice>
    );
  }
  return (
    <Notice title="The requests could not be loaded" tone="error">
      <p>{message}</p>
      <div class="notice-actions">
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
        {text === '' ? null : (
          <button type="button" class="button" onClick={() => runText('')}>
            Clear the query
          </button>
        )}
      </div>
    </Notice>
  );
}

const statsMilliseconds = 5_000;

export function Nothing({ text }: { text: string }) {
  const stats = useLoad('stats', getStats, { everyMilliseconds: statsMilliseconds });
  if (stats.value?.exchanges === 0 && text === '') return <FirstSteps />;
  const ended = range.value.until !== '';
  return (
    <Notice title={text === '' ? 'No requests in this time' : 'No request matches'}>
      <p>{ended ? 'There may be some at another time.' : 'New ones appear here by themselves.'}</p>
      <div class="notice-actions">
        {text === '' ? null : (
          <button type="button" class="button" onClick={() => runText('')}>
            Clear the query
          </button>
        )}
        <WiderRanges />
      </div>
    </Notice>
  );
}
