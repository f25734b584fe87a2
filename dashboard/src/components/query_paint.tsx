// A query in colours, with what is wrong underlined. It lies beneath the field that is written in.
import type { QueryProblem } from '../api/query';
import { tokens } from '../query/tokens';

interface Piece {
  text: string;
  kind: string;
  wrong: boolean;
}

function pieces(text: string, problem: QueryProblem | null): Piece[] {
  const marks: { from: number; to: number; kind: string }[] = [];
  let at = 0;
  for (const token of tokens(text)) {
    if (token.from > at) marks.push({ from: at, to: token.from, kind: 'blank' });
    marks.push({ from: token.from, to: token.to, kind: token.kind });
    at = token.to;
  }
  if (at < text.length) marks.push({ from: at, to: text.length, kind: 'blank' });
  const [from, to] = problem ? [problem.from, problem.to] : [text.length, text.length];
  return marks.flatMap((mark) =>
    [
      [mark.from, Math.min(mark.to, from)],
      [Math.max(mark.from, from), Math.min(mark.to, to)],
      [Math.max(mark.from, to), mark.to],
    ].flatMap(([begin = 0, end = 0], part): Piece[] =>
      begin < end ? [{ text: text.slice(begin, end), kind: mark.kind, wrong: part === 1 }] : [],
    ),
  );
}

export function QueryPaint({ text, problem }: { text: string; problem: QueryProblem | null }) {
  return (
    <>
      {pieces(text, problem).map((piece, index) => (
        <span key={index} class={`token-${piece.kind} ${piece.wrong ? 'token-wrong' : ''}`}>
          {piece.text}
        </span>
      ))}
    </>
  );
}

// Where the character at an offset is drawn, in the window.
export function placeOfOffset(paint: HTMLElement, offset: number): DOMRect {
  const walker = document.createTreeWalker(paint, NodeFilter.SHOW_TEXT);
  let left = offset;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.textContent?.length ?? 0;
    if (left <= length) {
      const range = document.createRange();
      range.setStart(node, left);
      range.collapse(true);
      return range.getBoundingClientRect();
    }
    left -= length;
  }
  return paint.getBoundingClientRect();
}
