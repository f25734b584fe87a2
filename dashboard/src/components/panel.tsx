// A titled panel around something that is loaded. It has every state: empty, loading, failed, not
// permitted, and all is well. A failed refresh is told in the head and leaves what is shown.
import type { ComponentChildren } from 'preact';
import { session } from '../api/session';
import type { Load } from '../state/load';
import { Icon } from './icons';
import { Section } from './section';

interface PanelProps<T> {
  id: string;
  title: string;
  load: Load<T>;
  // What is said where there is nothing; undefined where there is something.
  empty?: (value: T) => ComponentChildren | undefined;
  count?: number;
  actions?: ComponentChildren;
  // Added to the body's class, for a height that holds whatever the state is.
  body?: string;
  children: (value: T) => ComponentChildren;
}

export function Panel<T>(props: PanelProps<T>) {
  const { id, title, load, count, actions } = props;
  const { value } = load;
  const nothing = value === undefined ? undefined : props.empty?.(value);
  const lost = value !== undefined && load.failure !== null;
  const stale = value !== undefined && load.stale;
  return (
    <Section
      id={id}
      title={title}
      {...(count === undefined ? {} : { count })}
      actions={
        <>
          {lost ? <Lost reason={load.failure ?? ''} retry={load.reload} /> : null}
          {actions}
        </>
      }
    >
      <div
        class={`panel-body ${props.body ?? ''} ${stale ? 'panel-stale' : ''}`}
        aria-busy={load.busy}
      >
        {value === undefined ? (
          <PanelState title={title} load={load} />
        ) : nothing !== undefined ? (
          <div class="panel-note">{nothing}</div>
        ) : (
          props.children(value)
        )}
      </div>
    </Section>
  );
}

function Lost({ reason, retry }: { reason: string; retry: () => void }) {
  return (
    <span class="panel-lost" role="status">
      <Icon name="warning" />
      <span>{reason}</span>
      <button type="button" class="link-button" onClick={retry}>
        Try again
      </button>
    </span>
  );
}

// What stands in a panel's place while it has nothing to show.
export function PanelState<T>({ title, load }: { title: string; load: Load<T> }) {
  if (load.status === 'loading') {
    return (
      <div class="panel-skeleton" role="status" aria-label={`Loading: ${title}`}>
        <i />
        <i />
        <i />
      </div>
    );
  }
  if (load.status === 'forbidden') {
    return (
      <div class="panel-note">
        <p class="panel-note-title">
          <Icon name="lock" /> No permission
        </p>
        <p>
          Your role here is {session.value?.role ?? 'none'}, which may not see this. An admin of the
          project can change that.
        </p>
      </div>
    );
  }
  return (
    <div class="panel-note panel-note-error" role="alert">
      <p class="panel-note-title">This could not be loaded</p>
      <p>{load.failure}</p>
      <button type="button" class="button" onClick={load.reload}>
        Try again
      </button>
    </div>
  );
}
