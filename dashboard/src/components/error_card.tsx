// One reported error: what it was, what it came from, and its stack.
import { useLayoutEffect, useRef } from 'preact/hooks';
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

interface Line {
  text: string;
  kind: 'frame' | 'source' | 'library' | 'marks' | 'other';
}

// Lines of libraries are quieter than the application's own; a frame's source line, which is
// indented deeper, belongs to the frame above it.
function readStack(text: string): Line[] {
  let inFrame: 'none' | 'own' | 'library' = 'none';
  return text
    .replace(/\n+$/, '')
    .split('\n')
    .slice(0, framesMax)
    .map((line): Line => {
      if (/^\s*(File "|at )/.test(line)) {
        inFrame = library.test(line) ? 'library' : 'own';
        return { text: line, kind: inFrame === 'own' ? 'frame' : 'library' };
      }
      if (!/^\s{4}/.test(line)) {
        inFrame = 'none';
        return { text: line, kind: 'other' };
      }
      if (inFrame === 'library') return { text: line, kind: 'library' };
      if (inFrame !== 'own') return { text: line, kind: 'other' };
      return { text: line, kind: /^[\s^~]+$/.test(line) ? 'marks' : 'source' };
    });
}

function Stack({ text }: { text: string }) {
  const lines = readStack(text);
  const left = text.split('\n').length - lines.length;
  // Where it went wrong: the last line of the application's own.
  const last = lines.map(({ kind }) => kind).lastIndexOf('source');
  const box = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    const here = box.current?.querySelector<HTMLElement>('.stack-here');
    if (box.current && here) box.current.scrollTop = here.offsetTop - box.current.clientHeight / 2;
  }, [text]);
  return (
    <pre class="stack" tabIndex={0} aria-label="Stack trace" ref={box}>
      {lines.map(({ text: line, kind }, index) => (
        <span key={index} class={`stack-line stack-${kind}${index === last ? ' stack-here' : ''}`}>
          <Text value={line} />
        </span>
      ))}
      {left > 1 ? `… ${left.toLocaleString('en')} more lines` : null}
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
