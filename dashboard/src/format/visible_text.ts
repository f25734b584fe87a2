// Captured text is hostile. Characters that a reader cannot see, or that reorder what he sees, are
// split off so that they can be shown by name.

export type TextPiece = { kind: 'plain' | 'hidden' | 'masked'; text: string };

export const redactedMarker = '[CLIENT_REDACTED]';

// C0 and C1 controls except tab and line feed, bidirectional marks, embeddings, overrides and
// isolates, zero-width and other invisible characters, line separators, tags, lone surrogates.
const hidden = [
  '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f',
  '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069',
  '\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u2060-\\u2065\\u206a-\\u206f\\u3164',
  '\\u2028\\u2029\\ufeff\\uffa0\\ufff0-\\ufffb\\u{e0000}-\\u{e0fff}\\p{Cs}',
].join('');
export const hiddenCharacters = new RegExp(`[${hidden}]`, 'gu');
const special = new RegExp(`[${hidden}]|\\[CLIENT_REDACTED\\]`, 'gu');

export function splitText(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(special)) {
    if (match.index > from) pieces.push({ kind: 'plain', text: text.slice(from, match.index) });
    const found = match[0];
    pieces.push({ kind: found === redactedMarker ? 'masked' : 'hidden', text: found });
    from = match.index + found.length;
  }
  if (from < text.length) pieces.push({ kind: 'plain', text: text.slice(from) });
  return pieces;
}

const names: Record<number, string> = {
  0x00: 'NUL',
  0x07: 'BEL',
  0x08: 'BS',
  0x0d: 'CR',
  0x1b: 'ESC',
  0x7f: 'DEL',
  0x200b: 'ZWSP',
  0x200e: 'LRM',
  0x200f: 'RLM',
  0x202a: 'LRE',
  0x202b: 'RLE',
  0x202c: 'PDF',
  0x202d: 'LRO',
  0x202e: 'RLO',
  0x2066: 'LRI',
  0x2067: 'RLI',
  0x2068: 'FSI',
  0x2069: 'PDI',
  0xfeff: 'BOM',
};

// "RLO", or "U+0085" for one without a short name of its own.
export function hiddenName(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return names[code] ?? codePoint(code);
}

export function codePoint(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

const titleCharactersMax = 1000;

// The same for places that hold text only, such as a title.
export function visibleText(text: string): string {
  const start = text.slice(0, titleCharactersMax);
  const shown = splitText(start)
    .map((piece) => (piece.kind === 'hidden' ? `⟨${hiddenName(piece.text)}⟩` : piece.text))
    .join('');
  return text.length > titleCharactersMax ? `${shown}…` : shown;
}
