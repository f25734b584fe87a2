// Keys. A page registers what it answers to while it is shown; `?` lists them all.
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { routes } from '../routes';

// By key, or by two that are pressed one after the other: `g r`.
export type KeyMap = Record<string, () => void>;

export const helpOpen = signal(false);

const maps: { current: KeyMap }[] = [];

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

// What the browser itself answers Enter on.
function pressable(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a, button, summary') !== null;
}

const sequenceMilliseconds = 1_500;
let first = { key: '', at: 0 };

function isFirstOfTwo(key: string): boolean {
  return maps.some(({ current }) => Object.keys(current).some((k) => k.startsWith(`${key} `)));
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (helpOpen.value) return;
  if (typing(event.target)) {
    if (event.key === 'Escape') (event.target as HTMLElement).blur();
    return;
  }
  if (event.key === 'Enter' && pressable(event.target)) return;
  const second = first.key !== '' && event.timeStamp - first.at < sequenceMilliseconds;
  const action = (second && actionOf(`${first.key} ${event.key}`)) || actionOf(event.key);
  first = { key: '', at: 0 };
  if (action) {
    event.preventDefault();
    action();
  } else if (isFirstOfTwo(event.key)) {
    first = { key: event.key, at: event.timeStamp };
  }
}

// The innermost registration answers first.
function actionOf(key: string): (() => void) | undefined {
  for (let index = maps.length - 1; index >= 0; index -= 1) {
    const action = maps[index]?.current[key];
    if (action) return action;
  }
  return undefined;
}

export function startShortcuts(): () => void {
  document.addEventListener('keydown', onKeyDown);
  return () => document.removeEventListener('keydown', onKeyDown);
}

export function useKeys(map: KeyMap): void {
  const holder = useRef(map);
  holder.current = map;
  useLayoutEffect(() => {
    maps.push(holder);
    return () => void maps.splice(maps.indexOf(holder), 1);
  }, []);
}

const sections: { title: string; keys: [string[], string][] }[] = [
  {
    title: 'Overview',
    keys: [[['t'], 'Tables in place of charts']],
  },
  {
    title: 'Requests',
    keys: [
      [['j', 'k'], 'Next, previous row'],
      [['Enter'], 'Open the row'],
      [['f'], 'Filter by a value of the row'],
      [['/'], 'Write a query'],
      [['Tab'], 'Take the first suggestion'],
      [['p'], 'Hold back or show what arrives'],
    ],
  },
  {
    title: 'A request',
    keys: [
      [['/'], 'Find in the bodies'],
      [['n', 'N'], 'Next, previous match'],
      [['↑', '↓', '←', '→'], 'Walk through a body, fold and unfold'],
      [['Enter'], 'What can be done with a value'],
      [['j', 'k'], 'Next, previous request of the list'],
      [['Esc'], 'Back to the list'],
    ],
  },
];

const everywhere: [string[], string] = [['?'], 'This list'];

function goKeys(): [string[], string][] {
  return routes.flatMap(({ link }): [string[], string][] =>
    link ? [[['g', link.key], link.label]] : [],
  );
}

export function ShortcutsDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useLayoutEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  const close = () => (helpOpen.value = false);
  return (
    <dialog
      ref={dialog}
      class="shortcuts"
      aria-labelledby="shortcuts-title"
      onCancel={(event) => {
        // Left to itself the browser would say that it has closed only after the next keys.
        event.preventDefault();
        close();
      }}
      // Told later: by then the dialog may be open again.
      onClose={() => !dialog.current?.open && close()}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="shortcuts-body">
        <h2 id="shortcuts-title">Keyboard</h2>
        {[...sections, { title: 'Everywhere', keys: [...goKeys(), everywhere] }].map((section) => (
          <section key={section.title}>
            <h3>{section.title}</h3>
            <dl>
              {section.keys.map(([keys, meaning]) => (
                <div key={meaning}>
                  <dt>{meaning}</dt>
                  <dd>
                    {keys.map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <button type="button" class="button" onClick={close}>
          Close
        </button>
      </div>
    </dialog>
  );
}
