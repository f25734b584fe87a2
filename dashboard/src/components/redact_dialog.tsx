// "Redact this from now on": the rule that does it, what it does to this very request, and for
// which requests it shall hold.
import { useState } from 'preact/hooks';
import type { Exchange } from '../api/exchanges';
import { createRule, type Rule, type RuleDraft } from '../api/redaction';
import { Dialog, Failure } from './dialog';
import { useSubmit } from '../state/submit';
import { Field, problemAt, problemBeside } from './field';
import { emptyRule, kindName } from './rule_form';
import { RulePreview, useRulePreview } from './rule_preview';
import { Text } from './text';

interface RedactDialogProps {
  exchange: Exchange;
  rule: Pick<RuleDraft, 'kind' | 'value'>;
  close: () => void;
}

const shownOf = {
  request_body: 'request_body',
  response_body: 'response_body',
  header: 'request_headers',
  query: 'query_params',
  scrub: null,
} as const;

function Done({ rule, close }: { rule: Rule; close: () => void }) {
  return (
    <>
      <p class="dialog-text" role="status">
        From now on <code>{rule.value}</code> is masked. What is stored already stays as it is.
      </p>
      <div class="dialog-actions">
        <a class="button" href="/redaction">
          See all rules
        </a>
        <button type="button" class="button button-primary" onClick={close}>
          Done
        </button>
      </div>
    </>
  );
}

export function RedactDialog({ exchange, rule, close }: RedactDialogProps) {
  const [value, setValue] = useState(rule.value);
  const [everywhere, setEverywhere] = useState(true);
  const [note, setNote] = useState('');
  const [made, setMade] = useState<Rule | null>(null);
  const endpoint = { method: exchange.method, host: exchange.host, url_path: exchange.url_path };
  const draft: RuleDraft = {
    ...emptyRule,
    ...(everywhere ? {} : endpoint),
    kind: rule.kind,
    value,
    note,
  };
  const preview = useRulePreview({ id: exchange.id }, [draft]);
  const {
    busy,
    problem: refused,
    forgetProblem,
    submit,
  } = useSubmit(async () => setMade(await createRule(draft)));
  const problem = refused ?? (preview.kind === 'wrong' ? preview.problem : null);
  const body = rule.kind === 'request_body' || rule.kind === 'response_body';

  return (
    <Dialog title="Redact this from now on" close={close} wide>
      {made ? (
        <Done rule={made} close={close} />
      ) : (
        <form class="form dialog-form" onSubmit={submit}>
          <Field
            label={
              body ? `JSONPath, in the ${kindName(rule.kind).toLowerCase()}` : kindName(rule.kind)
            }
            problem={problemAt(problem, 'value')}
          >
            {(attributes) => (
              <input
                {...attributes}
                type="text"
                class="field mono"
                autocomplete="off"
                spellcheck={false}
                value={value}
                onInput={(event) => {
                  setValue(event.currentTarget.value);
                  forgetProblem();
                }}
              />
            )}
          </Field>
          <fieldset class="choices">
            <legend>Where</legend>
            <label>
              <input
                type="radio"
                name="scope"
                checked={everywhere}
                onChange={() => setEverywhere(true)}
              />
              <span>
                The whole project
                <span class="choice-more">Our SDK masks it before it leaves the application.</span>
              </span>
            </label>
            <label>
              <input
                type="radio"
                name="scope"
                checked={!everywhere}
                onChange={() => setEverywhere(false)}
              />
              <span>
                Only this endpoint:{' '}
                <code>
                  <Text value={`${exchange.method} ${exchange.url_path}`} clip={120} />
                </code>
                <span class="choice-more">The server masks it before it is stored.</span>
              </span>
            </label>
          </fieldset>
          <Field label="Note">
            {(attributes) => (
              <input
                {...attributes}
                type="text"
                class="field"
                placeholder="why, for those who come after"
                value={note}
                onInput={(event) => setNote(event.currentTarget.value)}
              />
            )}
          </Field>
          <section aria-label="Preview on this request" class="form-preview">
            <RulePreview state={preview} show={shownOf[rule.kind]} />
          </section>
          <Failure reason={problemBeside(refused, ['value'])} />
          <div class="dialog-actions">
            <button type="button" class="button" onClick={close}>
              Cancel
            </button>
            <button type="submit" class="button button-primary" disabled={busy || value === ''}>
              Redact from now on
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
