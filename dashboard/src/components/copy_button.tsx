// Copies a text that is made when it is asked for, and says whether it worked.
import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons';

type Outcome = 'idle' | 'copied' | 'failed';

async function copy(text: string): Promise<void> {
  // The clipboard interface exists only on https and on loopback.
  if (window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('the browser refused');
}

interface CopyButtonProps {
  label: string;
  text: () => string;
  quiet?: boolean;
}

export function CopyButton({ label, text, quiet = false }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome>('idle');
  useEffect(() => {
    if (outcome === 'idle') return undefined;
    const timer = window.setTimeout(() => setOutcome('idle'), 1600);
    return () => window.clearTimeout(timer);
  }, [outcome]);
  const run = () => {
    copy(text()).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    );
  };
  const words = { idle: label, copied: 'Copied', failed: 'Failed' }[outcome];
  return (
    <button type="button" class={quiet ? 'button button-quiet' : 'button'} onClick={run}>
      <Icon name={outcome === 'copied' ? 'done' : 'copy'} />
      {/* The widest of its texts holds the width, so that nothing moves when it changes. */}
      <span class="copy-label" aria-live="polite" data-widest={label.length > 6 ? label : 'Copied'}>
        <span>{words}</span>
      </span>
    </button>
  );
}
