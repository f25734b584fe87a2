// A modal dialog. It is in the page only while it is open; Escape and a click beside it close it.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { explain } from '../api/client';
import { Icon } from './icons';

interface DialogProps {
  title: string;
  close: () => void;
  wide?: boolean;
  children: ComponentChildren;
}

export function Dialog({ title, close, wide = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    return () => {
      // While it is open, nothing outside of it can have the focus.
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={wide ? 'dialog dialog-wide' : 'dialog'}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => event.target === dialog.current && close()}
      // Keys belong to the dialog, not to the page behind it.
      onKeyDown={(event) => event.stopPropagation()}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id="dialog-title">{title}</h2>
          <button
            type="button"
            class="button button-quiet button-icon"
            aria-label="Close"
            onClick={close}
          >
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  // What the button says that does it: a verb.
  action: string;
  children: ComponentChildren;
  // Whether it may be done already; for what wants more than a press.
  ready?: boolean;
  run: () => Promise<void>;
  close: () => void;
}

// Asks before something that cannot be taken back. Says why it failed, and stays open then.
export function Confirm(props: ConfirmProps) {
  const { title, action, children, ready = true, run, close } = props;
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const confirm = async () => {
    setBusy(true);
    try {
      await run();
      close();
    } catch (error) {
      setFailure(explain(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} close={close}>
      <div class="dialog-text">{children}</div>
      <Failure reason={failure} />
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          Cancel
        </button>
        <button
          type="button"
          class="button button-danger"
          disabled={busy || !ready}
          onClick={() => void confirm()}
        >
          {action}
        </button>
      </div>
    </Dialog>
  );
}

// Why what was asked for did not happen.
export function Failure({ reason }: { reason: string | null }) {
  return reason === null ? null : (
    <p class="failure" role="alert">
      <Icon name="warning" /> <span>{reason}</span>
    </p>
  );
}
