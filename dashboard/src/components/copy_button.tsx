// Copies a text that is made when it is asked for, and says whether it worked.
import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons';

export type CopyOutcome = 'idle' | 'copied' | 'failed';

const outcomeMilliseconds = 1600;

async function write(text: string): Promise<void> {
  // The clipboard interface exists only on https and on loopback.
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  // Within an open dialog nothing outside of it can be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('the browser refused');
}

// What became of the last copy, for a moment; and the function that copies.
export function useCopy(): [CopyOutcome, (text: string) => void] {
  const [outcome, setOutcome] = useState<CopyOutcome>('idle');
  useEffect(() => {
    if (outcome === 'idle') return undefined;
    const timer = window.setTimeout(() => setOutcome('idle'), outcomeMilliseconds);
    return () => window.clearTimeout(timer);
  }, [outcome]);
  const copy = (text: string) => {
    write(text).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    );
  };
  return [outcome, copy];
}

interface CopyButtonProps {
  label: string;
  text: () => string;
  quiet?: boolean;
}

export function CopyButton({ label, text, quiet = false }: CopyButtonProps) {
  const [outcome, copy] = useCopy();
  const words = { idle: label, copied: 'Copied', failed: 'Failed' }[outcome];
  return (
    <button
      type="button"
      class={quiet ? 'button button-quiet' : 'button'}
      onClick={() => copy(text())}
    >
      <Icon name={outcome === 'copied' ? 'done' : 'copy'} />
      {/* The widest of its texts holds the width, so that nothing moves when it changes. */}
      <span class="copy-label" aria-live="polite" data-widest={label.length > 6 ? label : 'Copied'}>
        <span>{words}</span>
      </span>
    </button>
  );
}
