// What a rule would do to a sample, asked from the server while the rule is being written.
import { useEffect, useState } from 'preact/hooks';
import { previewRules, type Preview, type RuleDraft, type Sample } from '../api/redaction';
import { plural } from '../format/bytes';
import { changedPlaces } from '../json/compare';
import { member, type JsonNode } from '../json/parse';
import { jsonPath, queryPath } from '../json/place';
import { FormProblem } from './field';
import { JsonTree } from './json_tree';
import { Text } from './text';

const typingMilliseconds = 250;

export type PreviewState =
  { kind: 'idle' } | { kind: 'ready'; preview: Preview } | { kind: 'wrong'; problem: FormProblem };

// The newest preview; the one before stays in sight while the next is under way.
export function useRulePreview(sample: Sample | null, rules: RuleDraft[]): PreviewState {
  const [state, setState] = useState<PreviewState>({ kind: 'idle' });
  const asked = JSON.stringify([sample, rules]);
  useEffect(() => {
    if (sample === null) {
      setState({ kind: 'idle' });
      return undefined;
    }
    const controller = new AbortController();
    const run = async () => {
      try {
        const preview = await previewRules(sample, rules, controller.signal);
        if (!controller.signal.aborted) setState({ kind: 'ready', preview });
      } catch (error) {
        if (controller.signal.aborted) return;
        setState({ kind: 'wrong', problem: FormProblem.of(error) });
      }
    };
    const timer = window.setTimeout(() => void run(), typingMilliseconds);
    return () => {
      window.clearTimeout(timer);
      controller.abort();
    };
  }, [asked]);
  return state;
}

const fields = [
  'request_body',
  'response_body',
  'request_headers',
  'response_headers',
  'query_params',
  'raw_url',
  'referer',
  'errors',
] as const;

// Everything that the rules change, as paths.
export function maskedPaths({ before, after }: Preview): string[] {
  return fields.flatMap((field) =>
    changedPlaces(member(before.source, field) ?? null, member(after.source, field) ?? null).map(
      (place) =>
        field.endsWith('_body') ? `${field} ${jsonPath(place)}` : queryPath(field, place),
    ),
  );
}

interface RulePreviewProps {
  state: PreviewState;
  // The part of the exchange to show whole.
  show: 'request_body' | 'response_body' | 'request_headers' | 'query_params' | null;
}

export function RulePreview({ state, show }: RulePreviewProps) {
  if (state.kind === 'idle') return <p class="preview-none faint">Nothing to try it on yet.</p>;
  if (state.kind === 'wrong') {
    const { member: at, detail } = state.problem;
    return (
      <p class="preview-none faint">
        There is no preview{at === 'value' ? ' of a rule that is wrong.' : `: ${detail}`}
      </p>
    );
  }
  const paths = maskedPaths(state.preview);
  const shown: JsonNode | undefined =
    show === null ? undefined : member(state.preview.after.source, show);
  return (
    <div class="preview">
      <p class="preview-count" role="status">
        {paths.length === 0 ? (
          'It masks nothing here that is not masked already.'
        ) : (
          <>
            Masks {plural(paths.length, 'value')} here:{' '}
            {paths.slice(0, 6).map((path, index) => (
              <>
                {index === 0 ? null : ', '}
                <code>
                  <Text value={path} clip={120} />
                </code>
              </>
            ))}
            {paths.length > 6 ? ' …' : null}
          </>
        )}
      </p>
      {shown === undefined || shown.kind === 'null' ? null : (
        <div class="preview-body">
          <JsonTree node={shown} label="What would be stored" />
        </div>
      )}
    </div>
  );
}
