// Redaction rules: what is masked in the project's exchanges from now on; and what rules would do.
import { call, request } from './client';
import { readExchange, type FullExchange } from './exchanges';
import { parseJsonWithSources } from '../json/parse';
import type { components } from './types';

export type Rule = components['schemas']['RedactionRule'];
export type RuleKind = Rule['kind'];
// One that asks the server for rules, as its requests tell; of this server, since it started.
export type RedactionSdk = components['schemas']['RedactionSdk'];

// A rule that is not made yet. An empty `method`, `host` or `url_path` means any.
export interface RuleDraft {
  kind: RuleKind;
  value: string;
  method: string;
  host: string;
  url_path: string;
  note: string;
}

const root = '/api/v1/redaction';

export async function listRules(signal: AbortSignal): Promise<Rule[]> {
  return (await call<{ data: Rule[] }>(root, { signal })).data;
}

export async function listSdks(signal: AbortSignal): Promise<RedactionSdk[]> {
  return (await call<{ data: RedactionSdk[] }>(`${root}/sdks`, { signal })).data;
}

export function createRule(draft: RuleDraft): Promise<Rule> {
  return call<Rule>(root, { method: 'POST', body: draft });
}

export function updateRule(id: number, draft: RuleDraft): Promise<Rule> {
  return call<Rule>(`${root}/${id}`, { method: 'PATCH', body: draft });
}

export async function deleteRule(id: number): Promise<void> {
  await request(`${root}/${id}`, { method: 'DELETE' });
}

// A stored exchange, or a message as SDKs send it (wire/README.md).
export type Sample = { id: string } | { exchange: Record<string, unknown> };

export interface Preview {
  before: FullExchange;
  after: FullExchange;
}

// What the project's rules and the draft would make of the sample; nothing is stored.
export async function previewRules(
  sample: Sample,
  rules: RuleDraft[],
  signal: AbortSignal,
): Promise<Preview> {
  const body = { ...sample, rules };
  const text = await request(`${root}/preview`, { method: 'POST', body, signal });
  const { sources } = parseJsonWithSources(text);
  const side = (name: string) => readExchange(sources.get(name) ?? '{}');
  return { before: side('before'), after: side('after') };
}
