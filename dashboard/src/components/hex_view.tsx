// A body as bytes.
import { useState } from 'preact/hooks';
import { bytesPerLine, hexLines } from '../format/hex';

const linesAtOnce = 256;

interface HexViewProps {
  bytes: Uint8Array;
  label: string;
}

export function HexView({ bytes, label }: HexViewProps) {
  const [lines, setLines] = useState(linesAtOnce);
  const left = bytes.length - lines * bytesPerLine;
  return (
    <>
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
