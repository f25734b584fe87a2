// Bytes as a hex dump, a line of 16 at a time:
//   00000000  48 65 6c 6c 6f 20 77 6f  72 6c 64 0a              Hello world.
export const bytesPerLine = 16;

export function hexLines(bytes: Uint8Array, from: number, count: number): string[] {
  const lines: string[] = [];
  for (let line = from; line < from + count && line * bytesPerLine < bytes.length; line += 1) {
    const start = line * bytesPerLine;
    const part = bytes.slice(start, start + bytesPerLine);
    const hex = Array.from(part, (byte) => byte.toString(16).padStart(2, '0'));
    const left = hex.slice(0, 8).join(' ').padEnd(23);
    const right = hex.slice(8).join(' ').padEnd(23);
    const text = Array.from(part, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
    ).join('');
    lines.push(`${start.toString(16).padStart(8, '0')}  ${left}  ${right}  ${text}`);
  }
  return lines;
}

// Whether a text is rather bytes: it holds what no text holds, or what was no UTF-8 when it came.
export function looksBinary(text: string): boolean {
  const start = text.slice(0, 4_096);
  // eslint-disable-next-line no-control-regex
  const odd = start.match(/[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\ufffd]/g) ?? [];
  return start.includes('\u0000') || odd.length > start.length * 0.1;
}
