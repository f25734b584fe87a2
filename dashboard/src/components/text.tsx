// Captured text: always isolated from what surrounds it, with hidden characters shown by name,
// masks as badges, and long text clipped until it is asked for.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { formatBytes } from '../format/bytes';
import { codePoint, hiddenName, redactedMarker, splitText } from '../format/visible_text';
import { findInText } from '../json/find';

const charactersMax = 2_000;
// So many more with each press: megabytes at once would keep the browser busy for seconds.
const charactersMore = 100_000;
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

// The occurrences of a searched text within a piece, without regard to case.
function Marked({ text, mark }: { text: string; mark: string }) {
  const at = mark === '' ? [] : findInText(text, mark);
  if (at.length === 0) return <>{text}</>;
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const offset of at) {
    const end = offset + mark.length;
    parts.push(text.slice(from, offset), <mark>{text.slice(offset, end)}</mark>);
    from = end;
  }
  parts.push(text.slice(from));
  return <>{parts}</>;
}

interface TextProps {
  value: string;
  // So many characters are shown at first.
  clip?: number;
  // A text that is marked where it occurs.
  mark?: string;
}

export function Text({ value, clip = charactersMax, mark = '' }: TextProps) {
  const [more, setMore] = useState(0);
  const long = value.length > clip;
  const end = clip + more;
  const left = value.length - end;
  const shown = left > 0 ? value.slice(0, end) : value;
  const pieces = splitText(shown);
  const drawn = pieces.length > piecesMax ? pieces.slice(0, piecesMax) : pieces;
  return (
    <>
      <bdi class="captured">
        {drawn.map((piece) => {
          if (piece.kind === 'masked') return <MaskBadge />;
          if (piece.kind === 'hidden') return <Hidden text={piece.text} />;
          return mark === '' ? piece.text : <Marked text={piece.text} mark={mark} />;
        })}
        {drawn !== pieces || left > 0 ? '…' : null}
      </bdi>
      {long ? (
        <button
          type="button"
          class="link-button clip-button"
          onClick={() => setMore(left > 0 ? more + charactersMore : 0)}
        >
          {left <= 0
            ? 'Show less'
            : left <= charactersMore
              ? `Show all (${formatBytes(value.length)})`
              : `Show more (of ${formatBytes(value.length)})`}
        </button>
      ) : null}
    </>
  );
}
