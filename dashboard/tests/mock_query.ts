// The part of the query language that the dashboard's tests need, for the mock: conditions, and
// `summarize … count() by …` with `sort by n desc` and `take`.
import type { Exchange } from './seed';

export class QueryError extends Error {
  constructor(
    message: string,
    readonly position: number,
    readonly width: number,
    readonly suggestion = '',
  ) {
    super(message);
  }
}

type Value = string | number | boolean | null;
type Reader = (row: Exchange) => Value;

export const fieldNames = [
  'status_code',
  'method',
  'host',
  'url_path',
  'raw_url',
  'duration',
  'timestamp',
  'request_type',
  'service',
  'service_version',
  'consumer',
  'client_ip',
  'aborted',
] as const;

function read(name: string): Reader {
  const member = name === 'service' ? 'service_name' : name;
  return (row) => {
    const value = row[member as keyof Exchange] as Value;
    return value === '' || (name === 'status_code' && value === 0) ? null : value;
  };
}

// Members of bodies, `request_body.customer.id`: objects only, no lists.
function readBody(path: string): Reader | undefined {
  const [body, ...members] = path.split('.');
  if ((body !== 'request_body' && body !== 'response_body') || members.length === 0) {
    return undefined;
  }
  return (row) => {
    let value: unknown = row[body];
    for (const member of members) value = (value as Record<string, unknown> | null)?.[member];
    return typeof value === 'object' ? null : ((value as Value | undefined) ?? null);
  };
}

// What a path leads to, as text: `request_body.items[*].sku`, `request_headers["X-Shop"]`; null
// where there is nothing.
export function valueByPath(row: Exchange, path: string): string | null {
  const steps = /\.?([A-Za-z_]\w*)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]/g;
  let value: unknown = row;
  let each = false;
  for (const [, name, quoted, index] of path.matchAll(steps)) {
    const step = name ?? (quoted === undefined ? index : (JSON.parse(`"${quoted}"`) as string));
    const into = (one: unknown) => (one as Record<string, unknown> | null)?.[step ?? ''];
    if (index === '*') each = true;
    else if (each && Array.isArray(value)) value = value.map(into);
    else value = into(value);
  }
  return value === undefined || value === null ? null : JSON.stringify(value);
}

interface Token {
  text: string;
  at: number;
}

const pattern =
  /"(?:[^"\\]|\\.)*"|[A-Za-z_][\w.]*|\d+(?:\.\d+)?[a-z]*|==|!=|<=|>=|[<>()[\],|%\-=]|\S/g;

function split(text: string): Token[] {
  const code = text.replace(/\/\/.*$/, '');
  return [...code.matchAll(pattern)].map((match) => ({ text: match[0], at: match.index }));
}

function nearest(name: string): string {
  const letters = (text: string) => [...text].sort().join('');
  const near = (known: string) =>
    Math.abs(known.length - name.length) <= 1 &&
    [...letters(known)].filter((letter) => !name.includes(letter)).length <= 1;
  return fieldNames.find(near) ?? '';
}

const units: Record<string, number> = { '': 1, ms: 1e6, s: 1e9, us: 1e3 };

class Parser {
  private at = 0;
  private readonly tokens: Token[];

  constructor(private readonly text: string) {
    this.tokens = split(text);
  }

  condition(): (row: Exchange) => boolean {
    const found = this.or();
    const left = this.tokens[this.at];
    if (left) throw new QueryError(`'${left.text}' was not expected`, left.at, left.text.length);
    return found;
  }

  private or(): (row: Exchange) => boolean {
    let left = this.and();
    while (this.take('or')) {
      const [a, b] = [left, this.and()];
      left = (row) => a(row) || b(row);
    }
    return left;
  }

  private and(): (row: Exchange) => boolean {
    let left = this.one();
    while (this.take('and')) {
      const [a, b] = [left, this.one()];
      left = (row) => a(row) && b(row);
    }
    return left;
  }

  private one(): (row: Exchange) => boolean {
    if (this.take('not')) {
      const inner = this.one();
      return (row) => !inner(row);
    }
    if (this.take('(')) {
      const inner = this.or();
      this.take(')');
      return inner;
    }
    const nullness = ['isnull', 'isnotnull'].find((name) => this.take(name));
    if (nullness) {
      this.take('(');
      const field = this.field();
      this.take(')');
      return (row) => (field(row) === null) === (nullness === 'isnull');
    }
    const field = this.field();
    const operator = this.next('an operator');
    if (operator.text === 'in') {
      this.take('[');
      const values = [this.literal()];
      while (this.take(',')) values.push(this.literal());
      this.take(']');
      return (row) => values.includes(field(row));
    }
    const value = this.literal();
    return (row) => compare(field(row), operator.text, value);
  }

  private field(): Reader {
    const token = this.next('a field');
    const ofBody = readBody(token.text);
    if (ofBody) return ofBody;
    if (!(fieldNames as readonly string[]).includes(token.text)) {
      const suggestion = nearest(token.text);
      const more = suggestion === '' ? '' : `; did you mean '${suggestion}'?`;
      const place = `line 1, column ${token.at + 1}: `;
      throw new QueryError(
        `${place}there is no field '${token.text}'${more}`,
        new TextEncoder().encode(this.text.slice(0, token.at)).length,
        token.text.length,
        suggestion,
      );
    }
    return read(token.text);
  }

  private literal(): Value {
    const { text } = this.next('a value');
    if (text.startsWith('"')) return JSON.parse(text) as string;
    if (text === 'true' || text === 'false') return text === 'true';
    const [, number = '', unit = ''] = /^([\d.]+)([a-z]*)$/.exec(text) ?? [];
    return Number(number) * (units[unit] ?? 1);
  }

  private take(text: string): boolean {
    if (this.tokens[this.at]?.text !== text) return false;
    this.at += 1;
    return true;
  }

  private next(what: string): Token {
    const token = this.tokens[this.at];
    if (!token) throw new QueryError(`expected ${what}`, this.text.length, 0);
    this.at += 1;
    return token;
  }
}

function compare(left: Value, operator: string, right: Value): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (left === null || right === null) return false;
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case 'contains':
      return String(left).includes(String(right));
    case 'startswith':
      return String(left).startsWith(String(right));
    default:
      return false;
  }
}

export function conditionOf(text: string): (row: Exchange) => boolean {
  return text.trim() === '' ? () => true : new Parser(text).condition();
}

const binMilliseconds = 30_000;

function groupReader(expression: string): Reader {
  if (expression === 'bin_auto(timestamp)') {
    return (row) => {
      const bin = Math.floor(Date.parse(row.timestamp) / binMilliseconds) * binMilliseconds;
      return new Date(bin).toISOString();
    };
  }
  if (expression === 'status_code - status_code % 100') {
    return (row) => (row.status_code === 0 ? null : row.status_code - (row.status_code % 100));
  }
  return read(expression);
}

interface Answer {
  columns: { name: string; type: string }[];
  rows: Value[][];
}

// `rows` are those of the time that was asked for.
export function answerOf(text: string, rows: readonly Exchange[]): Answer {
  const parts = text.split('|').map((part) => part.trim());
  let left = rows;
  let answer: Answer | null = null;
  for (const part of parts) {
    const summarize = /^summarize (?:(\w+) = )?count\(\)(?: by (.*))?$/.exec(part);
    const take = /^take (\d+)$/.exec(part);
    if (summarize) {
      const keys = (summarize[2] ?? '').split(', ').filter((key) => key !== '');
      const readers = keys.map((key) => groupReader(key.replace(/^\w+ = /, '')));
      const groups = new Map<string, Value[]>();
      for (const row of left) {
        const values = readers.map((reader) => reader(row));
        const name = JSON.stringify(values);
        const group = groups.get(name) ?? [...values, 0];
        group[values.length] = Number(group[values.length]) + 1;
        groups.set(name, group);
      }
      answer = {
        columns: [
          ...keys.map((key) => ({
            name: key.split(' = ')[0]!,
            type: key.includes('bin_auto(') ? 'time' : 'text',
          })),
          { name: summarize[1] ?? 'count', type: 'integer' },
        ],
        rows: [...groups.entries()].sort().map(([, group]) => group),
      };
    } else if (/^sort by \w+ desc$/.test(part)) {
      answer?.rows.sort((a, b) => Number(b[b.length - 1]) - Number(a[a.length - 1]));
    } else if (take && answer) {
      answer.rows = answer.rows.slice(0, Number(take[1]));
    } else {
      left = left.filter(conditionOf(part));
    }
  }
  return (
    answer ?? { columns: [{ name: 'msg_id', type: 'text' }], rows: left.map(({ id }) => [id]) }
  );
}
