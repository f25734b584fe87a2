// Where in the list the reader was: its address with the filters, how far he had scrolled, and which
// row he had chosen; so that leaving a request brings him back there.
import { signal } from '@preact/signals';

export const listAddress = signal('/requests');
export const chosenId = signal<string | null>(null);
export const place = { scrollTop: 0 };
