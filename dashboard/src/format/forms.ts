// A captured form as its fields. Our SDK records a form as a JSON object of its fields; others send
// it as it was.
import type { JsonNode } from '../json/parse';

export interface FormField {
  name: string;
  node: JsonNode;
  // Of a part that is a file: what the sender said of it.
  file?: { name: string; type: string; bytes: number };
}

const fieldsMax = 1_000;

function text(value: string): JsonNode {
  return { kind: 'string', value };
}

function urlEncoded(body: string): FormField[] {
  const found: FormField[] = [];
  for (const [name, value] of new URLSearchParams(body)) {
    if (found.length >= fieldsMax) break;
    found.push({ name, node: text(value) });
  }
  return found;
}

function parameter(header: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i').exec(header);
  if (!match) return null;
  return (match[1] ?? match[2] ?? '').replace(/\\(.)/g, '$1');
}

function multipart(body: string, boundary: string): FormField[] {
  const found: FormField[] = [];
  for (const part of body.split(`--${boundary}`).slice(1)) {
    if (part.startsWith('--') || found.length >= fieldsMax) break;
    const end = /\r?\n\r?\n/.exec(part);
    if (!end) continue;
    const head = part.slice(0, end.index);
    const value = part.slice(end.index + end[0].length).replace(/\r?\n$/, '');
    const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? '';
    const type = /^content-type:\s*(.*)$/im.exec(head)?.[1]?.trim() ?? '';
    const file = parameter(disposition, 'filename');
    const field: FormField = { name: parameter(disposition, 'name') ?? '', node: text(value) };
    if (file !== null) field.file = { name: file, type, bytes: value.length };
    found.push(field);
  }
  return found;
}

// The fields of a form; null for what is none.
export function formFields(body: JsonNode, contentType: string): FormField[] | null {
  const [kind = ''] = contentType.toLowerCase().split(';');
  const encoded = kind.trim() === 'application/x-www-form-urlencoded';
  if (!encoded && kind.trim() !== 'multipart/form-data') return null;
  if (body.kind === 'object') {
    return body.members.slice(0, fieldsMax).map(({ name, value }) => ({ name, node: value }));
  }
  if (body.kind !== 'string') return null;
  const boundary = parameter(`;${contentType.split(';').slice(1).join(';')}`, 'boundary');
  const found = encoded ? urlEncoded(body.value) : boundary ? multipart(body.value, boundary) : [];
  return found.length > 0 ? found : null;
}
