// API keys: what each may do, when it was last used, and what it may send at most.
import { useState } from 'preact/hooks';
import { listKeys, revokeKey, type ApiKey } from '../../api/keys';
import { Confirm } from '../../components/dialog';
import { KeyDialog } from '../../components/key_form';
import { Panel } from '../../components/panel';
import { Text } from '../../components/text';
import { RelativeTime } from '../../components/time';
import { formatBytes } from '../../format/bytes';
import { useLoad } from '../../state/load';

function limits(key: ApiKey): string {
  const requests = key.requests_per_s ? `${key.requests_per_s.toLocaleString('en')}/s` : '';
  const bytes = key.bytes_per_s ? `${formatBytes(key.bytes_per_s)}/s` : '';
  return [requests, bytes].filter((text) => text !== '').join(', ') || 'default';
}

interface RowProps {
  item: ApiKey;
  change: () => void;
  revoke: () => void;
}

function Row({ item, change, revoke }: RowProps) {
  return (
    <tr class={item.revoked_at ? 'row-over' : undefined}>
      <th scope="row">
        <Text value={item.name} clip={100} />
      </th>
      <td class="mono">
        <Text value={item.prefix} clip={40} />…
      </td>
      <td>{item.scopes.join(', ')}</td>
      <td class="number wide-only">{limits(item)}</td>
      <td>
        {item.last_used_at ? (
          <RelativeTime timestamp={item.last_used_at} />
        ) : (
          <span class="faint">never</span>
        )}
      </td>
      <td class="wide-only">
        <RelativeTime timestamp={item.created_at} />
      </td>
      <td class="row-actions">
        {item.revoked_at ? (
          <span class="faint">revoked</span>
        ) : (
          <>
            <button type="button" class="button button-quiet" onClick={change}>
              Change
            </button>
            <button type="button" class="button button-quiet button-warn" onClick={revoke}>
              Revoke
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

type Open = { kind: 'new' } | { kind: 'change' | 'revoke'; key: ApiKey } | null;

export function KeysPage() {
  const load = useLoad('keys', listKeys);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const permitted = load.status !== 'forbidden';
  return (
    <>
      <Panel
        id="keys-title"
        title="API keys"
        load={load}
        {...(load.value ? { count: load.value.filter((key) => !key.revoked_at).length } : {})}
        actions={
          permitted ? (
            <button type="button" class="button" onClick={() => setOpen({ kind: 'new' })}>
              New key
            </button>
          ) : null
        }
        empty={(keys) => (keys.length === 0 ? 'There is no key yet.' : undefined)}
      >
        {(keys) => (
          <div class="table-scroll">
            <table class="list-table">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Key</th>
                  <th scope="col">May</th>
                  <th scope="col" class="wide-only">
                    Limits
                  </th>
                  <th scope="col">Last used</th>
                  <th scope="col" class="wide-only">
                    Made
                  </th>
                  <td />
                </tr>
              </thead>
              <tbody>
                {[...keys]
                  .sort((a, b) => Number(Boolean(a.revoked_at)) - Number(Boolean(b.revoked_at)))
                  .map((key) => (
                    <Row
                      key={key.id}
                      item={key}
                      change={() => setOpen({ kind: 'change', key })}
                      revoke={() => setOpen({ kind: 'revoke', key })}
                    />
                  ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
      {open?.kind === 'new' || open?.kind === 'change' ? (
        <KeyDialog
          known={open.kind === 'change' ? open.key : null}
          changed={load.reload}
          close={close}
        />
      ) : null}
      {open?.kind === 'revoke' ? (
        <Confirm
          title="Revoke this key?"
          action="Revoke"
          run={async () => {
            await revokeKey(open.key.id);
            load.reload();
          }}
          close={close}
        >
          <p>
            Whoever uses{' '}
            <strong>
              <Text value={open.key.name} clip={100} />
            </strong>{' '}
            (<Text value={open.key.prefix} clip={40} />
            …) is refused at once, and for good. What it has sent stays.
          </p>
        </Confirm>
      ) : null}
    </>
  );
}
