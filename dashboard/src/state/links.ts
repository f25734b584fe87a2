// Addresses of other pages, with the range that is shown.
import { range, rangeSearch } from './range';

// The requests that fulfil a condition.
export function requestsLink(condition: string): string {
  const members = { query: condition, ...rangeSearch(range.value) };
  const said = Object.entries(members).filter(([, value]) => value !== '');
  return `/requests?${new URLSearchParams(said).toString()}`;
}
