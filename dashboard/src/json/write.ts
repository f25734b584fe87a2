// Writes a tree back as text: numbers, order and repeated names as they came.
import type { JsonNode } from './parse';

export function writeJson(node: JsonNode, indent = 2): string {
  const parts: string[] = [];
  write(node, parts, '\n', ' '.repeat(indent));
  return parts.join('');
}

// On one line, as a command's argument wants it.
export function writeJsonCompact(node: JsonNode): string {
  const parts: string[] = [];
  write(node, parts, '', '');
  return parts.join('');
}

function write(node: JsonNode, parts: string[], newline: string, step: string): void {
  switch (node.kind) {
    case 'object':
      if (node.members.length === 0) {
        parts.push('{}');
        return;
      }
      node.members.forEach((entry, index) => {
        parts.push(index === 0 ? '{' : ',', newline + step);
        parts.push(JSON.stringify(entry.name), step === '' ? ':' : ': ');
        write(entry.value, parts, newline + step, step);
      });
      parts.push(newline, '}');
      return;
    case 'array':
      if (node.items.length === 0) {
        parts.push('[]');
        return;
      }
      node.items.forEach((item, index) => {
        parts.push(index === 0 ? '[' : ',', newline + step);
        write(item, parts, newline + step, step);
      });
      parts.push(newline, ']');
      return;
    case 'string':
      parts.push(JSON.stringify(node.value));
      return;
    case 'number':
      parts.push(node.source);
      return;
    case 'boolean':
      parts.push(String(node.value));
      return;
    case 'null':
      parts.push('null');
      return;
  }
}
