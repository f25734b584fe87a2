// Paths of the query language as columns: `request_body.user.id`, `request_headers["x-shop"]`.

// As many as the server reads out of a row.
export const pathsMax = 16;

// Whether a column's name is a path; the others are words.
export function isPath(name: string): boolean {
  return /[.[]/.test(name);
}

// The names of a list, at commas but for those within the quotation marks of a path.
export function splitNames(text: string): string[] {
  const names = text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

export function pathsOf(names: readonly string[]): string[] {
  return names.filter(isPath).slice(0, pathsMax);
}
