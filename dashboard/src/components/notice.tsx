// A whole panel's state in words: nothing there, an error, nothing found.
import type { ComponentChildren } from 'preact';

interface NoticeProps {
  title: string;
  children?: ComponentChildren;
  tone?: 'plain' | 'error';
}

export function Notice({ title, children, tone = 'plain' }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`} role={tone === 'error' ? 'alert' : undefined}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
