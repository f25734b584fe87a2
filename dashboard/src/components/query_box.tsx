// Where a query is written: a plain field over its own text in colours. Enter runs it, Tab takes
// the first suggestion, arrows choose among them; what the server finds wrong is underlined.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { checkQuery, type QueryProblem } from '../api/query';
import { visibleText } from '../format/visible_text';
import type { Suggestion } from '../query/complete';
import { useCompletion, useVocabulary } from '../state/completion';
import { Icon } from './icons';
import { QueryMenu } from './query_menu';
import { QueryPaint, placeOfOffset } from './query_paint';
import { useKeys } from './shortcuts';

interface QueryBoxProps {
  // What was run last.
  text: string;
  // What the server said of it.
  problem: QueryProblem | null;
  onRun: (text: string) => void;
}

const checkMilliseconds = 350;

// What is wrong with a text that is being written, some time after it was; not while there is
// something to choose, for then it is half a text.
function useCheck(
  draft: string,
  ran: string,
  ranProblem: QueryProblem | null,
  choosing: boolean,
): QueryProblem | null {
  const [found, setFound] = useState<{ text: string; problem: QueryProblem | null } | null>(null);
  useEffect(() => {
    if (choosing || draft === ran || draft.trim() === '') return undefined;
    const controller = new AbortController();
    const timer = window.setTimeout(() => {
      checkQuery(draft, controller.signal).then(
        (problem) => controller.signal.aborted || setFound({ text: draft, problem }),
        () => undefined,
      );
    }, checkMilliseconds);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [draft, ran, choosing]);
  if (draft === ran) return ranProblem;
  return found?.text === draft ? found.problem : null;
}

export function QueryBox({ text, problem: ranProblem, onRun }: QueryBoxProps) {
  const [draft, setDraft] = useState(text);
  // Where suggestions are asked for; null while they are not.
  const [caret, setCaret] = useState<number | null>(null);
  const [chosen, setChosen] = useState(-1);
  const [focused, setFocused] = useState(false);
  const [writtenOnce, setWrittenOnce] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const paint = useRef<HTMLPreElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const wantedCaret = useRef<number | null>(null);

  // Before the next key can come, whose text this would take away.
  useLayoutEffect(() => setDraft(text), [text]);
  useKeys({
    '/': () => {
      field.current?.focus();
      field.current?.setSelectionRange(draft.length, draft.length);
    },
  });
  const vocabulary = useVocabulary(writtenOnce);
  const completion = useCompletion(draft, focused ? caret : null, vocabulary);
  const problem = useCheck(draft, text, ranProblem, completion !== null);

  const close = () => {
    setCaret(null);
    setChosen(-1);
  };
  const write = (next: string, at: number) => {
    setDraft(next);
    setCaret(at);
    setChosen(-1);
    wantedCaret.current = at;
    field.current?.focus();
  };
  const take = (suggestion: Suggestion) => {
    if (!completion) return;
    const { from, to } = completion.place;
    const rest = draft.slice(to);
    const insert = rest.startsWith(' ') ? suggestion.insert.trimEnd() : suggestion.insert;
    write(draft.slice(0, from) + insert + rest, from + insert.length);
  };
  const run = (next = draft) => {
    close();
    setDraft(next.trim());
    onRun(next);
  };
  const mend = () => {
    if (!problem || problem.suggestion === null) return;
    const { from, to, suggestion } = problem;
    write(draft.slice(0, from) + suggestion + draft.slice(to), from + suggestion.length);
    close();
  };

  useLayoutEffect(() => {
    if (wantedCaret.current === null) return;
    field.current?.setSelectionRange(wantedCaret.current, wantedCaret.current);
    wantedCaret.current = null;
  });
  // The suggestions stand below what they would take the place of.
  useLayoutEffect(() => {
    if (!list.current || !paint.current || !completion) return;
    const box = paint.current.getBoundingClientRect();
    const at = placeOfOffset(paint.current, completion.place.from);
    const room = paint.current.clientWidth - list.current.offsetWidth;
    list.current.style.left = `${Math.max(0, Math.min(at.left - box.left, room))}px`;
    list.current.style.top = `${at.bottom - box.top + 4}px`;
  });
  useLayoutEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  const onKeyDown = (event: KeyboardEvent) => {
    const options = completion?.list ?? [];
    const option = options[chosen];
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (options.length === 0) return;
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setChosen((chosen + by + options.length + (chosen < 0 && by < 0 ? 1 : 0)) % options.length);
    } else if (event.key === 'Tab' && !event.shiftKey && options.length > 0) {
      take(option ?? options[0]!);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      if (option) take(option);
      else run();
    } else if (event.key === 'Escape' && completion) {
      close();
    } else if (event.key === ' ' && event.ctrlKey) {
      setWrittenOnce(true);
      setCaret(field.current?.selectionStart ?? null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class={`query ${problem ? 'query-wrong' : ''}`} role="search">
      <Icon name="search" />
      <div class="query-text">
        <pre class="query-paint" ref={paint} aria-hidden="true">
          <QueryPaint text={draft} problem={problem} />
          {'\n'}
        </pre>
        <textarea
          ref={field}
          rows={1}
          aria-label="Query"
          aria-autocomplete="list"
          aria-controls={completion ? 'query-suggestions' : undefined}
          aria-activedescendant={completion && chosen >= 0 ? `suggestion-${chosen}` : undefined}
          aria-invalid={problem !== null}
          aria-describedby={problem ? 'query-problem' : undefined}
          placeholder={'status_code >= 500 and url_path startswith "/orders"'}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          value={draft}
          onFocus={() => setFocused(true)}
          onBlur={() => {
            setFocused(false);
            close();
          }}
          onInput={(event) => {
            setWrittenOnce(true);
            setDraft(event.currentTarget.value);
            setCaret(event.currentTarget.selectionStart);
            setChosen(-1);
          }}
          onClick={() => {
            setWrittenOnce(true);
            setCaret(field.current?.selectionStart ?? null);
          }}
          onKeyUp={(event) => {
            if (/^(Arrow(Left|Right)|Home|End)$/.test(event.key)) close();
          }}
          onKeyDown={onKeyDown}
        />
        {completion && completion.list.length > 0 ? (
          <ul
            ref={list}
            id="query-suggestions"
            class="suggestions"
            role="listbox"
            aria-label="Suggestions"
          >
            {completion.list.map((suggestion, index) => (
              <li
                key={`${suggestion.kind} ${suggestion.label}`}
                id={`suggestion-${index}`}
                role="option"
                aria-selected={index === chosen}
                // The field keeps the focus.
                onPointerDown={(event) => {
                  event.preventDefault();
                  take(suggestion);
                }}
              >
                <span class={`suggestion suggestion-${suggestion.kind}`}>
                  {visibleText(suggestion.label)}
                </span>
                <span class="suggestion-note">{suggestion.note}</span>
              </li>
            ))}
          </ul>
        ) : problem && focused ? (
          <p class="query-problem" id="query-problem" role="status">
            <span>{problem.message}</span>
            {problem.suggestion === null ? null : (
              <button
                type="button"
                class="link-button"
                onPointerDown={(event) => event.preventDefault()}
                onClick={mend}
              >
                Write {problem.suggestion}
              </button>
            )}
          </p>
        ) : null}
      </div>
      {draft === '' ? (
        <kbd aria-hidden="true">/</kbd>
      ) : (
        <button
          type="button"
          class="field-clear"
          aria-label="Clear the query"
          onClick={() => run('')}
        >
          <Icon name="close" />
        </button>
      )}
      <QueryMenu draft={draft} onChoose={run} />
      <button type="button" class="button button-primary query-run" onClick={() => run()}>
        Run
      </button>
    </div>
  );
}
