// The one menu that a value on a request's page has: which value it is for, and where it hangs.
import { signal } from '@preact/signals';
import type { JsonNode } from '../json/parse';
import type { Step } from '../json/place';

export type ValueField =
  | 'request_body'
  | 'response_body'
  | 'request_headers'
  | 'response_headers'
  | 'query_params'
  | 'path_params';

export interface ValueTarget {
  field: ValueField;
  place: readonly Step[];
  node: JsonNode;
  // What it hangs under, and what has the focus again when it closes.
  anchor: HTMLElement;
}

export const valueMenu = signal<ValueTarget | null>(null);

export function closeValueMenu(): void {
  const target = valueMenu.value;
  if (target === null) return;
  valueMenu.value = null;
  if (target.anchor.isConnected) target.anchor.focus({ preventScroll: true });
}
