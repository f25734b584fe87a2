// A long text, a window of it at a time, with what is searched for marked.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Text } from './text';

const charactersAtOnce = 10_000;

interface TextViewProps {
  text: string;
  label: string;
  needle?: string;
  // The offset to go to, anew with each `serial`.
  at?: number | null;
  serial?: number;
}

// Never between the halves of a character.
function border(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}

export function TextView({ text, label, needle = '', at = null, serial = 0 }: TextViewProps) {
  const [from, setFrom] = useState(0);
  const [end, setEnd] = useState(charactersAtOnce);
  const box = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    if (at === null) return;
    if (at < from || at + needle.length > end) {
      setFrom(border(text, Math.max(0, at - charactersAtOnce / 4)));
      setEnd(at + charactersAtOnce);
    }
  }, [serial, at]);
  useLayoutEffect(() => {
    // The match begins its own piece, so that it can be found again.
    if (at !== null) box.current?.querySelector('.text-here')?.scrollIntoView({ block: 'center' });
  }, [serial, at, from]);

  const last = border(text, Math.min(end, text.length));
  const here = at !== null && at >= from && at < last ? at : null;
  const before = here === null ? text.slice(from, last) : text.slice(from, here);
  return (
    <>
      {from > 0 ? (
        <p class="body-hint">
          <button
            type="button"
            class="link-button"
            onClick={() => setFrom(border(text, Math.max(0, from - charactersAtOnce)))}
          >
            Show more before
          </button>
        </p>
      ) : null}
      <pre class="body-text" tabIndex={0} aria-label={label} ref={box}>
        <Text value={before} clip={Infinity} mark={needle} />
        {here === null ? null : (
          <>
            <span class="text-here">
              <Text value={text.slice(here, here + needle.length)} mark={needle} />
            </span>
            <Text value={text.slice(here + needle.length, last)} clip={Infinity} mark={needle} />
          </>
        )}
      </pre>
      {last < text.length ? (
        <p class="body-hint">
          <button
            type="button"
            class="link-button"
            onClick={() => setEnd(last + 10 * charactersAtOnce)}
          >
            Show more of {(text.length - last).toLocaleString('en')} characters
          </button>
        </p>
      ) : null}
    </>
  );
}
