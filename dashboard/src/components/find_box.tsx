// Searches the bodies of a request: how many matches, which one is looked at, to the next and back.
import { useRef } from 'preact/hooks';
import type { BodySearch } from '../state/body_search';
import { Icon } from './icons';
import { useKeys } from './shortcuts';

export function FindBox({ search }: { search: BodySearch }) {
  const field = useRef<HTMLInputElement>(null);
  useKeys({
    '/': () => {
      field.current?.focus();
      field.current?.select();
    },
    n: () => search.step(1),
    N: () => search.step(-1),
  });
  const { text, count, at } = search;
  const state =
    text.trim() === ''
      ? ''
      : count === 0
        ? 'none'
        : `${at + 1} of ${count.toLocaleString('en')}${search.more ? '+' : ''}`;
  return (
    <div class="find" role="search" aria-label="Find in the bodies">
      <Icon name="search" />
      <input
        ref={field}
        type="text"
        aria-label="Find in the bodies"
        placeholder="Find in the bodies"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => search.search(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            search.step(event.shiftKey ? -1 : 1);
            event.preventDefault();
          } else if (event.key === 'Escape' && text !== '') {
            search.search('');
          }
        }}
      />
      <span class="find-count number" role="status">
        {state}
      </span>
      {text === '' ? <kbd aria-hidden="true">/</kbd> : null}
      <button
        type="button"
        class="button button-quiet button-icon"
        aria-label="Previous match"
        title="Previous match (N)"
        disabled={count === 0}
        onClick={() => search.step(-1)}
      >
        <Icon name="back" />
      </button>
      <button
        type="button"
        class="button button-quiet button-icon"
        aria-label="Next match"
        title="Next match (n)"
        disabled={count === 0}
        onClick={() => search.step(1)}
      >
        <Icon name="next" />
      </button>
    </div>
  );
}
