// Exchanges of a made-up shop: enough of them for a full list, and one that shows everything.
import { randomUUID } from 'node:crypto';
import type { components } from '../src/api/types';

export type Exchange = components['schemas']['Exchange'];

// A value that is written into the answer as it stands, for what JSON.stringify could not say.
export class RawJson {
  constructor(readonly source: string) {}
}

export const projectId = '6f0d2f6e-1f7c-4a53-9a36-0d7a3f3c2b11';

export function makeExchange(changes: Partial<Exchange> = {}): Exchange {
  const timestamp = changes.timestamp ?? new Date().toISOString();
  return {
    id: randomUUID(),
    project_id: projectId,
    parent_id: null,
    request_type: 'incoming',
    timestamp,
    received_at: new Date(Date.parse(timestamp) + 40).toISOString(),
    timestamp_corrected: false,
    duration: 12_400_000,
    ttfb: 11_900_000,
    method: 'GET',
    host: 'shop.example:8000',
    raw_url: '/products?page=2',
    url_path: '/products',
    status_code: 200,
    proto_major: 1,
    proto_minor: 1,
    referer: '',
    sdk_type: 'PythonFlask',
    sdk_version: '0.1.0',
    service_name: 'shop',
    service_version: '3.0.0',
    tags: ['prod', 'eu'],
    client_ip: '203.0.113.9',
    consumer: '',
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    span_id: '00f067aa0ba902b7',
    parent_span_id: '',
    path_params: {},
    query_params: { page: '2' },
    request_headers: {
      Host: 'shop.example:8000',
      Accept: 'application/json',
      Authorization: '[CLIENT_REDACTED]',
      'User-Agent': 'shop-app/4.2 (iPhone; iOS 19.1)',
    },
    response_headers: { 'Content-Type': 'application/json', 'Content-Length': '118' },
    request_body: null,
    response_body: { items: [{ id: 7, name: 'Oolong', price: '12.50' }], next: null },
    request_size: 0,
    response_size: 118,
    request_body_truncated: false,
    response_body_truncated: false,
    errors: [],
    aborted: false,
    sample_weight: 1,
    redaction: [],
    ...changes,
  };
}

const stack = `Traceback (most recent call last):
  File "/srv/shop/.venv/lib/python3.11/site-packages/flask/app.py", line 1484, in full_dispatch_request
    rv = self.dispatch_request()
         ^^^^^^^^^^^^^^^^^^^^^^^
  File "/srv/shop/orders/views.py", line 88, in create_order
    charge = payments.charge(order.total, card)
  File "/srv/shop/orders/payments.py", line 41, in charge
    response.raise_for_status()
  File "/srv/shop/.venv/lib/python3.11/site-packages/httpx/_models.py", line 829, in raise_for_status
    raise HTTPStatusError(message, request=request, response=self)
httpx.HTTPStatusError: Server error '503 Service Unavailable' for url '/v1/charges'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/shop/orders/views.py", line 90, in create_order
    raise PaymentFailed(order.id) from error
orders.payments.PaymentFailed: order 4711 could not be charged
`;

// A failing order with everything that an exchange can have, and the three calls it made.
export function failingOrder(start: number): { order: Exchange; calls: Exchange[] } {
  const at = (ms: number) => new Date(start + ms).toISOString();
  const order = makeExchange({
    timestamp: at(0),
    duration: 1_284_300_000,
    ttfb: 1_283_900_000,
    method: 'POST',
    raw_url: '/shops/berlin/orders?notify=1&tag=a&tag=b&token=[CLIENT_REDACTED]',
    url_path: '/shops/<shop>/orders',
    status_code: 500,
    referer: 'https://shop.example/checkout',
    consumer: 'customer-1182',
    path_params: { shop: 'berlin' },
    query_params: { notify: '1', tag: ['a', 'b'], token: '[CLIENT_REDACTED]' },
    request_headers: {
      Host: 'shop.example:8000',
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': '412',
      Accept: ['application/json', 'text/plain;q=0.5'],
      Authorization: '[CLIENT_REDACTED]',
      Cookie: '[CLIENT_REDACTED]',
      'User-Agent': 'shop-app/4.2 (iPhone; iOS 19.1)',
      'X-Request-Source': "checkout's last step",
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    },
    response_headers: {
      'Content-Type': 'application/json',
      'Content-Length': '96',
      'Set-Cookie': ['[CLIENT_REDACTED]', '[CLIENT_REDACTED]'],
    },
    request_body: {
      customer: { id: 1182, name: 'Zoë Müller', email: 'zoe@example.com' },
      items: [
        { sku: 'tea-oolong-100', quantity: 2, price: '12.50', gift: false },
        { sku: 'cup-celadon', quantity: 1, price: '31.00', gift: true, note: '生日快乐 🎉' },
      ],
      card: { holder: 'Z MUELLER', number: '[CLIENT_REDACTED]', cvv: '[CLIENT_REDACTED]' },
      coupon: null,
    },
    response_body: { error: 'payment_failed', order: 4711, retry: true },
    request_size: 412,
    response_size: 96,
    errors: [
      {
        when: at(1_279),
        error_type: 'orders.payments.PaymentFailed',
        message: 'order 4711 could not be charged',
        root_error_type: 'httpx.HTTPStatusError',
        root_error_message: "Server error '503 Service Unavailable' for url '/v1/charges'",
        stack_trace: stack,
      },
      {
        when: at(640),
        error_type: 'StockWarning',
        message: 'cup-celadon: 1 left',
        root_error_type: 'StockWarning',
        root_error_message: 'cup-celadon: 1 left',
        stack_trace: '',
      },
    ],
  });
  const call = (ms: number, duration: number, changes: Partial<Exchange>) =>
    makeExchange({
      parent_id: order.id,
      request_type: 'outgoing',
      sdk_type: 'PythonOutgoing',
      timestamp: at(ms),
      duration: duration * 1e6,
      ttfb: null,
      client_ip: '',
      tags: [],
      query_params: {},
      parent_span_id: order.span_id,
      ...changes,
    });
  const calls = [
    call(14, 121, {
      host: 'inventory.internal:9000',
      raw_url: '/stock?sku=tea-oolong-100&sku=cup-celadon',
      url_path: '/stock',
      query_params: { sku: ['tea-oolong-100', 'cup-celadon'] },
      response_body: { 'tea-oolong-100': 52, 'cup-celadon': 1 },
    }),
    call(139, 388, {
      method: 'POST',
      host: 'fraud.example.net',
      raw_url: '/v2/score',
      url_path: '/v2/score',
      request_body: { customer: 1182, total: '56.00' },
      response_body: { score: 0.071, verdict: 'accept' },
    }),
    call(531, 744, {
      method: 'POST',
      host: 'api.payments.example',
      raw_url: '/v1/charges',
      url_path: '/v1/charges',
      status_code: 503,
      request_body: { amount: 5600, currency: 'EUR', source: '[CLIENT_REDACTED]' },
      response_body: 'upstream connect error or disconnect/reset before headers',
      response_headers: { 'Content-Type': 'text/plain', 'Retry-After': '2' },
    }),
  ];
  return { order, calls };
}

const shapes: [method: string, path: string, url: (n: number) => string, ms: number][] = [
  ['GET', '/products', (n) => `/products?page=${n % 9}`, 12],
  ['GET', '/products/<int:id>', (n) => `/products/${n * 7}`, 6],
  ['GET', '/shops/<shop>/orders', (n) => `/shops/berlin/orders?after=${n}`, 48],
  ['POST', '/shops/<shop>/orders', () => '/shops/lisbon/orders', 310],
  ['PUT', '/customers/<uuid:id>/address', (n) => `/customers/${uuidOf(n)}/address`, 27],
  ['DELETE', '/cart/<int:id>/items/<int:item>', (n) => `/cart/${n}/items/${n % 5}`, 9],
  ['GET', '/search', (n) => `/search?q=green+tea&offset=${n * 20}`, 160],
  ['PATCH', '/products/<int:id>', (n) => `/products/${n}`, 33],
];

function uuidOf(n: number): string {
  return `0190a3c2-5b1e-7d3a-8f00-${String(n).padStart(12, '0')}`;
}

// The nth of an endless, repeatable series.
export function ordinaryExchange(n: number, timestamp: string): Exchange {
  const dice = (n * 2_654_435_761) % 4_294_967_296;
  const [method, path, url, ms] = shapes[dice % shapes.length] ?? shapes[0]!;
  const roll = (dice >>> 8) % 100;
  const created = method === 'POST' ? 201 : method === 'DELETE' ? 204 : 200;
  const status =
    roll < 82 ? created : roll < 87 ? 304 : roll < 96 ? [400, 401, 404, 422][n % 4]! : 500;
  const report = {
    when: timestamp,
    error_type: 'sqlalchemy.exc.OperationalError',
    message: 'could not connect to the database',
    root_error_type: 'ConnectionRefusedError',
    root_error_message: '[Errno 111] Connection refused',
    stack_trace: stack,
  };
  const jitter = 0.4 + ((dice >>> 16) % 1000) / 600;
  return makeExchange({
    timestamp,
    method,
    url_path: path,
    raw_url: url(n % 900),
    status_code: status,
    duration: Math.round(ms * jitter * 1e6),
    response_size: ((dice >>> 12) % 9000) + 40,
    errors: status === 500 ? [report] : [],
    service_version: n % 11 === 0 ? '3.1.0-rc.1' : '3.0.0',
    aborted: n % 97 === 5,
  });
}

export function seedExchanges(count: number, now = Date.now()): Exchange[] {
  const list: Exchange[] = [];
  for (let n = 0; n < count; n += 1) {
    const timestamp = new Date(now - 3_000 - n * 7_300).toISOString();
    list.push(ordinaryExchange(n, timestamp));
    if (n % 9 === 4) {
      const parent = list[list.length - 1]!;
      list.push(
        makeExchange({
          parent_id: parent.id,
          request_type: 'outgoing',
          sdk_type: 'PythonOutgoing',
          timestamp: new Date(Date.parse(timestamp) + 2).toISOString(),
          host: 'inventory.internal:9000',
          raw_url: `/stock?sku=${n}`,
          url_path: '/stock',
          duration: 4_100_000,
        }),
      );
    }
  }
  return list;
}
