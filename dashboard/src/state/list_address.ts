// What the list of requests is asked for, as its address says it: the query, the columns, and
// whether it follows what arrives.
import { computed, signal } from '@preact/signals';
import { toggled } from '../query/edit';
import { splitNames } from '../query/paths';
import { query as members, setQuery } from '../router';
import { remember } from './query_history';

export const queryText = computed(() => members.value.get('query') ?? '');

// What was wrong with the last pipeline that ran; null while all is well.
export const answerError = signal<unknown>(null);

export const chosenColumns = computed(() => {
  const names = splitNames(members.value.get('columns') ?? '');
  return names.length === 0 ? null : names;
});

export const following = computed(() => members.value.get('live') !== 'off');

export function runText(text: string): void {
  const query = text.trim();
  remember(query);
  setQuery({ query });
}

// Asks for one condition more, or for one that is there no longer.
export function toggleCondition(condition: string, instead: string): void {
  runText(toggled(queryText.value, condition, instead));
}

export function setColumns(names: readonly string[]): void {
  setQuery({ columns: names.join(',') }, { replace: true });
}

export function setFollowing(on: boolean): void {
  setQuery({ live: on ? '' : 'off' }, { replace: true });
}
