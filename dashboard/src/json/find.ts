// Finds a text in a JSON tree: in names and in values as they are shown, without regard to case.
import type { JsonNode } from './parse';

// The way from the root to a value, by position: a name may stand in an object twice.
export type Route = readonly number[];

export const matchesMax = 1_000;

export function findInJson(root: JsonNode, needle: string): Route[] {
  const found: Route[] = [];
  const wanted = needle.toLowerCase();
  if (wanted === '') return found;
  const has = (text: string) => text.toLowerCase().includes(wanted);
  const walk = (node: JsonNode, name: string | null, route: number[]): void => {
    if (found.length >= matchesMax) return;
    if ((name !== null && has(name)) || has(scalarText(node))) found.push(route.slice());
    const children =
      node.kind === 'object'
        ? node.members.map(({ value }) => value)
        : node.kind === 'array'
          ? node.items
          : [];
    children.forEach((child, index) => {
      route.push(index);
      walk(child, node.kind === 'object' ? (node.members[index]?.name ?? null) : null, route);
      route.pop();
    });
  };
  walk(root, null, []);
  return found;
}

export function scalarText(node: JsonNode): string {
  switch (node.kind) {
    case 'string':
      return node.value;
    case 'number':
      return node.source;
    case 'boolean':
      return String(node.value);
    case 'null':
      return 'null';
    default:
      return '';
  }
}

// The offsets of a text in another, without regard to case.
export function findInText(text: string, needle: string): number[] {
  const found: number[] = [];
  const wanted = needle.toLowerCase();
  if (wanted === '') return found;
  const lower = text.toLowerCase();
  // A text that changes its length with its case has no offsets that could be trusted.
  if (lower.length !== text.length) return found;
  for (let at = lower.indexOf(wanted); at !== -1 && found.length < matchesMax;) {
    found.push(at);
    at = lower.indexOf(wanted, at + wanted.length);
  }
  return found;
}
