// Chooses the time that a page shows: presets, two moments, or a step to the side.
import { useState } from 'preact/hooks';
import { describeRange, momentOf, presets, range, setRange, zoomTo } from '../state/range';
import { Icon } from './icons';
import { Popover } from './popover';

// The range as moments; null where it has no beginning.
function moments(): [from: number, to: number] | null {
  const now = Date.now();
  const from = momentOf(range.value.since, now);
  const to = range.value.until === '' ? now : momentOf(range.value.until, now);
  return from === null || to === null ? null : [from, to];
}

function step(direction: -1 | 1): void {
  const shown = moments();
  if (!shown) return;
  const [from, to] = shown;
  const by = (to - from) * direction;
  // What would lie ahead of now is what there is now.
  const late = Math.max(0, to + by - Date.now());
  zoomTo(from + by - late, to + by - late);
}

// What an <input type="datetime-local"> holds: local time, to the second.
function localText(time: number): string {
  const local = new Date(time - new Date(time).getTimezoneOffset() * 60e3);
  return local.toISOString().slice(0, 19);
}

function Moments({ close }: { close: () => void }) {
  const shown = moments() ?? [Date.now() - 3600e3, Date.now()];
  const [from, setFrom] = useState(localText(shown[0]));
  const [to, setTo] = useState(localText(shown[1]));
  const times = [Date.parse(from), Date.parse(to)] as const;
  const usable = times[0] < times[1];
  return (
    <form
      class="range-moments"
      onSubmit={(event) => {
        event.preventDefault();
        if (!usable) return;
        zoomTo(times[0], times[1]);
        close();
      }}
    >
      <label>
        <span>From</span>
        <input
          class="field"
          type="datetime-local"
          step="1"
          required
          value={from}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
      </label>
      <label>
        <span>Until</span>
        <input
          class="field"
          type="datetime-local"
          step="1"
          required
          value={to}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button" disabled={!usable}>
        Show
      </button>
    </form>
  );
}

export function RangePicker() {
  const shown = range.value;
  const ended = shown.until !== '';
  return (
    <div class="range" role="group" aria-label="Time">
      <button
        type="button"
        class="button button-icon range-step"
        aria-label="Earlier"
        title="Earlier"
        disabled={shown.since === 'all'}
        onClick={() => step(-1)}
      >
        <Icon name="back" />
      </button>
      <Popover
        title="Time"
        align="end"
        buttonClass="button range-button"
        panelClass="range-panel"
        label={
          <>
            <Icon name="clock" />
            <span>{describeRange(shown)}</span>
            <Icon name="down" />
          </>
        }
      >
        {(close) => (
          <>
            <ul class="range-presets">
              {presets.map(([since, label]) => (
                <li key={since}>
                  <button
                    type="button"
                    class="menu-item"
                    aria-pressed={!ended && shown.since === since}
                    onClick={() => {
                      setRange({ since, until: '' });
                      close();
                    }}
                  >
                    {label}
                  </button>
                </li>
              ))}
            </ul>
            <Moments close={close} />
          </>
        )}
      </Popover>
      <button
        type="button"
        class="button button-icon range-step"
        aria-label="Later"
        title="Later"
        disabled={!ended}
        onClick={() => step(1)}
      >
        <Icon name="next" />
      </button>
    </div>
  );
}
