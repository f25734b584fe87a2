// A status code: its number always, its colour and words as well.
import { statusClass, statusReason } from '../format/status';

export function Status({ code, words = false }: { code: number; words?: boolean }) {
  const reason = statusReason(code);
  return (
    <span class={`status status-${statusClass(code)}`} title={words ? undefined : reason}>
      <span class="status-code">{code === 0 ? 'none' : code}</span>
      {words && reason !== '' ? <span class="status-reason">{reason}</span> : null}
    </span>
  );
}
