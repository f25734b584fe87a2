// A body as bytes.
import { useState } from 'preact/hooks';
import { bytesPerLine, hexLines } from '../format/hex';

const linesAtOnce = 256;

interface HexViewProps {
  bytes: Uint8Array;
  label: string;
  // The bytes are those of a text in which the server has replaced what was no UTF-8.
  replaced?: boolean;
}

export function HexView({ bytes, label, replaced = false }: HexViewProps) {
  const [lines, setLines] = useState(linesAtOnce);
  const left = bytes.length - lines * bytesPerLine;
  return (
    <>
      {replaced ? (
        <p class="body-hint faint">
          Where the body was no UTF-8, the server keeps ef bf bd (U+FFFD) in its place.
        </p>
      ) : null}
      <pre class="body-text body-hex" tabIndex={0} aria-label={label}>
        {hexLines(bytes, 0, lines).join('\n')}
      </pre>
      {left > 0 ? (
        <p class="body-hint">
          <button
            type="button"
            class="link-button"
            onClick={() => setLines(lines + 8 * linesAtOnce)}
          >
            Show more of {left.toLocaleString('en')} bytes
          </button>
        </p>
      ) : null}
    </>
  );
}
