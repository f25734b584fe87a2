// Offers the times that are longer than the one that is shown, where that has nothing.
import { presets, momentOf, range, setRange } from '../state/range';

function isWider(since: string, now: number): boolean {
  const shown = momentOf(range.value.since, now);
  return shown !== null && (momentOf(since, now) ?? -Infinity) < shown;
}

export function WiderRanges() {
  const now = Date.now();
  return (
    <>
      {presets
        .filter(([since]) => isWider(since, now))
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
    </>
  );
}
