// The pure functions, in tables.
import { expect, test } from '@playwright/test';
import { formatBytes } from '../src/format/bytes';
import { formatDuration } from '../src/format/duration';
import { redactionNotes } from '../src/format/redaction';
import { formatRelative, nanosecondsBetween } from '../src/format/time';
import { splitText, visibleText } from '../src/format/visible_text';
import { parseJson } from '../src/json/parse';
import { chartOf } from '../src/query/answer_chart';
import { equals } from '../src/query/edit';
import { scalarOf, shownOf } from '../src/query/literal';
import { isPath, splitNames } from '../src/query/paths';
import { leadingCondition, timeStepsOf } from '../src/query/pipeline';
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

test('names of columns are split at the commas that are in no quotation marks', () => {
  const cases: [string, string[]][] = [
    ['', []],
    ['status,method', ['status', 'method']],
    ['path, request_body["a,b"].c,time', ['path', 'request_body["a,b"].c', 'time']],
    ['request_body["a\\",b"]', ['request_body["a\\",b"]']],
    [',,x,', ['x']],
  ];
  for (const [text, names] of cases) expect(splitNames(text)).toEqual(names);
  expect(['status', 'request_body.a', 'tags[0]'].filter(isPath)).toEqual([
    'request_body.a',
    'tags[0]',
  ]);
});

test('a literal of the server is shown, and is what a condition compares with', () => {
  const cases: [text: string, shown: string, condition: string | null][] = [
    ['1234567890123456789', '1234567890123456789', 'f == 1234567890123456789'],
    ['"a\\"b"', 'a"b', 'f == "a\\"b"'],
    ['true', 'true', 'f == true'],
    ['1.5ms', '1.5ms', 'f == 1.5ms'],
    ['[1,2]', '[1,2]', null],
    ['{"a":1}', '{"a":1}', null],
    ['"cut off…', 'cut off…', null],
  ];
  for (const [text, shown, condition] of cases) {
    expect(shownOf(text)).toBe(shown);
    const scalar = scalarOf(text);
    expect(scalar === undefined ? null : equals('f', scalar)).toBe(condition);
  }
  expect(equals('f', scalarOf(null) ?? null)).toBe('isnull(f)');
});

test('a pipeline by steps of time is known by its text', () => {
  const cases: [string, ReturnType<typeof timeStepsOf>][] = [
    ['summarize count() by bin(timestamp, 1h)', { groups: 1, additive: true }],
    [
      'a == 1 | summarize n = count(), sum(x) by t = bin_auto(timestamp), method | sort by n | take 9',
      { groups: 2, additive: true },
    ],
    ['summarize p99(duration) by bin_auto(timestamp)', { groups: 1, additive: false }],
    ['summarize count() / 2 by bin_auto(timestamp)', { groups: 1, additive: false }],
    ['summarize count() by method, bin_auto(timestamp)', null],
    ['summarize count() by bin(duration, 1ms)', null],
    ['summarize count() by method', null],
    ['summarize n = count() by bin_auto(timestamp) | project n', null],
    ['project timestamp, duration', null],
  ];
  for (const [text, steps] of cases) expect(timeStepsOf(text), text).toEqual(steps);
});

test('the conditions that a pipeline begins with', () => {
  const cases: [string, string][] = [
    ['summarize count()', ''],
    ['where a == 1 | summarize count()', 'where a == 1'],
    ['| a == "|" | where not b | take 1 | where c', 'a == "|" | where not b'],
    ['"free text" | distinct a', '"free text"'],
  ];
  for (const [text, condition] of cases) expect(leadingCondition(text)).toBe(condition);
});

test('an answer becomes series: gaps are nothing, or nought where counts add up', () => {
  const columns = [
    { name: 't', type: 'time' },
    { name: 'g', type: 'text' },
    { name: 'n', type: 'integer' },
  ];
  const at = (minute: number) => new Date(minute * 60_000).toISOString();
  const rows = [
    [at(0), 'a', 1],
    [at(1), 'b', 5],
    [at(3), 'a', 2],
    [at(3), null, 1],
  ];
  const answer = { columns, rows } as unknown as Parameters<typeof chartOf>[0];
  const counts = chartOf(answer, { groups: 2, additive: true });
  expect(counts).toMatchObject({ from: 0, to: 240, step: 60, type: 'number', leftOut: 0 });
  expect(counts?.series).toEqual([
    { name: 'b', values: [0, 5, 0, 0] },
    { name: 'a', values: [1, 0, 0, 2] },
    { name: 'none', values: [0, 0, 0, 1] },
  ]);
  const lines = chartOf(answer, { groups: 2, additive: false });
  expect(lines?.series[1]?.values).toEqual([1, null, null, 2]);
  expect(chartOf({ ...answer, rows: [] }, { groups: 2, additive: true })).toBeNull();
});
