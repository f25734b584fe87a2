// Where two trees of the same shape differ: what a rule has masked.
import type { JsonNode } from './parse';
import { writeJsonCompact } from './write';
import type { Step } from './place';

export const placesMax = 200;

export function changedPlaces(before: JsonNode | null, after: JsonNode | null): Step[][] {
  const found: Step[][] = [];
  const walk = (a: JsonNode, b: JsonNode, place: Step[]): void => {
    if (found.length >= placesMax) return;
    if (a.kind === 'object' && b.kind === 'object' && a.members.length === b.members.length) {
      a.members.forEach((entry, index) => {
        const other = b.members[index];
        if (other) walk(entry.value, other.value, [...place, entry.name]);
      });
    } else if (a.kind === 'array' && b.kind === 'array' && a.items.length === b.items.length) {
      a.items.forEach((item, index) => {
        const other = b.items[index];
        if (other) walk(item, other, [...place, index]);
      });
    } else if (writeJsonCompact(a) !== writeJsonCompact(b)) {
      found.push(place);
    }
  };
  if (before && after) walk(before, after, []);
  else if (before !== after) found.push([]);
  return found;
}
