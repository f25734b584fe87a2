// Outgoing calls on the time axis of the exchange that made them.
import { useState } from 'preact/hooks';
import type { ExchangeRow } from '../api/exchanges';
import { plural } from '../format/bytes';
import { formatDuration } from '../format/duration';
import { statusClass } from '../format/status';
import { nanosecondsBetween } from '../format/time';
import { visibleText } from '../format/visible_text';
import { Method } from './method';
import { Status } from './status';
import { Text } from './text';

interface WaterfallProps {
  start: string;
  duration: number;
  calls: ExchangeRow[];
}

// More calls than this begin clipped, so that the errors and bodies stay within reach.
const callsAtFirst = 8;
const ticks = [0, 0.25, 0.5, 0.75, 1];

function percent(part: number, whole: number): string {
  return `${Math.min(Math.max((part / whole) * 100, 0), 100).toFixed(3)}%`;
}

export function Waterfall({ start, duration, calls }: WaterfallProps) {
  const [whole, setWhole] = useState(false);
  const placed = calls.map((call) => ({ call, at: nanosecondsBetween(start, call.timestamp) }));
  // A call may outlive its parent, when the application made it in the background.
  const end = Math.max(1, duration, ...placed.map(({ call, at }) => at + call.duration));
  return (
    <div class="waterfall">
      <div class="waterfall-axis" aria-hidden="true">
        <div class="waterfall-ticks">
          {ticks.map((tick) => (
            <span key={tick} style={{ left: percent(tick, 1) }}>
              {tick === 0 ? '0' : formatDuration(Math.round(end * tick))}
            </span>
          ))}
        </div>
      </div>
      <ol>
        {(whole ? placed : placed.slice(0, callsAtFirst)).map(({ call, at }) => (
          <li key={call.id}>
            <a href={`/requests/${encodeURIComponent(call.id)}`} title={visibleText(call.raw_url)}>
              <span class="waterfall-name">
                <Status code={call.status_code} />
                <Method name={call.method} />
                <span class="waterfall-path">
                  <span class="path-host">
                    <Text value={call.host.slice(0, 200)} />
                  </span>
                  <Text value={(call.url_path || call.raw_url).slice(0, 300)} />
                </span>
                {call.errors.length === 0 ? null : (
                  <span class="error-count">{plural(call.errors.length, 'error')}</span>
                )}
              </span>
              <span class="waterfall-lane">
                <span
                  class="waterfall-parent"
                  style={{ width: percent(duration, end) }}
                  aria-hidden="true"
                />
                <span
                  class={`waterfall-bar bar-${statusClass(call.status_code)}`}
                  style={{ left: percent(at, end), width: percent(call.duration, end) }}
                  aria-hidden="true"
                />
              </span>
              <span class="waterfall-time number">
                <span class="visually-hidden">
                  began after {formatDuration(Math.max(at, 0))}, took{' '}
                </span>
                {formatDuration(call.duration)}
              </span>
            </a>
          </li>
        ))}
      </ol>
      {whole || calls.length <= callsAtFirst ? null : (
        <button type="button" class="link-button" onClick={() => setWhole(true)}>
          Show all {calls.length} calls
        </button>
      )}
    </div>
  );
}
