// A titled panel of a page.
import type { ComponentChildren } from 'preact';

interface SectionProps {
  id: string;
  title: string;
  count?: number;
  tone?: 'plain' | 'error';
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export function Section({ id, title, count, tone = 'plain', actions, children }: SectionProps) {
  return (
    <section class={`panel panel-${tone}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {count === undefined ? null : <span class="panel-count">{count}</span>}
        {actions ? <div class="panel-actions">{actions}</div> : null}
      </header>
      {children}
    </section>
  );
}
