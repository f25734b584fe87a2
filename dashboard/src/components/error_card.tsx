// One reported error: what it was, what it came from, and its stack.
import type { ErrorReport } from '../api/exchanges';
import { CopyButton } from './copy_button';
import { Pairs } from './pairs';
import { Text } from './text';
import { RelativeTime } from './time';

const shownElsewhere = new Set([
  'when',
  'error_type',
  'message',
  'root_error_type',
  'root_error_message',
  'stack_trace',
]);
const framesMax = 400;
const library =
  /site-packages\/|dist-packages\/|lib\/python\d|node_modules\/|node:internal|\/vendor\/|<frozen /;

function extras(error: ErrorReport) {
  return Object.entries(error)
    .filter(([name, value]) => !shownElsewhere.has(name) && value !== null && value !== '')
    .map(([name, value]) => ({
      name,
      values: [typeof value === 'string' ? value : JSON.stringify(value)],
    }));
}

// Lines of libraries are quieter than the application's own; a frame's source line, which is
// indented deeper, belongs to the frame above it.
function Stack({ text }: { text: string }) {
  const lines = text.replace(/\n+$/, '').split('\n');
  let quiet = false;
  return (
    <pre class="stack" tabIndex={0} aria-label="Stack trace">
      {lines.slice(0, framesMax).map((line, index) => {
        const frame = /^\s*(File "|at )/.test(line);
        if (frame) quiet = library.test(line);
        else if (!/^\s{4}/.test(line)) quiet = false;
        return (
          <span key={index} class={quiet ? 'stack-library' : frame ? 'stack-frame' : 'stack-line'}>
            <Text value={line} />
            {'\n'}
          </span>
        );
      })}
      {lines.length > framesMax ? `… ${lines.length - framesMax} more lines` : null}
    </pre>
  );
}

export function ErrorCard({ error, open }: { error: ErrorReport; open: boolean }) {
  const root = error.root_error_type ?? '';
  const rootMessage = error.root_error_message ?? '';
  const other = root !== '' && (root !== error.error_type || rootMessage !== error.message);
  const stack = error.stack_trace ?? '';
  const more = extras(error);
  return (
    <article class="error-card">
      <header>
        <h3>
          <Text value={error.error_type || 'Error'} clip={300} />
        </h3>
        {error.when ? (
          <span class="faint">
            <RelativeTime timestamp={error.when} />
          </span>
        ) : null}
        {stack === '' ? null : <CopyButton label="Copy stack" text={() => stack} quiet />}
      </header>
      <p class="error-message">
        <Text value={error.message} />
      </p>
      {other ? (
        <p class="error-root">
          <span class="faint">Root cause</span>{' '}
          <strong>
            <Text value={root} clip={300} />
          </strong>{' '}
          <Text value={rootMessage} />
        </p>
      ) : null}
      {stack === '' ? null : (
        <details class="fold" open={open}>
          <summary>
            <h4>Stack trace</h4>
          </summary>
          <Stack text={stack} />
        </details>
      )}
      {more.length === 0 ? null : <Pairs pairs={more} label="More about the error" />}
    </article>
  );
}
