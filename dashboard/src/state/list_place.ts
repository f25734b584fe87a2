// Where in the list the reader was: its address with the filters, how far it was scrolled, and the
// row that was chosen; so that leaving a request leads back there.
import { signal } from '@preact/signals';
import { milliseconds } from '../format/time';
import { splitNames } from '../query/paths';
import { defaultSince } from './range';

export const listAddress = signal('/requests');
export const chosenId = signal<string | null>(null);
export const place = { scrollTop: 0 };

// The list with a condition of the query language, over a range that holds when it was seen.
export function requestsWith(condition: string, timestamp: string): string {
  const age = Date.now() - milliseconds(timestamp);
  const since = spans.find(([, span]) => age < span * 0.95)?.[0] ?? 'all';
  const search = new URLSearchParams({ query: condition });
  if (since !== defaultSince) search.set('since', since);
  return `/requests?${search.toString()}`;
}

// The list as it was left, with one column more; `usual` are those that it has where none were
// chosen.
export function listWithColumn(path: string, usual: readonly string[]): string {
  const [where = '/requests', members = ''] = listAddress.value.split('?', 2);
  const search = new URLSearchParams(members);
  const chosen = splitNames(search.get('columns') ?? '');
  const names = chosen.length === 0 ? usual : chosen;
  if (!names.includes(path)) search.set('columns', [...names, path].join(','));
  return `${where}?${search.toString()}`;
}

const hour = 3_600_000;
const spans: readonly (readonly [since: string, milliseconds: number])[] = [
  [defaultSince, hour],
  ['-6h', 6 * hour],
  ['-1d', 24 * hour],
  ['-7d', 168 * hour],
  ['-30d', 720 * hour],
];
