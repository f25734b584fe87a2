// The search of a request's page: one text, looked for in both bodies, and the match that is looked
// at now. JSON is searched as the tree shows it, everything else as text.
import { useMemo, useState } from 'preact/hooks';
import type { CapturedBody } from '../api/exchanges';
import type { Side } from '../format/redaction';
import { findInJson, findInText, matchesMax, type Route } from '../json/find';

export type Match = { kind: 'route'; route: Route } | { kind: 'offset'; offset: number };

export interface FoundInBody {
  needle: string;
  // The match to go to, if it is in this body.
  here: Match | null;
  serial: number;
}

export interface BodySearch {
  text: string;
  count: number;
  // More matches than are counted.
  more: boolean;
  // Of the match that is looked at; 0 is the first.
  at: number;
  search: (text: string) => void;
  step: (by: number) => void;
  // What a body's view needs; null while nothing is searched for.
  of: (side: Side) => FoundInBody | null;
}

function matchesIn(body: CapturedBody | null, needle: string): Match[] {
  if (body === null || needle === '') return [];
  if (body.node.kind === 'string') {
    return findInText(body.text, needle).map((offset) => ({ kind: 'offset', offset }));
  }
  return findInJson(body.node, needle).map((route) => ({ kind: 'route', route }));
}

export function useBodySearch(
  request: CapturedBody | null,
  response: CapturedBody | null,
): BodySearch {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [serial, setSerial] = useState(0);
  const needle = text.trim();
  const found = useMemo(
    () => ({ request: matchesIn(request, needle), response: matchesIn(response, needle) }),
    [request, response, needle],
  );
  const count = found.request.length + found.response.length;
  const go = (to: number) => {
    setAt(to);
    setSerial((last) => last + 1);
  };
  return {
    text,
    count,
    more: found.request.length >= matchesMax || found.response.length >= matchesMax,
    at,
    search: (next) => {
      setText(next);
      go(0);
    },
    step: (by) => {
      if (count > 0) go((at + by + count) % count);
    },
    of: (side) => {
      if (needle === '') return null;
      const index = side === 'request' ? at : at - found.request.length;
      return { needle, here: (index >= 0 && found[side][index]) || null, serial };
    },
  };
}
