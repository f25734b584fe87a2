// What stands in the list's place while it has no rows: loading, cancelled, wrong, or nothing
// there.
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { getStats } from '../api/overview';
import type { QueryProblem } from '../api/query';
import { session } from '../api/session';
import { runText } from '../state/list_address';
import { useLoad } from '../state/load';
import { range, setRange } from '../state/range';
import { FirstSteps } from './first_steps';
import { Notice } from './notice';

// Says that an answer takes its time, and lets go of it.
export function Waiting({ what, onCancel }: { what: string; onCancel: () => void }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const begin = Date.now();
    const timer = window.setInterval(() => setSeconds((Date.now() - begin) / 1000), 100);
    return () => window.clearInterval(timer);
  }, []);
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
      {seconds < 0.5 ? null : (
        <p class="skeleton-note">
          <span class="number">{seconds.toFixed(1)} s</span>
          <button type="button" class="button" onClick={onCancel}>
            Cancel
          </button>
        </p>
      )}
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
const wider = [
  ['-1d', 'Last 24 hours'],
  ['-7d', 'Last 7 days'],
  ['all', 'All time'],
] as const;

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
        {wider
          .filter(([since]) => since !== range.value.since)
          .map(([since, label]) => (
            <button
              key={since}
              type="button"
              class="button"
              onClick={() => setRange({ since, until: '' })}
            >
              {label}
            </button>
          ))}
      </div>
    </Notice>
  );
}
