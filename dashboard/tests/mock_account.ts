// The mock server's part for what a project is set up with: rules, shares, keys, members, dead
// letters, the audit log. It answers by role as the real one does.
import { projectId, type Exchange } from './seed';
import type { components } from '../src/api/types';

type Schemas = components['schemas'];
type Role = Schemas['Session']['role'];

export interface Reply {
  status: number;
  value?: unknown;
  pointer?: string;
  detail?: string;
}

export interface Question {
  method: string;
  // Below /api/v1.
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

const roles: Role[] = ['viewer', 'member', 'admin', 'owner'];

function ok(value: unknown, status = 200): Reply {
  return { status, value };
}

function list(data: unknown[], next_cursor: string | null = null): Reply {
  return ok({ data, next_cursor });
}

function no(status: number, detail: string, pointer?: string): Reply {
  return pointer === undefined ? { status, detail } : { status, detail, pointer };
}

const ended: Reply = { status: 204 };

export class MockAccount {
  role: Role = 'owner';
  project = { id: projectId, name: 'tea-shop', created_at: '2026-01-04T09:30:00Z' };
  rules: Schemas['RedactionRule'][] = [];
  sdks: Schemas['RedactionSdk'][] = [];
  shares: Schemas['Share'][] = [];
  keys: Schemas['ApiKey'][] = [];
  users: Schemas['User'][] = [];
  letters: Schemas['DeadLetter'][] = [];
  audit: Schemas['AuditEntry'][] = [];
  logs: Record<string, Schemas['LogList']['data']> = {};
  stats: Record<string, unknown> = {};
  deleted = false;
  // What /metrics answers.
  metrics = (): string => 'apitoolkit_read_only 0\n';
  private last = 100;

  private next(): number {
    this.last += 1;
    return this.last;
  }

  private may(role: Role): boolean {
    return roles.indexOf(this.role) >= roles.indexOf(role);
  }

  // Null for what is not of this part.
  answer(question: Question, exchanges: Exchange[]): Reply | null {
    const [, first = '', id = '', third = ''] = question.path.split('/');
    const needs = (role: Role, then: () => Reply): Reply =>
      this.may(role) ? then() : no(403, `this needs the role ${role}`);
    switch (first) {
      case 'redaction':
        if (id === 'preview') return needs('member', () => this.preview(question.body, exchanges));
        if (id === 'sdks') return list(this.sdks);
        if (question.method === 'GET') return list(this.rules);
        return needs('admin', () => this.changeRule(question, Number(id)));
      case 'shares':
        return needs('member', () => this.share(question, id));
      case 'keys':
        return needs('admin', () => this.key(question, Number(id)));
      case 'users':
        return needs('admin', () => this.user(question, Number(id)));
      case 'projects':
        return this.projects(question, needs);
      case 'audit':
        return needs('admin', () => this.page(this.audit, question.query));
      case 'dead-letters':
        return this.letter(question, Number(id), third, needs);
      case 'stats':
        return ok({
          exchanges: exchanges.length,
          dead_letters: this.letters.length,
          oldest: exchanges[exchanges.length - 1]?.timestamp ?? null,
          newest: exchanges[0]?.timestamp ?? null,
          read_only: null,
          retention: { days: 14, bytes: 20e9, free_bytes: 268_435_456 },
          retention_held: null,
          server: null,
          version: '0.1.0',
          ...this.stats,
        });
      default:
        return null;
    }
  }

  private page(all: { id: number }[], query: URLSearchParams): Reply {
    const limit = Number(query.get('limit') ?? 100);
    const from = Number(query.get('cursor') ?? 0);
    const data = all.slice(from, from + limit);
    return list(data, from + limit < all.length ? String(from + limit) : null);
  }

  private changeRule({ method, body }: Question, id: number): Reply {
    const at = this.rules.findIndex((rule) => rule.id === id);
    if (method !== 'POST' && at === -1) return no(404, 'there is no such rule', 'id');
    if (method === 'DELETE') {
      this.rules.splice(at, 1);
      return ended;
    }
    const draft = { ...(this.rules[at] ?? {}), ...body } as Schemas['RedactionRule'];
    const wrong = checkRule(draft);
    if (wrong) return no(400, wrong, 'value');
    const rule = {
      id: this.rules[at]?.id ?? this.next(),
      kind: draft.kind,
      value: draft.value,
      method: draft.method || null,
      host: draft.host || null,
      url_path: draft.url_path || null,
      note: draft.note ?? '',
      created_at: this.rules[at]?.created_at ?? new Date().toISOString(),
    };
    if (at === -1) this.rules.push(rule);
    else this.rules[at] = rule;
    return ok(rule, at === -1 ? 201 : 200);
  }

  private preview(body: Record<string, unknown>, exchanges: Exchange[]): Reply {
    const drafts = (body['rules'] ?? []) as Schemas['RedactionRule'][];
    for (const [index, draft] of drafts.entries()) {
      const wrong = checkRule(draft);
      if (wrong) return no(400, wrong, `rules/${index}/value`);
    }
    const given = body['exchange'] as Record<string, unknown> | undefined;
    const before = given
      ? decodeMessage(given)
      : exchanges.find((exchange) => exchange.id === body['id']);
    if (!before) return no(404, 'there is no such exchange', 'id');
    const after = structuredClone(before) as Exchange;
    for (const rule of [...this.rules, ...drafts]) mask(after, rule);
    return ok({ before, after });
  }

  private share({ method, body }: Question, id: string): Reply {
    if (method === 'GET') return list(this.shares);
    if (method === 'DELETE') {
      this.shares = this.shares.filter((share) => share.id !== Number(id));
      return ended;
    }
    const share: Schemas['Share'] = {
      id: this.next(),
      exchange_id: String(body['exchange_id']),
      created_by: 'ada',
      created_at: new Date().toISOString(),
      expires_at: new Date(Date.now() + Number(body['expires_in_s']) * 1000).toISOString(),
    };
    this.shares.push(share);
    return ok({ ...share, path: `/share/${'a1b2c3d4'.repeat(8)}` }, 201);
  }

  private key({ method, body }: Question, id: number): Reply {
    if (method === 'GET') return list(this.keys);
    const found = this.keys.find((key) => key.id === id);
    if (method === 'POST') {
      if (String(body['name'] ?? '') === '') return no(400, 'expected a name', 'name');
      const key: Schemas['ApiKey'] = {
        id: this.next(),
        name: String(body['name']),
        prefix: 'atk_9f3c',
        scopes: body['scopes'] as Schemas['ApiKey']['scopes'],
        requests_per_s: (body['requests_per_s'] ?? null) as number | null,
        bytes_per_s: (body['bytes_per_s'] ?? null) as number | null,
        created_at: new Date().toISOString(),
        last_used_at: null,
        revoked_at: null,
      };
      this.keys.push(key);
      return ok(
        { ...key, secret: 'atk_9f3c71d2a84b5566778899aabbccddeeff00112233445566778899aabbcc' },
        201,
      );
    }
    if (!found) return no(404, 'there is no such key', 'id');
    if (method === 'DELETE') {
      found.revoked_at = new Date().toISOString();
      return ended;
    }
    Object.assign(found, body);
    return ok(found);
  }

  private user({ method, body }: Question, id: number): Reply {
    if (method === 'GET') return list(this.users);
    const found = this.users.find((user) => user.id === id);
    if (method === 'POST') {
      const name = String(body['name'] ?? '');
      if (this.users.some((user) => user.name === name)) {
        return no(409, 'there is such a user already', 'name');
      }
      if (String(body['password'] ?? '').length < 8) {
        return no(400, 'expected 8 to 256 characters', 'password');
      }
      const role = body['role'] as Role;
      this.users.push({ id: this.next(), name, role, created_at: new Date().toISOString() });
      return ok(this.users[this.users.length - 1], 201);
    }
    if (!found) return no(404, 'there is no such user', 'id');
    if (found.role === 'owner' && (method === 'DELETE' || body['role'] !== 'owner')) {
      const owners = this.users.filter((user) => user.role === 'owner');
      if (owners.length === 1) return no(400, 'there is always an owner', 'role');
    }
    if (method === 'DELETE') {
      this.users = this.users.filter((user) => user !== found);
      return ended;
    }
    Object.assign(found, { role: body['role'] ?? found.role });
    return ok(found);
  }

  private projects(
    { method, body }: Question,
    needs: (role: Role, then: () => Reply) => Reply,
  ): Reply {
    const shown = () => ({ ...this.project, role: this.role });
    if (method === 'GET') return list([shown()]);
    if (method === 'DELETE') {
      return needs('owner', () => {
        this.deleted = true;
        return ended;
      });
    }
    if (method === 'POST') return needs('owner', () => ok({ ...shown(), name: body['name'] }, 201));
    return needs('admin', () => {
      if (String(body['name'] ?? '') === '') return no(400, 'expected a name', 'name');
      this.project.name = String(body['name']);
      return ok(shown());
    });
  }

  private letter(
    { method, query }: Question,
    id: number,
    action: string,
    needs: (role: Role, then: () => Reply) => Reply,
  ): Reply {
    if (method === 'GET' && !id) return this.page(this.letters, query);
    const found = this.letters.find((letter) => letter.id === id);
    if (!found) return no(404, 'there is no such dead letter', 'id');
    if (method === 'GET') return ok(found);
    return needs('member', () => {
      if (action === 'replay' && found.reason.includes('still')) {
        return no(409, found.reason, 'id');
      }
      this.letters = this.letters.filter((letter) => letter !== found);
      return ended;
    });
  }
}

function checkRule(rule: Schemas['RedactionRule']): string | null {
  if (rule.value === '') return 'expected a value';
  if (!rule.kind.endsWith('_body')) return null;
  if (!rule.value.startsWith('$')) return `"${rule.value}": expected $ at column 1`;
  if (/[[(]$/.test(rule.value)) {
    return `"${rule.value}": expected a selector at column ${rule.value.length + 1}`;
  }
  return null;
}

const marker = '[CLIENT_REDACTED]';

// Names, indices, [*] and ..name: what the tests use.
function maskPath(root: unknown, path: string): unknown {
  if (path === '$') return marker;
  const steps = path.match(/\.\.[\w-]+|\.[\w-]+|\[\*\]|\[\d+\]|\['(?:[^'\\]|\\.)*'\]/g) ?? [];
  const walk = (node: unknown, at: number): unknown => {
    if (at === steps.length) return marker;
    if (typeof node !== 'object' || node === null) return node;
    const step = steps[at] ?? '';
    const deep = step.startsWith('..');
    const name = step.replace(/^\.+|^\['|'\]$|[[\]]/g, '');
    const entries = Object.entries(node).map(([key, value]): [string, unknown] => {
      const hit = step === '[*]' || key === name;
      if (hit) return [key, walk(value, at + 1)];
      return [key, deep ? walk(value, at) : value];
    });
    return Array.isArray(node) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
  };
  return walk(root, 0);
}

function mask(exchange: Exchange, rule: Schemas['RedactionRule']): void {
  const body = rule.kind === 'request_body' || rule.kind === 'response_body' ? rule.kind : null;
  if (rule.url_path && rule.url_path !== exchange.url_path) return;
  if (rule.method && rule.method !== exchange.method) return;
  if (body && exchange[body] !== null) exchange[body] = maskPath(exchange[body], rule.value);
  if (rule.kind !== 'header') return;
  for (const headers of [exchange.request_headers, exchange.response_headers]) {
    for (const name of Object.keys(headers)) {
      if (name.toLowerCase() === rule.value.toLowerCase()) headers[name] = marker;
    }
  }
}

function decodeMessage(message: Record<string, unknown>): Partial<Exchange> {
  const body = (name: string): unknown => {
    const text = message[name];
    if (typeof text !== 'string') return null;
    const decoded = Buffer.from(text, 'base64').toString('utf8');
    try {
      return JSON.parse(decoded) as unknown;
    } catch {
      return decoded;
    }
  };
  return {
    ...(message as Partial<Exchange>),
    request_body: body('request_body'),
    response_body: body('response_body'),
    request_headers: (message['request_headers'] ?? {}) as Exchange['request_headers'],
    response_headers: {},
  };
}
