// What a project is set up with: keys, members, rules, dead letters, an audit log, counters.
import type { MockAccount } from './mock_account';

const minute = 60_000;

function ago(minutes: number): string {
  return new Date(Date.now() - minutes * minute).toISOString();
}

export function seedAccount(account: MockAccount): void {
  const limits = { requests_per_s: null, bytes_per_s: null };
  account.keys = [
    {
      id: 1,
      name: 'shop, production',
      prefix: 'atk_51f0',
      scopes: ['ingest'],
      requests_per_s: 500,
      bytes_per_s: 20_000_000,
      created_at: ago(60 * 24 * 40),
      last_used_at: ago(1),
      revoked_at: null,
    },
    {
      id: 2,
      name: 'reports',
      prefix: 'atk_c47a',
      scopes: ['read'],
      ...limits,
      created_at: ago(60 * 24 * 12),
      last_used_at: null,
      revoked_at: null,
    },
    {
      id: 3,
      name: 'the old shop',
      prefix: 'atk_09be',
      scopes: ['ingest', 'read'],
      ...limits,
      created_at: ago(60 * 24 * 300),
      last_used_at: ago(60 * 24 * 41),
      revoked_at: ago(60 * 24 * 40),
    },
  ];
  account.users = [
    { id: 1, name: 'ada', role: 'owner', created_at: ago(60 * 24 * 300) },
    { id: 2, name: 'grace', role: 'admin', created_at: ago(60 * 24 * 90) },
    { id: 3, name: 'lin', role: 'viewer', created_at: ago(60 * 24 * 3) },
  ];
  const anywhere = { method: null, host: null, url_path: null };
  account.rules = [
    {
      id: 1,
      kind: 'request_body',
      value: '$.user.password',
      ...anywhere,
      note: 'log-in and sign-up',
      created_at: ago(60 * 24 * 30),
    },
    {
      id: 2,
      kind: 'response_body',
      value: '$.items[*].customer.email',
      method: 'GET',
      host: null,
      url_path: '/shops/{shop}/orders',
      note: '',
      created_at: ago(60 * 5),
    },
    { id: 3, kind: 'header', value: 'X-Session', ...anywhere, note: '', created_at: ago(90) },
  ];
  const flask = {
    sdk: 'apitoolkit-flask/0.3.0',
    applies_rules: true,
    key_id: 1,
    address: '203.0.113.9',
    first_asked_at: ago(600),
    last_asked_at: ago(1),
    confirmed_at: ago(80),
    taken: [1, 3],
    missing: [],
  };
  account.sdks = [
    flask,
    { ...flask, sdk: 'apitoolkit-flask/0.2.1', address: '203.0.113.12', taken: [1], missing: [3] },
    { ...flask, sdk: 'JsExpress', applies_rules: false, confirmed_at: null, taken: [] },
  ];
  account.letters = Array.from({ length: 60 }, (_, n) => ({
    id: 60 - n,
    received_at: ago(3 + n * 11),
    source: n % 4 === 0 ? 'pubsub_grpc' : 'pubsub_rest',
    reason: n === 1 ? 'duration: still not a number' : 'method: expected a string, found a number',
    bytes: Buffer.from(`{"method": 7, "n": ${n}}`).toString('base64'),
  }));
  const actions = ['key.create', 'redaction.create', 'user.role', 'session.create'];
  account.audit = Array.from({ length: 130 }, (_, n) => ({
    id: 130 - n,
    at: ago(4 + n * 37),
    project_id: account.project.id,
    actor: n % 3 === 0 ? 'user ada' : 'key atk_51f0 (shop, production)',
    peer: '203.0.113.9',
    action: actions[n % actions.length] ?? '',
    subject: n % 2 === 0 ? 'key 2 (reports)' : 'rule 3',
    detail: n % 5 === 0 ? 'scopes: read' : '',
  }));
  let reading = 0;
  account.metrics = () => {
    reading += 1;
    return [
      '# HELP apitoolkit_messages_received_total Messages received, by door',
      `apitoolkit_messages_received_total{source="pubsub_rest"} ${4_000 + reading * 10}`,
      'apitoolkit_messages_received_total{source="otlp_http"} 120',
      'apitoolkit_ingest_refused_total{source="pubsub_rest",reason="queue_full"} 3',
      'apitoolkit_exchanges_stored_total 4108',
      'apitoolkit_exchanges_duplicate_total 12',
      'apitoolkit_dead_letters_total 60',
      'apitoolkit_commit_errors_total 0',
      'apitoolkit_commit_seconds_sum 1.5',
      'apitoolkit_commit_seconds_count 300',
      'apitoolkit_ingest_queue_bytes 2048',
      'apitoolkit_read_only 0',
      'apitoolkit_store_exchanges 1000000',
      'apitoolkit_store_bytes 1.2e+09',
      '',
    ].join('\n');
  };
}
