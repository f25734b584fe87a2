// Queries as text that is written by pressing things: values quoted, conditions joined.

// A text of the query language. Its escapes are JSON's.
export function quoted(text: string): string {
  return JSON.stringify(text);
}

export type Scalar = string | number | boolean | null;

function literal(value: string | number | boolean): string {
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
