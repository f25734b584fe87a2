// The list's filters. They live in the address, so a filtered list can be sent to somebody.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ExchangeFilter } from '../api/exchanges';
import { setQuery } from '../router';
import { emptyFilter } from '../state/request_list';
import { Icon } from './icons';
import { useKeys } from './shortcuts';

type Choice = readonly [value: string, label: string];

const statuses: Choice[] = [
  ['', 'Any'],
  ['2xx', '2xx'],
  ['3xx', '3xx'],
  ['4xx', '4xx'],
  ['5xx', '5xx'],
];
const kinds: Choice[] = [
  ['', 'All'],
  ['incoming', 'Incoming'],
  ['outgoing', 'Outgoing'],
];
const methods: Choice[] = [
  ['', 'Any method'],
  ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].map((name): Choice => [
    name,
    name,
  ]),
];
const ranges: Choice[] = [
  ['', 'Any time'],
  ['-15m', 'Last 15 minutes'],
  ['-1h', 'Last hour'],
  ['-6h', 'Last 6 hours'],
  ['-1d', 'Last day'],
  ['-7d', 'Last 7 days'],
];
const typingMilliseconds = 350;

interface ChoiceProps {
  name: keyof ExchangeFilter;
  label: string;
  value: string;
  choices: Choice[];
}

// A value that came with the address and is no choice of ours is shown as one.
function withValue(choices: Choice[], value: string): Choice[] {
  return choices.some(([known]) => known === value) ? choices : [...choices, [value, value]];
}

function Segments({ name, label, value, choices }: ChoiceProps) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{label}</legend>
      {withValue(choices, value).map(([choice, text]) => (
        <label key={choice} class={`segment segment-${name}-${choice || 'any'}`}>
          <input
            type="radio"
            name={name}
            value={choice}
            checked={choice === value}
            onChange={() => setQuery({ [name]: choice })}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

function Menu({ name, label, value, choices }: ChoiceProps) {
  return (
    <select
      class={value === '' ? 'menu' : 'menu menu-set'}
      aria-label={label}
      value={value}
      onChange={(event) => setQuery({ [name]: event.currentTarget.value })}
    >
      {withValue(choices, value).map(([choice, text]) => (
        <option key={choice} value={choice} selected={choice === value}>
          {text}
        </option>
      ))}
    </select>
  );
}

function PathField({ value }: { value: string }) {
  const [text, setText] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef(0);
  useEffect(() => {
    if (document.activeElement !== field.current) setText(value);
  }, [value]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useKeys({
    '/': () => {
      field.current?.focus();
      field.current?.select();
    },
  });
  const apply = (next: string) => setQuery({ url_path: next.trim() }, { replace: true });
  const type = (next: string) => {
    setText(next);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => apply(next), typingMilliseconds);
  };
  return (
    <div class="path-field">
      <Icon name="search" />
      <input
        ref={field}
        type="text"
        inputMode="url"
        aria-label="Path, exactly"
        placeholder="Path, exactly: /users/<int:id>"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={text}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          window.clearTimeout(timer.current);
          apply(text);
        }}
      />
      {text === '' ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <button
          type="button"
          class="field-clear"
          aria-label="Clear the path"
          onClick={() => {
            window.clearTimeout(timer.current);
            setText('');
            apply('');
          }}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

export function clearFilters(): void {
  setQuery({ ...emptyFilter });
}

export function Filters({ filter }: { filter: ExchangeFilter }) {
  return (
    <div class="filters" role="search" aria-label="Filter the requests">
      <PathField value={filter.url_path} />
      <Segments name="status" label="Status" value={filter.status} choices={statuses} />
      <Segments name="kind" label="Direction" value={filter.kind} choices={kinds} />
      <Menu name="method" label="Method" value={filter.method} choices={methods} />
      <Menu name="since" label="Time" value={filter.since} choices={ranges} />
      {filter.until === '' ? null : (
        <button type="button" class="button" onClick={() => setQuery({ until: '' })}>
          until {filter.until} <Icon name="close" label="Remove" />
        </button>
      )}
    </div>
  );
}
