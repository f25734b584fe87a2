// Where in the list the reader was: its address with the filters, how far it was scrolled, and the
// row that was chosen; so that leaving a request leads back there.
import { signal } from '@preact/signals';

export const listAddress = signal('/requests');
export const chosenId = signal<string | null>(null);
export const place = { scrollTop: 0 };
