// A value as the server writes it: a literal of the query language, which keeps the numbers that
// JavaScript's cannot; a list or an object as JSON; cut, with an ellipsis at its end, where it is
// long.
import { Literal, type Scalar } from './edit';

function unquoted(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

// What a condition can compare with; undefined of what is no scalar, or not whole.
export function scalarOf(text: string | null): Scalar | undefined {
  if (text === null) return null;
  if (text.startsWith('"')) return unquoted(text);
  return /^[[{]|…$/.test(text) ? undefined : new Literal(text);
}

// What is shown of it.
export function shownOf(text: string): string {
  return text.startsWith('"') ? (unquoted(text) ?? text.slice(1)) : text;
}
