// Where a value stands in a JSON body, and the two ways to write it: a JSONPath (RFC 9535) for
// redaction, and a path of the query language. Captured names are hostile: whatever a reader could
// not see is written as an escape, so that what is shown is what is meant.
import { hiddenCharacters } from '../format/visible_text';
import type { JsonNode } from './parse';

// A member's name, or an element's index.
export type Step = string | number;

// `each`: an index becomes `[*]`, since what holds for one element of a list holds for its others.
export interface PlaceOptions {
  each?: boolean;
}

const plainMember = /^[A-Za-z_][A-Za-z0-9_]*$/;

function escapeCharacter(character: string): string {
  let escaped = '';
  // By UTF-16 units: a character beyond the first plane is written as its two surrogates.
  for (let index = 0; index < character.length; index += 1) {
    escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}

// A JSON text whose every character can be seen.
export function visibleJsonString(text: string): string {
  return JSON.stringify(text).replace(hiddenCharacters, escapeCharacter);
}

function singleQuoted(name: string): string {
  const inner = visibleJsonString(name).slice(1, -1);
  return `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function index(step: number, options: PlaceOptions): string {
  return options.each === true ? '[*]' : `[${step}]`;
}

export function jsonPath(place: readonly Step[], options: PlaceOptions = {}): string {
  let text = '$';
  for (const step of place) {
    if (typeof step === 'number') text += index(step, options);
    else text += plainMember.test(step) ? `.${step}` : `[${singleQuoted(step)}]`;
  }
  return text;
}

// `root` is a field of exchanges, e.g. request_body.
export function queryPath(
  root: string,
  place: readonly Step[],
  options: PlaceOptions = {},
): string {
  let text = root;
  for (const step of place) {
    if (typeof step === 'number') text += index(step, options);
    else text += plainMember.test(step) ? `.${step}` : `[${visibleJsonString(step)}]`;
  }
  return text;
}

// The condition that finds exchanges with the same value there; null for what cannot be compared.
export function queryCondition(path: string, node: JsonNode, operator: '==' | '!='): string | null {
  switch (node.kind) {
    case 'string':
      return `${path} ${operator} ${visibleJsonString(node.value)}`;
    case 'number':
      return `${path} ${operator} ${node.source}`;
    case 'boolean':
      return `${path} ${operator} ${node.value}`;
    case 'null':
      return operator === '==' ? `isnull(${path})` : `isnotnull(${path})`;
    default:
      return null;
  }
}
