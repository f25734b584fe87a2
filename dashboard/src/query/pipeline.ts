// What a pipeline's text says about its answer, beyond that it is a table.
import { sections, tokens, type Token } from './tokens';

function headOf(section: readonly Token[]): string {
  const [first] = section;
  return first?.kind === 'word' ? first.text.toLowerCase() : '';
}

function isCondition(section: readonly Token[]): boolean {
  const head = headOf(section);
  return section.length > 0 && (head === 'where' || head === 'not' || head === '');
}

// The conditions that it begins with: the exchanges that the answer is made of.
export function leadingCondition(text: string): string {
  let from: number | null = null;
  let to = 0;
  for (const section of sections(tokens(text))) {
    if (section.length === 0) continue;
    if (!isCondition(section)) break;
    from ??= section[0]?.from ?? null;
    to = section[section.length - 1]?.to ?? to;
  }
  return from === null ? '' : text.slice(from, to);
}

// At the commas that are in no brackets.
function parts(list: readonly Token[]): Token[][] {
  const found: Token[][] = [[]];
  let depth = 0;
  for (const token of list) {
    if (/^[([]$/.test(token.text)) depth += 1;
    if (/^[)\]]$/.test(token.text)) depth -= 1;
    if (token.text === ',' && depth === 0) found.push([]);
    else found[found.length - 1]?.push(token);
  }
  return found;
}

// Without the name that it is given.
function valueOf(part: readonly Token[]): readonly Token[] {
  return part[1]?.text === '=' ? part.slice(2) : part;
}

// Whether it is one call of a function, and nothing around it.
function isCallOf(value: readonly Token[], functions: readonly string[]): boolean {
  const name = value[0]?.kind === 'function' ? value[0].text : '';
  let depth = 0;
  const end = value.findIndex(({ text }, index) => {
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    return index > 0 && depth === 0;
  });
  return functions.includes(name) && end === value.length - 1;
}

export interface TimeSteps {
  // How many of the columns are groups; the first of them is the time.
  groups: number;
  // Whether what is counted adds up, so that groups may stand on top of each other.
  additive: boolean;
}

// Set where there is a row for each step of time: the last summarize's first group is a bin of the
// timestamp, and nothing behind it makes other columns.
export function timeStepsOf(text: string): TimeSteps | null {
  const all = sections(tokens(text));
  const at = all.map(headOf).lastIndexOf('summarize');
  const behind = all.slice(at + 1).map(headOf);
  if (at < 0 || behind.some((head) => /^(extend|project|distinct)$/.test(head))) return null;
  const section = all[at] ?? [];
  const by = section.findIndex(({ kind, text: word }) => kind === 'word' && /^by$/i.test(word));
  if (by < 0) return null;
  const groups = parts(section.slice(by + 1)).map(valueOf);
  const [first = []] = groups;
  if (!isCallOf(first, ['bin', 'bin_auto']) || first[2]?.text !== 'timestamp') return null;
  const aggregates = parts(section.slice(1, by)).map(valueOf);
  const additive = aggregates.every((value) => isCallOf(value, ['count', 'countif', 'sum']));
  return { groups: groups.length, additive };
}

export function summarizes(text: string): boolean {
  return sections(tokens(text)).some((section) => headOf(section) === 'summarize');
}
