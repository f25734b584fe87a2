// What may come next in a query: decided by the tokens before the caret. The words themselves are
// the server's.
import { sections, tokens, type Token } from './tokens';

export interface Vocabulary {
  fields: readonly {
    name: string;
    type: string;
    operators: readonly string[];
    description: string;
  }[];
  functions: readonly { name: string; kind: string; usage: string }[];
  sections: readonly string[];
}

export interface Suggestion {
  label: string;
  // What is put in the place of what was typed.
  insert: string;
  // Said beside it, quietly.
  note: string;
  kind: 'field' | 'function' | 'operator' | 'value' | 'word';
}

// Where something can be completed: the text from `from` to `to` is what was typed of it.
export interface Place {
  from: number;
  to: number;
  typed: string;
  // The field whose values fit; null where no value is expected.
  valuesOf: string | null;
  suggestions: Suggestion[];
}

const operatorNotes: Record<string, string> = {
  '==': 'is',
  '!=': 'is not',
  '>': 'more than',
  '>=': 'at least',
  '<': 'less than',
  '<=': 'at most',
  contains: 'a part of it',
  startswith: 'begins with',
  endswith: 'ends with',
  has: 'a whole word',
  in: 'one of a list',
  matches: 'a regular expression',
};

type Expectation = 'start' | 'operand' | 'operator' | 'value' | 'after' | 'nothing';

interface Expected {
  what: Expectation;
  field: string | null;
}

const comparing = /^(==|!=|<|<=|>|>=|!?(has|contains|startswith|endswith|in|has_any|has_all))$/i;

function expectedAfter(section: readonly Token[]): Expected {
  const last = section[section.length - 1];
  if (last === undefined) return { what: 'start', field: null };
  const word = last.text.toLowerCase();
  switch (last.kind) {
    case 'field':
      return { what: 'operator', field: last.text };
    case 'operator': {
      const before = section[section.length - 2];
      const compared = comparing.test(last.text) && before?.kind === 'field';
      if (compared) return { what: 'value', field: before.text };
      return { what: /^(=~|matches)$/i.test(last.text) ? 'nothing' : 'operand', field: null };
    }
    case 'string':
    case 'number':
    case 'regex':
      return { what: 'after', field: null };
    case 'word':
      if (/^(true|false|null|asc|desc)$/.test(word)) return { what: 'after', field: null };
      if (word === 'take') return { what: 'nothing', field: null };
      return { what: 'operand', field: null };
    case 'punctuation':
      if (last.text === ')' || last.text === ']') return { what: 'after', field: null };
      if (last.text === '[' || last.text === ',' || last.text === '(') {
        const field = listedField(section);
        if (field !== null) return { what: 'value', field };
      }
      return { what: 'operand', field: null };
    default:
      return { what: 'operand', field: null };
  }
}

// The field before the `in` of the list that is being written.
function listedField(section: readonly Token[]): string | null {
  let open = section.length - 1;
  while (open >= 0 && !/^[[(]$/.test(section[open]?.text ?? '')) {
    if (/^[\])]$/.test(section[open]?.text ?? '')) return null;
    open -= 1;
  }
  const operator = section[open - 1];
  const field = section[open - 2];
  const listing = /^!?(in|has_any|has_all)$/i.test(operator?.text ?? '');
  return listing && field?.kind === 'field' ? field.text : null;
}

function matches(name: string, typed: string): boolean {
  return name.toLowerCase().includes(typed.toLowerCase());
}

// Those that begin with what was typed come first.
function ranked(list: Suggestion[], typed: string): Suggestion[] {
  const wanted = typed.toLowerCase();
  const begins = (one: Suggestion) => (one.label.toLowerCase().startsWith(wanted) ? 0 : 1);
  return list
    .filter((one) => matches(one.label, typed) && one.label !== typed)
    .map((one, index) => ({ one, index }))
    .sort((a, b) => begins(a.one) - begins(b.one) || a.index - b.index)
    .map(({ one }) => one);
}

function word(label: string, note = ''): Suggestion {
  return { label, insert: `${label} `, note, kind: 'word' };
}

function fieldSuggestions(vocabulary: Vocabulary): Suggestion[] {
  return vocabulary.fields.map(({ name, type, description }) => ({
    label: name,
    insert: `${name} `,
    note: description === '' ? type : description,
    kind: 'field',
  }));
}

function functionSuggestions(vocabulary: Vocabulary, aggregates: boolean): Suggestion[] {
  return vocabulary.functions
    .filter(({ kind }) => (kind === 'aggregate') === aggregates)
    .map(({ name, usage }) => ({
      label: `${name}()`,
      insert: `${name}(`,
      note: usage,
      kind: 'function',
    }));
}

// Of a path that was never seen, those that every value has.
function operatorsOf(field: string | null, vocabulary: Vocabulary): readonly string[] {
  const known = vocabulary.fields.find(({ name }) => name === field);
  return known?.operators ?? Object.keys(operatorNotes);
}

function suggestionsFor(
  { what, field }: Expected,
  section: readonly Token[],
  first: boolean,
  vocabulary: Vocabulary,
): Suggestion[] {
  const head = section[0]?.text.toLowerCase() ?? '';
  const summarizing = head === 'summarize';
  const grouped = section.some((token) => token.text.toLowerCase() === 'by');
  switch (what) {
    case 'start': {
      const begin = vocabulary.sections.map((name) => word(name));
      const fields = fieldSuggestions(vocabulary);
      return first ? [...fields, ...begin] : [...begin, ...fields];
    }
    case 'operand':
      if (summarizing && !grouped) {
        return [...functionSuggestions(vocabulary, true), ...fieldSuggestions(vocabulary)];
      }
      return [...fieldSuggestions(vocabulary), ...functionSuggestions(vocabulary, false)];
    case 'operator':
      if (head === 'sort') return [word('desc'), word('asc')];
      if (/^(summarize|project|distinct)$/.test(head)) {
        return summarizing && !grouped ? [word('by')] : [word('|', 'the next section')];
      }
      return operatorsOf(field, vocabulary).map((label) => ({
        label,
        insert: `${label} `,
        note: operatorNotes[label] ?? '',
        kind: 'operator',
      }));
    case 'after': {
      const more = [word('and'), word('or'), word('|', 'the next section')];
      if (summarizing && !grouped) return [word('by'), word('|', 'the next section')];
      return head === 'sort' || summarizing ? [word('|', 'the next section')] : more;
    }
    default:
      return [];
  }
}

export function placeAt(text: string, caret: number, vocabulary: Vocabulary): Place | null {
  const before = tokens(text.slice(0, caret));
  const last = before[before.length - 1];
  const touching = last !== undefined && last.to === caret;
  const ended = last?.kind === 'string' && /^(["']).*\1$/s.test(last.text) && last.text.length > 1;
  // What is being written: a name, a word, a number or a string without an end.
  const partial =
    touching &&
    /^(field|word|operator|string|number|function)$/.test(last.kind) &&
    !ended &&
    !(last.kind === 'operator' && !/^!?[a-z_]+$/i.test(last.text))
      ? last
      : null;
  if (last?.kind === 'comment' && touching) return null;
  const all = sections(partial ? before.slice(0, -1) : before);
  const section = all[all.length - 1] ?? [];
  const expected = expectedAfter(section);
  const typed = partial?.text ?? '';
  const from = partial?.from ?? caret;
  if (partial?.kind === 'string' && expected.what !== 'value') return null;
  const suggestions = ranked(
    suggestionsFor(expected, section, all.length === 1, vocabulary),
    typed,
  );
  return {
    from,
    to: caret,
    typed,
    valuesOf: expected.what === 'value' ? expected.field : null,
    suggestions,
  };
}
