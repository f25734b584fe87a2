// The fields of a redaction rule: what is masked, and in which exchanges.
import type { RuleDraft, RuleKind } from '../api/redaction';
import { Field, problemAt, type FormProblem } from './field';

export const kinds: readonly (readonly [RuleKind, string])[] = [
  ['request_body', 'Request body'],
  ['response_body', 'Response body'],
  ['header', 'Header'],
  ['query', 'Query parameter'],
  ['scrub', 'Values of a kind'],
];
export const detectors = ['credit_card', 'jwt', 'email', 'iban', 'ssn', 'bearer'] as const;
export const ruleMembers = ['kind', 'value', 'method', 'host', 'url_path', 'note'] as const;

export const emptyRule: RuleDraft = {
  kind: 'request_body',
  value: '',
  method: '',
  host: '',
  url_path: '',
  note: '',
};

export function kindName(kind: RuleKind): string {
  return kinds.find(([name]) => name === kind)?.[1] ?? kind;
}

export function isForEndpoint(rule: Pick<RuleDraft, 'method' | 'host' | 'url_path'>): boolean {
  return Boolean(rule.method) || Boolean(rule.host) || Boolean(rule.url_path);
}

const valueLabels: Record<RuleKind, [label: string, hint: string, placeholder: string]> = {
  request_body: ['JSONPath', 'RFC 9535; of forms, the fields’ names.', '$.user.password'],
  response_body: ['JSONPath', 'RFC 9535; of forms, the fields’ names.', '$..token'],
  header: ['Name', 'In requests and responses, in any case.', 'X-Session'],
  query: ['Name', 'In the URL, the Referer and the parameters.', 'ssn'],
  scrub: ['Kind', 'Wherever such a value stands: bodies, URLs, headers, errors.', ''],
};

interface RuleFormProps {
  draft: RuleDraft;
  change: (changes: Partial<RuleDraft>) => void;
  problem: FormProblem | null;
}

function Value({ draft, change, problem }: RuleFormProps) {
  const [label, hint, placeholder] = valueLabels[draft.kind];
  return (
    <Field label={label} hint={hint} problem={problemAt(problem, 'value')}>
      {(attributes) =>
        draft.kind === 'scrub' ? (
          <select
            {...attributes}
            class="menu"
            value={draft.value}
            onChange={(event) => change({ value: event.currentTarget.value })}
          >
            {detectors.map((name) => (
              <option key={name} value={name} selected={name === draft.value}>
                {name.replace('_', ' ')}
              </option>
            ))}
          </select>
        ) : (
          <input
            {...attributes}
            type="text"
            class="field mono"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            placeholder={placeholder}
            value={draft.value}
            onInput={(event) => change({ value: event.currentTarget.value })}
          />
        )
      }
    </Field>
  );
}

export function RuleForm({ draft, change, problem }: RuleFormProps) {
  const text = (member: 'method' | 'host' | 'url_path' | 'note', label: string, hint: string) => (
    <Field label={label} problem={problemAt(problem, member)}>
      {(attributes) => (
        <input
          {...attributes}
          type="text"
          class={member === 'note' ? 'field' : 'field mono'}
          autocomplete="off"
          spellcheck={false}
          placeholder={hint}
          value={draft[member]}
          onInput={(event) => change({ [member]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
  return (
    <div class="form">
      <Field label="Mask" problem={problemAt(problem, 'kind')}>
        {(attributes) => (
          <select
            {...attributes}
            class="menu"
            value={draft.kind}
            onChange={(event) => {
              const kind = event.currentTarget.value as RuleKind;
              const words = kind === 'scrub' || draft.kind === 'scrub';
              const value = words ? (kind === 'scrub' ? detectors[0] : '') : draft.value;
              change({ kind, value });
            }}
          >
            {kinds.map(([name, words]) => (
              <option key={name} value={name} selected={name === draft.kind}>
                {words}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Value draft={draft} change={change} problem={problem} />
      <fieldset class="form-row">
        <legend>In requests that fit; empty means any</legend>
        {text('method', 'Method', 'any')}
        {text('host', 'Host', 'any')}
        {text('url_path', 'Route', 'any')}
      </fieldset>
      {text('note', 'Note', 'why')}
    </div>
  );
}
