// What happened in a period, beside the period before it.
import { rangeParameters, type Range } from '../state/range';
import { call, withParameters } from './client';
import type { components } from './types';

export type Overview = components['schemas']['Overview'];
export type Totals = components['schemas']['TrafficTotals'];
export type Bucket = components['schemas']['TrafficBucket'];
export type EndpointTraffic = components['schemas']['TrafficEndpoint'];

export function getOverview(range: Range, signal: AbortSignal): Promise<Overview> {
  return call<Overview>(withParameters('/api/v1/overview', rangeParameters(range)), { signal });
}

export type Stats = components['schemas']['Stats'];

export function getStats(signal: AbortSignal): Promise<Stats> {
  return call<Stats>('/api/v1/stats', { signal });
}
