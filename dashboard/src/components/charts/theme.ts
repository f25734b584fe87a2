// The colours that canvases draw with: the stylesheet's, read again when the system's choice
// changes.
import { signal } from '@preact/signals';

const dark = window.matchMedia('(prefers-color-scheme: dark)');

// Counts the changes, so that what is drawn can be drawn again.
export const themeChanges = signal(0);

dark.addEventListener('change', () => (themeChanges.value += 1));

export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
