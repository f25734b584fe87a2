// Captured text: always isolated from what surrounds it, with hidden characters shown by name,
// masks as badges, and long text clipped until it is asked for.
import { useState } from 'preact/hooks';
import { formatBytes } from '../format/bytes';
import { codePoint, hiddenName, redactedMarker, splitText } from '../format/visible_text';

const charactersMax = 2_000;
// Hidden characters drawn one by one in one text; beyond this they are drawn as one run.
const piecesMax = 4_000;

export function MaskBadge() {
  return (
    <span class="mask" title={`${redactedMarker}: masked before it left the application`}>
      redacted
    </span>
  );
}

function Hidden({ text }: { text: string }) {
  const title = codePoint(text.codePointAt(0) ?? 0);
  return (
    <span class="hidden-character" title={`${title}, a character that cannot be seen`}>
      {hiddenName(text)}
    </span>
  );
}

export function Text({ value, clip = charactersMax }: { value: string; clip?: number }) {
  const [whole, setWhole] = useState(false);
  const long = value.length > clip;
  const shown = long && !whole ? value.slice(0, clip) : value;
  const pieces = splitText(shown);
  const drawn = pieces.length > piecesMax ? pieces.slice(0, piecesMax) : pieces;
  return (
    <>
      <bdi class="captured">
        {drawn.map((piece) => {
          if (piece.kind === 'masked') return <MaskBadge />;
          return piece.kind === 'hidden' ? <Hidden text={piece.text} /> : piece.text;
        })}
        {drawn !== pieces || (long && !whole) ? '…' : null}
      </bdi>
      {long ? (
        <button type="button" class="link-button clip-button" onClick={() => setWhole(!whole)}>
          {whole ? 'Show less' : `Show all (${formatBytes(value.length)})`}
        </button>
      ) : null}
    </>
  );
}
