// Queries as text that is written by pressing things: values quoted, conditions added and removed.
import { isPipeline, sections, tokens, type Token } from './tokens';

// A text of the query language. Its escapes are JSON's.
export function quoted(text: string): string {
  return JSON.stringify(text);
}

// A value that is written in a query as it stands.
export class Literal {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

export type Scalar = string | number | boolean | null | Literal;

function literal(value: string | number | boolean | Literal): string {
  return typeof value === 'string' ? quoted(value) : String(value);
}

export function equals(field: string, value: Scalar): string {
  return value === null ? `isnull(${field})` : `${field} == ${literal(value)}`;
}

export function differs(field: string, value: Scalar): string {
  return value === null ? `isnotnull(${field})` : `${field} != ${literal(value)}`;
}

// All of the conditions that say something.
export function joined(conditions: readonly string[]): string {
  return conditions.filter((condition) => condition !== '').join(' and ');
}

// What is between the `and`s of a condition, as text; null where an `or` binds looser than they do.
function terms(text: string, list: readonly Token[]): string[] | null {
  const found: string[] = [];
  let depth = 0;
  let from: number | null = null;
  let to = 0;
  for (const token of list) {
    const word = token.kind === 'word' ? token.text.toLowerCase() : '';
    if (depth === 0 && word === 'or') return null;
    if (depth === 0 && word === 'and') {
      if (from !== null) found.push(text.slice(from, to));
      from = null;
      continue;
    }
    if (/^[([]$/.test(token.text)) depth += 1;
    if (/^[)\]]$/.test(token.text)) depth -= 1;
    from ??= token.from;
    to = token.to;
  }
  if (from !== null) found.push(text.slice(from, to));
  return found;
}

// Whether the query asks for exactly this, beside whatever else.
export function hasCondition(query: string, condition: string): boolean {
  return terms(query, tokens(query))?.includes(condition) ?? false;
}

// The query with one more condition. One that it has already is taken out again; `instead` is what
// it takes the place of.
export function toggled(query: string, condition: string, instead = ''): string {
  if (query.trim() === '') return condition;
  if (isPipeline(query)) return `${condition} | ${query}`;
  const list = tokens(query);
  if (sections(list).length > 1) return `${query} | ${condition}`;
  const found = terms(query, list);
  if (found === null) return `(${query}) and ${condition}`;
  if (found.includes(condition)) return joined(found.filter((term) => term !== condition));
  return joined([...found.filter((term) => term !== instead), condition]);
}
