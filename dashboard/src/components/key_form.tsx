// Makes an API key, or changes one's name and limits. A new key's text is shown once.
import { useState } from 'preact/hooks';
import { createKey, updateKey, type ApiKey, type KeyDraft, type Scope } from '../api/keys';
import { CopyButton } from './copy_button';
import { Dialog, Failure } from './dialog';
import { useSubmit } from '../state/submit';
import { Field, problemAt, problemBeside } from './field';

const scopes: readonly (readonly [Scope, string])[] = [
  ['ingest', 'sends what an application captures'],
  ['read', 'reads as a viewer does'],
  ['admin', 'may do what an admin may, and the two above'],
];
const members = ['name', 'scopes', 'requests_per_s', 'bytes_per_s'] as const;

export function KeySecret({ secret }: { secret: string }) {
  return (
    <div class="secret" role="status">
      <p>This is the key. It is shown only now: the server keeps no more than a hash of it.</p>
      <div class="secret-line">
        <input
          class="field mono"
          readOnly
          aria-label="The new key"
          value={secret}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton label="Copy key" text={() => secret} />
      </div>
    </div>
  );
}

function limit(text: string): number | null {
  const value = Number.parseInt(text, 10);
  return Number.isNaN(value) || value <= 0 ? null : value;
}

interface KeyDialogProps {
  // The key that is changed; null for a new one.
  known: ApiKey | null;
  changed: (key: ApiKey) => void;
  close: () => void;
}

export function KeyDialog({ known, changed, close }: KeyDialogProps) {
  const [name, setName] = useState(known?.name ?? '');
  const [chosen, setChosen] = useState<Scope[]>(known?.scopes ?? ['ingest']);
  const [requests, setRequests] = useState(String(known?.requests_per_s ?? ''));
  const [bytes, setBytes] = useState(String(known?.bytes_per_s ?? ''));
  const [secret, setSecret] = useState<string | null>(null);

  const { busy, problem, submit } = useSubmit(async () => {
    const draft: KeyDraft = {
      name: name.trim(),
      scopes: chosen,
      requests_per_s: limit(requests),
      bytes_per_s: limit(bytes),
    };
    const key = known ? await updateKey(known.id, draft) : await createKey(draft);
    const { secret: shown, ...kept } = key;
    changed(kept);
    if (shown === undefined) close();
    else setSecret(shown);
  });

  if (secret !== null) {
    return (
      <Dialog title="A new key" close={close}>
        <KeySecret secret={secret} />
        <div class="dialog-actions">
          <button type="button" class="button button-primary" onClick={close}>
            Done
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={known ? 'Change a key' : 'New key'} close={close}>
      <form class="form" onSubmit={submit}>
        <Field label="Name" problem={problemAt(problem, 'name')}>
          {(attributes) => (
            <input
              {...attributes}
              type="text"
              class="field"
              placeholder="what uses it: shop, production"
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        {known ? null : (
          <fieldset class="choices">
            <legend>It may</legend>
            {scopes.map(([scope, meaning]) => (
              <label key={scope}>
                <input
                  type="checkbox"
                  checked={chosen.includes(scope)}
                  onChange={(event) =>
                    setChosen(
                      event.currentTarget.checked
                        ? [...chosen, scope]
                        : chosen.filter((one) => one !== scope),
                    )
                  }
                />
                <span>
                  {scope}
                  <span class="choice-more">{meaning}</span>
                </span>
              </label>
            ))}
          </fieldset>
        )}
        <fieldset class="form-row form-row-2">
          <legend>Limits; empty: the server’s default</legend>
          <Field label="Requests a second" problem={problemAt(problem, 'requests_per_s')}>
            {(attributes) => (
              <input
                {...attributes}
                type="number"
                min="0"
                class="field"
                value={requests}
                onInput={(event) => setRequests(event.currentTarget.value)}
              />
            )}
          </Field>
          <Field label="Bytes a second" problem={problemAt(problem, 'bytes_per_s')}>
            {(attributes) => (
              <input
                {...attributes}
                type="number"
                min="0"
                class="field"
                value={bytes}
                onInput={(event) => setBytes(event.currentTarget.value)}
              />
            )}
          </Field>
        </fieldset>
        <Failure reason={problemAt(problem, 'scopes') ?? problemBeside(problem, members)} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button
            type="submit"
            class="button button-primary"
            disabled={busy || name.trim() === '' || chosen.length === 0}
          >
            {known ? 'Change' : 'Make the key'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
