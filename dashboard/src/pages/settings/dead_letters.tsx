// Messages that could not be read: looked at, sent through the pipeline once more, or deleted.
import { useMemo, useState } from 'preact/hooks';
import { explain } from '../../api/client';
import {
  deleteDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  type DeadLetter,
} from '../../api/dead_letters';
import { may } from '../../api/session';
import { Confirm, Dialog, Failure } from '../../components/dialog';
import { HexView } from '../../components/hex_view';
import { MoreRows } from '../../components/more_rows';
import { Panel } from '../../components/panel';
import { Text } from '../../components/text';
import { TextView } from '../../components/text_view';
import { RelativeTime } from '../../components/time';
import { formatBytes } from '../../format/bytes';
import { looksBinary } from '../../format/hex';
import { usePages } from '../../state/pages';

const lettersAtOnce = 50;

function bytesOf(letter: DeadLetter): Uint8Array {
  const text = window.atob(letter.bytes);
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

// Base64 says so much without being decoded.
function sizeOf({ bytes }: DeadLetter): number {
  return Math.floor((bytes.replace(/=+$/, '').length * 3) / 4);
}

function Look({ letter, close }: { letter: DeadLetter; close: () => void }) {
  const bytes = useMemo(() => bytesOf(letter), [letter]);
  const text = useMemo(() => new TextDecoder().decode(bytes), [bytes]);
  const [hex, setHex] = useState(looksBinary(text));
  return (
    <Dialog title={`Dead letter ${letter.id}`} close={close} wide>
      <p class="dialog-text">
        <Text value={letter.reason} clip={600} />
      </p>
      <div class="letter">
        <div class="views" role="group" aria-label="Show it as">
          <button
            type="button"
            class="button button-quiet"
            aria-pressed={!hex}
            onClick={() => setHex(false)}
          >
            Text
          </button>
          <button
            type="button"
            class="button button-quiet"
            aria-pressed={hex}
            onClick={() => setHex(true)}
          >
            Hex
          </button>
        </div>
        {hex ? (
          <HexView bytes={bytes} label="The message as bytes" />
        ) : (
          <TextView text={text} label="The message as text" />
        )}
      </div>
    </Dialog>
  );
}

type Open = { kind: 'look' | 'delete'; letter: DeadLetter } | null;

export function DeadLettersPage() {
  const pages = usePages('dead-letters', (cursor, signal) =>
    listDeadLetters(cursor, lettersAtOnce, signal),
  );
  const [open, setOpen] = useState<Open>(null);
  const [failures, setFailures] = useState<Record<number, string>>({});
  const close = () => setOpen(null);
  const forget = (id: number) => pages.change((rows) => rows.filter((row) => row.id !== id));
  const replay = (letter: DeadLetter) => {
    replayDeadLetter(letter.id).then(
      () => forget(letter.id),
      (error: unknown) => setFailures((known) => ({ ...known, [letter.id]: explain(error) })),
    );
  };
  const gone = pages.first.value !== undefined && pages.rows.length === 0 && !pages.more;
  return (
    <>
      <Panel
        id="letters-title"
        title="Dead letters"
        load={pages.first}
        empty={() => (gone ? 'None: every message that came in could be read.' : undefined)}
      >
        {() => (
          <>
            <div class="table-scroll">
              <table class="list-table">
                <thead>
                  <tr>
                    <th scope="col">Came</th>
                    <th scope="col">Through</th>
                    <th scope="col">Why it could not be read</th>
                    <th scope="col" class="wide-only cell-end">
                      Size
                    </th>
                    <td />
                  </tr>
                </thead>
                <tbody>
                  {pages.rows.map((letter) => (
                    <tr key={letter.id}>
                      <th scope="row" class="cell-time">
                        <RelativeTime timestamp={letter.received_at} />
                      </th>
                      <td>
                        <Text value={letter.source} clip={60} />
                      </td>
                      <td>
                        <Text value={letter.reason} clip={200} />
                        <Failure reason={failures[letter.id] ?? null} />
                      </td>
                      <td class="number wide-only cell-end">{formatBytes(sizeOf(letter))}</td>
                      <td class="row-actions">
                        <button
                          type="button"
                          class="button button-quiet"
                          onClick={() => setOpen({ kind: 'look', letter })}
                        >
                          Look
                        </button>
                        {may('member') ? (
                          <>
                            <button
                              type="button"
                              class="button button-quiet"
                              onClick={() => replay(letter)}
                            >
                              Replay
                            </button>
                            <button
                              type="button"
                              class="button button-quiet button-warn"
                              onClick={() => setOpen({ kind: 'delete', letter })}
                            >
                              Delete
                            </button>
                          </>
                        ) : null}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <MoreRows pages={pages} />
          </>
        )}
      </Panel>
      {open?.kind === 'look' ? <Look letter={open.letter} close={close} /> : null}
      {open?.kind === 'delete' ? (
        <Confirm
          title="Delete this dead letter?"
          action="Delete"
          run={async () => {
            await deleteDeadLetter(open.letter.id);
            forget(open.letter.id);
          }}
          close={close}
        >
          <p>The message is gone then: it can be neither looked at nor replayed.</p>
        </Confirm>
      ) : null}
    </>
  );
}
