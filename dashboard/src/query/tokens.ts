// A query's text as tokens, for colours and completion. It takes everything: what is wrong with a
// query is the server's to say.
//
//   comment  // to the end of the line     string  "…" '…', perhaps not ended
//   regex    /…/ig after =~ and matches    number  7 1.5s 10kb
//   word     and or not where by …         name    fields, paths, functions

export type TokenKind =
  | 'comment'
  | 'string'
  | 'regex'
  | 'number'
  | 'word'
  | 'function'
  | 'field'
  | 'operator'
  | 'bar'
  | 'punctuation';

export interface Token {
  kind: TokenKind;
  // Offsets in the text, the second one exclusive.
  from: number;
  to: number;
  text: string;
}

export const sectionWords = [
  'where',
  'summarize',
  'sort',
  'take',
  'extend',
  'project',
  'distinct',
] as const;

const wordOperators = [
  'in',
  'has',
  'contains',
  'startswith',
  'endswith',
  'has_any',
  'has_all',
  'matches',
];

const words = new Set<string>([
  ...sectionWords,
  ...['and', 'or', 'not', 'by', 'asc', 'desc', 'true', 'false', 'null'],
]);
const operatorWords = new Set<string>(wordOperators);

const patterns: [TokenKind | 'blank', RegExp][] = [
  ['blank', /\s+/y],
  ['comment', /\/\/[^\n]*/y],
  ['string', /"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?/y],
  ['number', /\d[\w.]*/y],
  // A path goes on with names behind dots, hyphens within, and brackets.
  ['field', /[A-Za-z_]\w*(?:\.\w+(?:-\w+)*|\[(?:\*|\d+|"(?:[^"\\\n]|\\.)*")\])*\.?/y],
  ['operator', /==|!=|<=|>=|=~|![a-z_]+|[<>=+\-*%/]/y],
  ['bar', /\|/y],
  ['punctuation', /./suy],
];
const regexPattern = /\/(?:[^/\\\n]|\\.)*\/?[a-z]*/y;

function kindOf(kind: TokenKind, text: string, next: string): TokenKind {
  if (kind !== 'field') return kind;
  const word = text.toLowerCase();
  if (operatorWords.has(word)) return 'operator';
  if (words.has(word)) return 'word';
  return next === '(' ? 'function' : 'field';
}

export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const before = found[found.length - 1];
    const regexNext = before !== undefined && /^(=~|matches)$/i.test(before.text);
    const all: typeof patterns = regexNext
      ? [patterns[0]!, ['regex', regexPattern], ...patterns.slice(1)]
      : patterns;
    for (const [kind, pattern] of all) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (!match || match[0] === '') continue;
      const to = at + match[0].length;
      if (kind !== 'blank') {
        const sure = kindOf(kind, match[0], text[to] ?? '');
        found.push({ kind: sure, from: at, to, text: match[0] });
      }
      at = to;
      break;
    }
  }
  return found;
}

// The sections of a pipeline, each with its tokens.
export function sections(list: readonly Token[]): Token[][] {
  const found: Token[][] = [[]];
  let depth = 0;
  for (const token of list) {
    if (/^[([]$/.test(token.text)) depth += 1;
    if (/^[)\]]$/.test(token.text)) depth -= 1;
    if (token.kind === 'bar' && depth <= 0) found.push([]);
    else if (token.kind !== 'comment') found[found.length - 1]?.push(token);
  }
  return found;
}

// Whether a query does more than to say which exchanges are meant: then its answer is a table.
export function isPipeline(text: string): boolean {
  return sections(tokens(text)).some(([first]) => {
    const word = first?.kind === 'word' ? first.text.toLowerCase() : '';
    return word !== 'where' && (sectionWords as readonly string[]).includes(word);
  });
}
