// What a project without traffic shows: a key, and the few lines that make the first request
// arrive. When one arrives it says so to whoever shows it.
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { explain } from '../api/client';
import { createKey } from '../api/keys';
import { may } from '../api/session';
import { listen } from '../api/tail';
import { keyPlaceholder, snippets, type Snippet } from '../format/snippets';
import { CopyButton } from './copy_button';
import { Failure } from './dialog';
import { KeySecret } from './key_form';

// The key that was made here. It is never shown again after the page is left or loaded anew.
const madeKey = signal('');

function Key() {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const make = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const draft = { name: 'first steps', requests_per_s: null, bytes_per_s: null };
      madeKey.value = (await createKey({ ...draft, scopes: ['ingest'] })).secret ?? '';
    } catch (error) {
      setFailure(explain(error));
    }
    setBusy(false);
  };
  if (madeKey.value !== '') return <KeySecret secret={madeKey.value} />;
  return (
    <div class="first-key">
      {may('admin') ? (
        <>
          <button
            type="button"
            class="button button-primary"
            disabled={busy}
            onClick={() => void make()}
          >
            Make a key
          </button>
          <span>It may send, and nothing else; it is put into the lines below.</span>
        </>
      ) : (
        <span>
          An admin of the project makes a key for you; it stands where it says {keyPlaceholder}.
        </span>
      )}
      <Failure reason={failure} />
    </div>
  );
}

function Lines({ shown }: { shown: Snippet }) {
  const key = madeKey.value === '' ? keyPlaceholder : madeKey.value;
  const text = shown.text(key, window.location.origin);
  return (
    <figure class="code">
      <figcaption>
        <span>{shown.place}</span>
        <CopyButton label="Copy" text={() => text} quiet />
      </figcaption>
      <pre tabIndex={0} aria-label="The lines to add">
        {text}
      </pre>
    </figure>
  );
}

const nothing = () => undefined;

interface FirstStepsProps {
  // Called when an exchange has arrived since this is shown.
  arrived?: () => void;
}

export function FirstSteps({ arrived }: FirstStepsProps) {
  const [chosen, setChosen] = useState('flask');
  const shown = snippets.find(({ id }) => id === chosen) ?? snippets[0];
  useEffect(() => {
    if (!arrived) return undefined;
    return listen('', '', {
      ready: nothing,
      exchange: arrived,
      lagged: arrived,
      lost: nothing,
      refused: nothing,
    });
  }, []);
  return (
    <section class="first-steps" aria-labelledby="first-steps-title">
      <h2 id="first-steps-title">Waiting for the first request</h2>
      <p>
        Let an application send to this server, and ask it for something. What it was asked and what
        it answered appears here by itself.
      </p>
      <ol>
        <li>
          <h3>A key</h3>
          <Key />
        </li>
        <li>
          <h3>A few lines</h3>
          <div class="snippet-tabs" role="group" aria-label="Your application">
            {snippets.map(({ id, name }) => (
              <button
                key={id}
                type="button"
                class="button button-quiet"
                aria-pressed={id === chosen}
                onClick={() => setChosen(id)}
              >
                {name}
              </button>
            ))}
          </div>
          {shown ? <Lines shown={shown} /> : null}
          <p class="first-steps-check">
            {chosen === 'flask' || chosen === 'wsgi' ? (
              <>
                Nothing arrives? <code>python -m apitoolkit_flask check</code> says whether the key
                is good and the server can be reached.
              </>
            ) : null}
          </p>
        </li>
        <li>
          <h3>A request</h3>
          <p class="waiting" role="status">
            <span class="live-dot" aria-hidden="true" /> Listening
          </p>
        </li>
      </ol>
    </section>
  );
}
