// The time that relative times refer to; it moves once a second while the page is visible.
import { signal } from '@preact/signals';

export const now = signal(Date.now());

window.setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1000);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) now.value = Date.now();
});
