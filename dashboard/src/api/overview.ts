// What happened in a period, beside the period before it.
import { rangeParameters, type Range } from '../state/range';
import { call, withParameters } from './client';
import type { Exchange } from './exchanges';
import type { components } from './types';

export type Overview = components['schemas']['Overview'];
export type Totals = components['schemas']['TrafficTotals'];
export type Bucket = components['schemas']['TrafficBucket'];
export type EndpointTraffic = components['schemas']['TrafficEndpoint'];

export type Direction = Exchange['request_type'];

// Of what was served, or of what was called.
export async function getOverview(
  range: Range,
  type: Direction,
  signal: AbortSignal,
): Promise<Overview> {
  const { since, until } = rangeParameters(range);
  // The server takes no beginning for an hour ago.
  const from = since === '' ? ((await getStats(signal)).oldest ?? '') : since;
  const parameters = { since: from, until, type: type === 'incoming' ? '' : type };
  return call<Overview>(withParameters('/api/v1/overview', parameters), { signal });
}

// The same of a time in milliseconds.
export function trafficOf(
  since: number,
  until: number,
  type: Direction,
  signal: AbortSignal,
): Promise<Overview> {
  const iso = (time: number) => new Date(time).toISOString();
  const parameters = { since: iso(since), until: iso(until), type };
  return call<Overview>(withParameters('/api/v1/overview', parameters), { signal });
}

export type Stats = components['schemas']['Stats'];

export function getStats(signal: AbortSignal): Promise<Stats> {
  return call<Stats>('/api/v1/stats', { signal });
}
