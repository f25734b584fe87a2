// A moment: how long ago, by a clock that all of them share; the exact time on hover.
import { useComputed } from '@preact/signals';
import { formatAbsolute, formatRelative } from '../format/time';
import { now } from '../state/clock';

export function RelativeTime({ timestamp }: { timestamp: string }) {
  return <TickingTime key={timestamp} timestamp={timestamp} />;
}

function TickingTime({ timestamp }: { timestamp: string }) {
  const text = useComputed(() => formatRelative(timestamp, now.value));
  return (
    <time dateTime={timestamp} title={formatAbsolute(timestamp)}>
      {text}
    </time>
  );
}
