// Queries that were run, and those that were kept under a name. They stay in this browser, apart
// for each project.
import { computed, signal } from '@preact/signals';
import { session } from '../api/session';

export interface SavedQuery {
  name: string;
  query: string;
}

interface Stored {
  recent: string[];
  saved: SavedQuery[];
}

const recentMax = 50;
const savedMax = 200;

const changes = signal(0);

function place(): string {
  return `apitoolkit.queries.${session.value?.project.id ?? ''}`;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

// What is in the browser's store may be of another version, or of another's making.
function read(): Stored {
  const stored: Stored = { recent: [], saved: [] };
  try {
    const value = JSON.parse(window.localStorage.getItem(place()) ?? '{}') as Partial<Stored>;
    if (Array.isArray(value.recent)) stored.recent = value.recent.filter(isText);
    if (Array.isArray(value.saved)) {
      stored.saved = value.saved.filter((one) => isText(one?.name) && isText(one?.query));
    }
  } catch {
    // A store that cannot be read is an empty one.
  }
  return stored;
}

function write(next: Stored): void {
  try {
    window.localStorage.setItem(place(), JSON.stringify(next));
  } catch {
    // Full, or switched off: the queries are then forgotten with the page.
  }
  changes.value += 1;
}

export const queries = computed<Stored>(() => {
  void changes.value;
  return read();
});

export function remember(query: string): void {
  if (query.trim() === '') return;
  const { recent, saved } = read();
  write({ recent: [query, ...recent.filter((one) => one !== query)].slice(0, recentMax), saved });
}

export function save(name: string, query: string): void {
  const { recent, saved } = read();
  const others = saved.filter((one) => one.name !== name);
  write({ recent, saved: [{ name, query }, ...others].slice(0, savedMax) });
}

export function removeSaved(name: string): void {
  const { recent, saved } = read();
  write({ recent, saved: saved.filter((one) => one.name !== name) });
}
