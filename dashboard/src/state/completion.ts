// What the query box suggests: the server's words, and the values of the field before the caret.
import { useEffect, useState } from 'preact/hooks';
import { listFields, listValues } from '../api/query';
import { placeAt, type Place, type Suggestion, type Vocabulary } from '../query/complete';
import { range } from './range';

const typingMilliseconds = 120;
const shownMax = 12;
const nothing: Vocabulary = { fields: [], functions: [], sections: [] };

// Asked for once, when somebody first writes a query.
export function useVocabulary(wanted: boolean): Vocabulary {
  const [vocabulary, setVocabulary] = useState(nothing);
  useEffect(() => {
    if (!wanted || vocabulary !== nothing) return undefined;
    const controller = new AbortController();
    listFields(controller.signal).then(
      ({ data, functions, sections }) => setVocabulary({ fields: data, functions, sections }),
      // Without its words a query can be written all the same.
      () => undefined,
    );
    return () => controller.abort();
  }, [wanted]);
  return vocabulary;
}

function prefixOf(typed: string): string {
  return typed.replace(/^["']/, '');
}

// The suggestions at a caret, none of them while values are asked for; null where there is nothing
// to suggest.
export function useCompletion(
  text: string,
  caret: number | null,
  vocabulary: Vocabulary,
): { place: Place; list: Suggestion[] } | null {
  const place = caret === null ? null : placeAt(text, caret, vocabulary);
  const field = place?.valuesOf ?? null;
  const prefix = place && field !== null ? prefixOf(place.typed) : '';
  const key = field === null ? null : JSON.stringify([field, prefix]);
  const [values, setValues] = useState<{ key: string | null; list: Suggestion[] }>({
    key: null,
    list: [],
  });

  useEffect(() => {
    if (key === null || field === null) return undefined;
    const controller = new AbortController();
    const timer = window.setTimeout(() => {
      listValues(field, prefix, range.value, controller.signal).then(
        ({ data }) => {
          if (controller.signal.aborted) return;
          const list = data.map(({ literal, count }): Suggestion => ({
            label: literal,
            insert: `${literal} `,
            note: count.toLocaleString('en'),
            kind: 'value',
          }));
          setValues({ key, list });
        },
        () => controller.signal.aborted || setValues({ key, list: [] }),
      );
    }, typingMilliseconds);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [key]);

  if (place === null) return null;
  const own = key !== null && values.key === key ? values.list : [];
  const list = [...own, ...place.suggestions]
    .filter(({ label }) => label !== place.typed)
    .slice(0, shownMax);
  const asking = key !== null && values.key !== key;
  return list.length === 0 && !asking ? null : { place, list };
}
