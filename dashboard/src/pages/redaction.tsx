// What is masked in the project's exchanges from now on; rules are tried before they hold.
import { useEffect, useMemo, useState } from 'preact/hooks';
import {
  createRule,
  deleteRule,
  listRules,
  listSdks,
  updateRule,
  type RedactionSdk,
  type Rule,
  type RuleDraft,
  type Sample,
} from '../api/redaction';
import { may } from '../api/session';
import { Confirm, Dialog, Failure } from '../components/dialog';
import { Field, problemBeside } from '../components/field';
import { Panel } from '../components/panel';
import { emptyRule, isForEndpoint, kindName, RuleForm, ruleMembers } from '../components/rule_form';
import { RulePreview, useRulePreview } from '../components/rule_preview';
import { RuleUptake, SdkTable } from '../components/rule_uptake';
import { Section } from '../components/section';
import { Text } from '../components/text';
import { RelativeTime } from '../components/time';
import { useLoad } from '../state/load';
import { useSubmit } from '../state/submit';

function draftOf(rule: Rule): RuleDraft {
  const { kind, value, note } = rule;
  const { method, host, url_path } = rule;
  return { kind, value, note, method: method ?? '', host: host ?? '', url_path: url_path ?? '' };
}

const sampleBody = `{
  "user": {"id": 7, "email": "ada@example.com", "password": "correct horse"},
  "cards": [{"number": "4111 1111 1111 1111", "cvv": "123"}]
}`;

function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return window.btoa(binary);
}

// A message as SDKs send it, of the endpoint that the draft is for, with the body on both sides.
function messageOf(body: string, draft: RuleDraft): Sample {
  const headers = { 'Content-Type': 'application/json' };
  return {
    exchange: {
      method: draft.method || 'POST',
      host: draft.host || 'localhost',
      url_path: draft.url_path || '/',
      raw_url: draft.url_path || '/',
      status_code: 200,
      timestamp: new Date(0).toISOString(),
      request_headers: headers,
      response_headers: headers,
      request_body: base64(body),
      response_body: base64(body),
    },
  };
}

function RuleDialog({
  known,
  changed,
  close,
}: {
  known: Rule | null;
  changed: () => void;
  close: () => void;
}) {
  const [draft, setDraft] = useState(known ? draftOf(known) : emptyRule);
  const [body, setBody] = useState(sampleBody);
  const tried = draft.value.trim() !== '';
  const sample = useMemo(
    () => (tried ? messageOf(body, draft) : null),
    [tried, body, draft.method, draft.host, draft.url_path],
  );
  const preview = useRulePreview(sample, [draft]);
  const wrong = preview.kind === 'wrong' ? preview.problem : null;
  const {
    busy,
    problem: refused,
    forgetProblem,
    submit,
  } = useSubmit(async () => {
    if (known) await updateRule(known.id, draft);
    else await createRule(draft);
    changed();
    close();
  });
  return (
    <Dialog title={known ? 'Change a rule' : 'New rule'} close={close} wide>
      <form class="form" onSubmit={submit}>
        <RuleForm
          draft={draft}
          change={(changes) => {
            setDraft({ ...draft, ...changes });
            forgetProblem();
          }}
          problem={refused ?? wrong}
        />
        <Field label="Try it on">
          {(attributes) => (
            <textarea
              {...attributes}
              class="field try-body"
              spellcheck={false}
              value={body}
              onInput={(event) => setBody(event.currentTarget.value)}
            />
          )}
        </Field>
        <section aria-label="Preview" class="form-preview">
          <RulePreview
            state={preview}
            show={draft.kind === 'request_body' ? 'request_body' : 'response_body'}
          />
        </section>
        <Failure reason={problemBeside(refused, ruleMembers)} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button button-primary" disabled={busy || !tried}>
            {known ? 'Change' : 'Redact from now on'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface RuleRowsProps {
  rules: Rule[];
  sdks: RedactionSdk[] | undefined;
  change: (rule: Rule) => void;
  remove: (rule: Rule) => void;
}

function Where({ rule }: { rule: Rule }) {
  if (!isForEndpoint(draftOf(rule))) return <span class="faint">everywhere</span>;
  return (
    <span class="mono">
      <Text value={`${rule.method ?? ''} ${rule.host ?? ''}${rule.url_path ?? ''}`} clip={200} />
    </span>
  );
}

function RuleRows({ rules, sdks, change, remove }: RuleRowsProps) {
  const admin = may('admin');
  return (
    <div class="table-scroll">
      <table class="list-table">
        <thead>
          <tr>
            <th scope="col">Masks</th>
            <th scope="col">In</th>
            <th scope="col">Where</th>
            <th scope="col" class="wide-only">
              Taken up by
            </th>
            <th scope="col" class="wide-only">
              Note
            </th>
            <th scope="col" class="wide-only">
              Since
            </th>
            {admin ? <td /> : null}
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <tr key={rule.id}>
              <th scope="row" class="mono">
                <Text value={rule.value} clip={200} />
              </th>
              <td>{kindName(rule.kind)}</td>
              <td>
                <Where rule={rule} />
              </td>
              <td class="wide-only">
                <RuleUptake rule={rule} sdks={sdks} />
              </td>
              <td class="wide-only">
                <Text value={rule.note} clip={200} />
              </td>
              <td class="wide-only cell-time">
                <RelativeTime timestamp={rule.created_at} />
              </td>
              {admin ? (
                <td class="row-actions">
                  <button type="button" class="button button-quiet" onClick={() => change(rule)}>
                    Change
                  </button>
                  <button
                    type="button"
                    class="button button-quiet button-warn"
                    onClick={() => remove(rule)}
                  >
                    Delete
                  </button>
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NoRules() {
  return (
    <p>
      There is no rule yet.{' '}
      {may('admin')
        ? 'Make one here, or on a value of a request: “Redact this from now on”.'
        : 'An admin of the project can make one.'}
    </p>
  );
}

// A body to try the rules on that hold now.
function TryIt({ changedAt }: { changedAt: number }) {
  const [body, setBody] = useState(sampleBody);
  const sample = useMemo(() => messageOf(body, emptyRule), [body, changedAt]);
  const preview = useRulePreview(may('member') ? sample : null, noRules);
  return (
    <Section id="try-title" title="Try a body">
      {may('member') ? (
        <div class="try">
          <Field label="A body; nothing of it is stored">
            {(attributes) => (
              <textarea
                {...attributes}
                class="field"
                spellcheck={false}
                value={body}
                onInput={(event) => setBody(event.currentTarget.value)}
              />
            )}
          </Field>
          <div class="labelled">
            <span class="labelled-name">What would be stored, as a request’s body</span>
            <div class="preview-pane" role="region" aria-label="Preview" tabIndex={0}>
              <RulePreview state={preview} show="request_body" />
            </div>
          </div>
        </div>
      ) : (
        <p class="panel-words">
          Members of the project may try rules on a body; you may read them.
        </p>
      )}
    </Section>
  );
}

const noRules: RuleDraft[] = [];
const sdksMilliseconds = 10_000;

type Open = { kind: 'edit'; rule: Rule | null } | { kind: 'delete'; rule: Rule } | null;

export function RedactionPage() {
  const load = useLoad('rules', listRules);
  const sdks = useLoad('sdks', listSdks, { everyMilliseconds: sdksMilliseconds });
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  useEffect(() => {
    document.title = 'Redaction · APIToolkit';
  }, []);
  const admin = may('admin');
  return (
    <div class="page page-plain">
      <div class="page-head">
        <h1>Redaction</h1>
        {admin ? (
          <button
            type="button"
            class="button button-primary"
            onClick={() => setOpen({ kind: 'edit', rule: null })}
          >
            New rule
          </button>
        ) : null}
      </div>
      <div class="page-panels">
        <p class="page-words">
          Rules hold for everything that comes in from now on, at every door. Those of the whole
          project are also given to our SDK, which asks every minute: from then on the value does
          not leave the application. Those of an endpoint are applied by the server. Passwords,
          tokens and cookies in headers and URLs are always masked. The whole of it stands in{' '}
          <code>docs/redaction.md</code>.
        </p>
        <Panel
          id="rules-title"
          title="Rules"
          load={load}
          {...(load.value ? { count: load.value.length } : {})}
          empty={(rules) => (rules.length === 0 ? <NoRules /> : undefined)}
        >
          {(rules) => (
            <RuleRows
              rules={rules}
              sdks={sdks.value}
              change={(rule) => setOpen({ kind: 'edit', rule })}
              remove={(rule) => setOpen({ kind: 'delete', rule })}
            />
          )}
        </Panel>
        <Panel
          id="sdks-title"
          title="SDKs that have asked"
          load={sdks}
          empty={(all) =>
            all.length === 0 ? <p>None has asked since the server started.</p> : undefined
          }
        >
          {(all) => <SdkTable sdks={all} />}
        </Panel>
        <TryIt changedAt={load.loadedAt} />
      </div>
      {open?.kind === 'edit' ? (
        <RuleDialog known={open.rule} changed={load.reload} close={close} />
      ) : null}
      {open?.kind === 'delete' ? (
        <Confirm
          title="Delete this rule?"
          action="Delete"
          run={async () => {
            await deleteRule(open.rule.id);
            load.reload();
          }}
          close={close}
        >
          <p>
            <code>
              <Text value={open.rule.value} clip={200} />
            </code>{' '}
            is no longer masked in what comes in. What was masked stays masked.
          </p>
        </Confirm>
      ) : null}
    </div>
  );
}
