// Says that what is shown is not the newest, without moving it.
import { formatClock } from '../format/time';
import { Icon } from './icons';

interface StaleNoteProps {
  reason: string;
  since: number;
  retry: () => void;
}

export function StaleNote({ reason, since, retry }: StaleNoteProps) {
  return (
    <div class="stale-note" role="status">
      <Icon name="warning" />
      <span>
        {reason} What you see was loaded at {formatClock(since)}.
      </span>
      <button type="button" class="link-button" onClick={retry}>
        Try now
      </button>
    </div>
  );
}
