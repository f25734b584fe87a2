// Counts, shares, and by how much a figure differs from the one before.
import { formatDuration } from './duration';

const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export function formatCount(count: number): string {
  return whole.format(count);
}

// 950, 1.2K, 3.4M: for where there is no room.
export function formatCompact(count: number): string {
  return count < 10_000 ? whole.format(Math.round(count * 10) / 10) : compact.format(count);
}

// A share of one as per cent, with three significant digits at most.
export function formatShare(share: number): string {
  const percent = share * 100;
  const digits = percent === 0 || percent >= 99.95 ? 0 : percent < 0.995 ? 2 : percent < 10 ? 1 : 0;
  return `${percent.toFixed(digits)} %`;
}

export function formatMilliseconds(ms: number): string {
  return formatDuration(Math.round(ms * 1e6));
}

function signed(text: string, difference: number): string {
  return difference < 0 ? `−${text}` : difference > 0 ? `+${text}` : `±${text}`;
}

// "+12 %". Null where there was nothing to compare with.
export function relativeChange(now: number, before: number): string | null {
  if (before === 0) return null;
  const share = (now - before) / before;
  const percent = Math.abs(share) * 100;
  const digits = percent !== 0 && percent < 9.95 ? 1 : 0;
  const text = `${percent >= 9_999.5 ? compact.format(percent) : percent.toFixed(digits)} %`;
  return signed(text, Number(percent.toFixed(digits)) === 0 ? 0 : share);
}

// "−3.20 ms".
export function durationChange(now: number, before: number): string {
  const difference = now - before;
  if (Math.abs(difference) < 5e-4) return '±0 ms';
  return signed(formatMilliseconds(Math.abs(difference)), difference);
}

// The difference of two shares, in percentage points: "+0.4 pp".
export function shareChange(now: number, before: number): string {
  const points = (now - before) * 100;
  const text = Math.abs(points) < 9.95 ? Math.abs(points).toFixed(2) : Math.abs(points).toFixed(1);
  return signed(`${text} pp`, Number(text) === 0 ? 0 : points);
}

// A length of time in whole units: 60 is "1 min".
export function formatSeconds(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  if (seconds % 60 === 0) return `${seconds / 60} min`;
  return `${seconds} s`;
}
