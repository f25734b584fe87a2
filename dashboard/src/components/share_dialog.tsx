// Makes a link with which anybody may read this request until it ends; lists and ends those that
// there are.
import { useEffect, useState } from 'preact/hooks';
import { explain } from '../api/client';
import { createShare, deleteShare, listShares, type Share } from '../api/shares';
import { formatAbsolute } from '../format/time';
import { CopyButton } from './copy_button';
import { Dialog, Failure } from './dialog';
import { Field } from './field';
import { Text } from './text';

const lifetimes: readonly (readonly [seconds: number, words: string])[] = [
  [3_600, '1 hour'],
  [86_400, '1 day'],
  [604_800, '7 days'],
  [2_592_000, '30 days'],
];

function Link({ share }: { share: Share }) {
  const address = `${window.location.origin}${share.path ?? ''}`;
  return (
    <div class="secret" role="status">
      <p>
        Whoever has this link can read this request until {formatAbsolute(share.expires_at)}. It is
        shown only now.
      </p>
      <div class="secret-line">
        <input
          class="field mono"
          readOnly
          aria-label="Link"
          value={address}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton label="Copy link" text={() => address} />
      </div>
    </div>
  );
}

function Standing({ shares, end }: { shares: Share[]; end: (id: number) => void }) {
  if (shares.length === 0) return null;
  return (
    <section aria-label="Links that work now">
      <h3 class="dialog-subhead">Links that work now</h3>
      <ul class="plain-list">
        {shares.map((share) => (
          <li key={share.id}>
            <span>
              until {formatAbsolute(share.expires_at)}{' '}
              <span class="faint">
                by <Text value={share.created_by} clip={80} />
              </span>
            </span>
            <button type="button" class="button button-quiet" onClick={() => end(share.id)}>
              End
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function ShareDialog({ id, close }: { id: string; close: () => void }) {
  const [seconds, setSeconds] = useState(604_800);
  const [made, setMade] = useState<Share | null>(null);
  const [shares, setShares] = useState<Share[]>([]);
  const [failure, setFailure] = useState<string | null>(null);

  const attempt = (work: () => Promise<void>) => {
    setFailure(null);
    work().catch((error: unknown) => setFailure(explain(error)));
  };
  const load = async (signal: AbortSignal) => {
    const all = await listShares(signal);
    if (!signal.aborted) setShares(all.filter((share) => share.exchange_id === id));
  };
  useEffect(() => {
    const controller = new AbortController();
    load(controller.signal).catch((error: unknown) => {
      if (!controller.signal.aborted) setFailure(explain(error));
    });
    return () => controller.abort();
  }, [id, made]);

  const create = async () => setMade(await createShare(id, seconds));
  const end = async (share: number) => {
    await deleteShare(share);
    setShares((standing) => standing.filter((one) => one.id !== share));
    if (made?.id === share) setMade(null);
  };

  return (
    <Dialog title="Share this request" close={close}>
      <div class="form dialog-form">
        {made ? (
          <Link share={made} />
        ) : (
          <form
            class="form-inline"
            onSubmit={(event) => {
              event.preventDefault();
              attempt(create);
            }}
          >
            <Field label="The link works for">
              {(attributes) => (
                <select
                  {...attributes}
                  class="menu"
                  value={seconds}
                  onChange={(event) => setSeconds(Number(event.currentTarget.value))}
                >
                  {lifetimes.map(([value, words]) => (
                    <option key={value} value={value} selected={value === seconds}>
                      {words}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <button type="submit" class="button button-primary">
              Make a link
            </button>
          </form>
        )}
        <Failure reason={failure} />
        <Standing
          shares={shares}
          end={(share) => {
            attempt(() => end(share));
          }}
        />
      </div>
    </Dialog>
  );
}
