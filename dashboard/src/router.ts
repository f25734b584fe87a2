// The address bar is the state: a path and a query, as signals. Ordinary links work as they are; a
// click on one that stays in the dashboard does not reload the page.
import { computed, signal } from '@preact/signals';

const address = signal(read());

function read(): string {
  return window.location.pathname + window.location.search;
}

export const path = computed(() => address.value.split('?', 1)[0] ?? '/');
export const query = computed(() => new URLSearchParams(address.value.slice(path.value.length)));

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (to === address.value) return;
  if (options.replace) window.history.replaceState(null, '', to);
  else window.history.pushState(null, '', to);
  address.value = read();
}

// Sets some members of the query and keeps the others; an empty value removes its member.
export function setQuery(
  changes: Record<string, string>,
  options: { replace?: boolean } = {},
): void {
  const next = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  navigate(path.value + (text === '' ? '' : `?${text}`), options);
}

function followLink(event: MouseEvent): void {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (event.defaultPrevented || !plain || event.altKey || !(event.target instanceof Element))
    return;
  const link = event.target.closest('a');
  if (!link || link.target !== '' || link.hasAttribute('download')) return;
  const to = new URL(link.href, window.location.href);
  if (to.origin !== window.location.origin || to.hash !== '') return;
  event.preventDefault();
  navigate(to.pathname + to.search);
}

export function startRouter(): void {
  window.addEventListener('popstate', () => (address.value = read()));
  document.addEventListener('click', followLink);
}
