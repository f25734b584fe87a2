// The pure functions, in tables.
import { expect, test } from '@playwright/test';
import { formatBytes } from '../src/format/bytes';
import { formatDuration } from '../src/format/duration';
import { redactionNotes } from '../src/format/redaction';
import { formatRelative, nanosecondsBetween } from '../src/format/time';
import { splitText, visibleText } from '../src/format/visible_text';
import { parseJson } from '../src/json/parse';
import { writeJson, writeJsonCompact } from '../src/json/write';

test('durations have three digits and the unit that fits', () => {
  const cases: [number, string][] = [
    [0, '0 ns'],
    [999, '999 ns'],
    [1_000, '1.00 µs'],
    [999_499, '999 µs'],
    [999_500, '1.00 ms'],
    [12_400_000, '12.4 ms'],
    [999_600_000, '1.00 s'],
    [59_949_000_000, '59.9 s'],
    [61_000_000_000, '1 min 1 s'],
    [7_320_000_000_000, '2 h 2 min'],
  ];
  for (const [nanoseconds, text] of cases) expect(formatDuration(nanoseconds)).toBe(text);
});

test('sizes are in powers of a thousand', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [412_000, '412 kB'],
    [3_400_000, '3.4 MB'],
    [2_500_000_000, '2.5 GB'],
  ];
  for (const [bytes, text] of cases) expect(formatBytes(bytes)).toBe(text);
});

test('times are told by how long ago they were', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const cases: [string, string][] = [
    ['2026-03-01T12:00:00.400Z', 'now'],
    ['2026-03-01T11:59:30Z', '30 s ago'],
    ['2026-03-01T11:58:01+00:00', '1 min ago'],
    ['2026-03-01T12:30:00+02:30', '2 h ago'],
    ['2026-02-26T12:00:00Z', '3 d ago'],
    ['2026-03-01T12:01:00Z', 'in the future'],
    ['yesterday', 'unknown'],
  ];
  for (const [timestamp, text] of cases) expect(formatRelative(timestamp, now)).toBe(text);
});

test('times are subtracted to the nanosecond, across offsets', () => {
  const cases: [string, string, number][] = [
    ['2026-03-01T12:00:00.000000001Z', '2026-03-01T12:00:00.000000003Z', 2],
    ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.5Z', 500_000_000],
    ['2026-03-01T12:00:00.9Z', '2026-03-01T14:00:01.1+02:00', 200_000_000],
    ['2026-03-01T12:00:01Z', '2026-03-01T12:00:00.999Z', -1_000_000],
  ];
  for (const [a, b, difference] of cases) expect(nanosecondsBetween(a, b)).toBe(difference);
});

test('hidden characters and masks are split off, what people write is not', () => {
  expect(splitText('a\u202eb[CLIENT_REDACTED]c').map((piece) => piece.kind)).toEqual([
    'plain',
    'hidden',
    'plain',
    'masked',
    'plain',
  ]);
  expect(splitText('\ud800x')[0]?.kind).toBe('hidden');
  for (const text of ['Zoë 生日快乐 🎉', 'שלום', '👩‍👩‍👧', 'tab\tline\n', '']) {
    expect(splitText(text).every((piece) => piece.kind === 'plain')).toBe(true);
  }
  expect(visibleText('a\u0000\u202eb')).toBe('a⟨NUL⟩⟨RLO⟩b');
});

test('JSON is written back as it was read', () => {
  const cases = [
    '{"b":1.500,"a":-0,"a":1e400,"2":[],"1":{}}',
    '["\\u0000\\"\\\\",true,false,null,123456789012345678901234567890]',
    '"text"',
    '""',
  ];
  for (const text of cases) expect(writeJsonCompact(parseJson(text))).toBe(text);
  expect(writeJson(parseJson('{"a":[1,{}]}'))).toBe('{\n  "a": [\n    1,\n    {}\n  ]\n}');
});

test('what is not JSON is refused', () => {
  const cases = [
    '',
    '{',
    '[1,]',
    '{"a"}',
    '{"a":1,}',
    '01',
    '+1',
    'nul',
    '"a',
    '"\\x"',
    '1 2',
    "'a'",
  ];
  for (const text of cases) expect(() => parseJson(text), text).toThrow(SyntaxError);
  expect(() => parseJson('['.repeat(100_000))).toThrow(/levels/);
});

test('every reason of a masked body is a sentence, an unknown one too', () => {
  const reasons = [
    'request_body:invalid_json',
    'response_body:new_reason',
    'request_body:too_deep',
  ];
  expect(redactionNotes(reasons, 'request')).toHaveLength(2);
  expect(redactionNotes(reasons, 'request')[1]).toContain('nested too deeply');
  expect(redactionNotes(reasons, 'response')[0]).toContain('“new_reason”');
});
