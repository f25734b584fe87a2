// The time that a page shows. It lives in the address: `since` and `until` as the REST interface
// takes them, relative to now or RFC 3339; `since=all` for everything there is.
import { computed } from '@preact/signals';
import { plural } from '../format/bytes';
import { query, setQuery } from '../router';

export interface Range {
  since: string;
  // Exclusive; empty for now.
  until: string;
}

export const defaultSince = '-1h';

export const presets: readonly (readonly [since: string, label: string])[] = [
  ['-15m', 'Last 15 minutes'],
  ['-1h', 'Last hour'],
  ['-6h', 'Last 6 hours'],
  ['-1d', 'Last 24 hours'],
  ['-3d', 'Last 3 days'],
  ['-7d', 'Last 7 days'],
  ['-30d', 'Last 30 days'],
  ['all', 'All time'],
];

export const range = computed<Range>(() => ({
  since: query.value.get('since') ?? defaultSince,
  until: query.value.get('until') ?? '',
}));

const units: Record<string, number> = {
  s: 1e3,
  m: 60e3,
  h: 3600e3,
  d: 86_400e3,
};

// Milliseconds since 1970; null for `all` and for what is no time.
export function momentOf(text: string, now: number): number | null {
  const relative = /^-(\d+)([smhd])$/.exec(text);
  if (relative) return now - Number(relative[1]) * (units[relative[2] ?? ''] ?? 0);
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : time;
}

export function setRange(next: Range): void {
  setQuery({ since: next.since === defaultSince ? '' : next.since, until: next.until });
}

// Shows the time between two moments, in milliseconds since 1970.
export function zoomTo(from: number, to: number): void {
  const iso = (time: number) => new Date(Math.round(time)).toISOString();
  setRange({ since: iso(Math.min(from, to)), until: iso(Math.max(from, to)) });
}

// What the REST interface is asked for.
export function rangeParameters(shown: Range): { since: string; until: string } {
  return { since: shown.since === 'all' ? '' : shown.since, until: shown.until };
}

// The members of an address that keep the range on another page.
export function rangeSearch(shown: Range): Record<string, string> {
  return { since: shown.since === defaultSince ? '' : shown.since, until: shown.until };
}

const moment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const precise = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

function describeMoment(text: string, format: Intl.DateTimeFormat): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : format.format(time);
}

const unitNames: Record<string, string> = { s: 'second', m: 'minute', h: 'hour', d: 'day' };

export function describeRange(shown: Range): string {
  const preset = presets.find(([since]) => since === shown.since);
  if (preset && shown.until === '') return preset[1];
  const [, count = '', unit = ''] = /^-(\d+)([smhd])$/.exec(shown.since) ?? [];
  if (unit !== '' && shown.until === '') {
    return `Last ${plural(Number(count), unitNames[unit] ?? '')}`;
  }
  const end = shown.until === '' ? Date.now() : Date.parse(shown.until);
  const short = end - Date.parse(shown.since) < 600e3;
  const format = short ? precise : moment;
  const from = describeMoment(shown.since, format);
  return `${from} – ${shown.until === '' ? 'now' : describeMoment(shown.until, format)}`;
}
