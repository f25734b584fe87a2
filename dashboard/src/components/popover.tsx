// A button with a panel that opens below it. It closes on Escape, on a press outside, and when the
// focus leaves it.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface PopoverProps {
  label: ComponentChildren;
  // The panel's name, which the button's begins with.
  title: string;
  buttonClass?: string;
  buttonTitle?: string;
  panelClass?: string;
  align?: 'start' | 'end';
  // Is given the function that closes the panel.
  children: (close: () => void) => ComponentChildren;
}

export function Popover(props: PopoverProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
    };
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div
      class="popover"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
    >
      <button
        ref={button}
        type="button"
        class={props.buttonClass ?? 'button'}
        aria-expanded={open}
        aria-haspopup="dialog"
        title={props.buttonTitle}
        onClick={() => setOpen(!open)}
      >
        <span class="visually-hidden">{props.title} </span>
        {props.label}
      </button>
      {open ? (
        <div
          class={`popover-panel popover-${props.align ?? 'start'} ${props.panelClass ?? ''}`}
          role="dialog"
          aria-label={props.title}
        >
          {props.children(close)}
        </div>
      ) : null}
    </div>
  );
}
