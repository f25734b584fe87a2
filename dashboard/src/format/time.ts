// Times. A timestamp is RFC 3339 with up to nine fractional digits; Date keeps only three of them.

export function milliseconds(timestamp: string): number {
  return Date.parse(timestamp);
}

// How long `later` is after `earlier`, in nanoseconds; negative if it is before.
export function nanosecondsBetween(earlier: string, later: string): number {
  const [from, fromFraction] = splitFraction(earlier);
  const [to, toFraction] = splitFraction(later);
  return (to - from) * 1e6 + (toFraction - fromFraction);
}

function splitFraction(timestamp: string): [number, number] {
  const match = /^(.*?)\.(\d+)(.*)$/.exec(timestamp);
  if (!match) return [Date.parse(timestamp), 0];
  const fraction = Number((match[2] ?? '').padEnd(9, '0').slice(0, 9));
  return [Date.parse(`${match[1] ?? ''}${match[3] ?? ''}`), fraction];
}

export function formatRelative(timestamp: string, now: number): string {
  const seconds = Math.round((now - milliseconds(timestamp)) / 1000);
  if (Number.isNaN(seconds)) return 'unknown';
  if (seconds < -5) return 'in the future';
  if (seconds < 2) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

const absolute = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  timeZoneName: 'short',
});

export function formatAbsolute(timestamp: string): string {
  const time = milliseconds(timestamp);
  return Number.isNaN(time) ? 'unknown' : absolute.format(time);
}

const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

export function formatClock(time: number): string {
  return clock.format(time);
}

const shortMoment = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const minuteClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

// "28 Nov, 10:32".
export function formatMoment(timestamp: string): string {
  const time = milliseconds(timestamp);
  return Number.isNaN(time) ? 'unknown' : shortMoment.format(time);
}

// "10:32 – 11:32", with the days where it is not today.
export function formatSpan(from: string, to: string): string {
  const [start, end] = [new Date(from), new Date(to)];
  const today = new Date().toDateString();
  const format = (time: Date, other: Date | null) =>
    (time.toDateString() === (other?.toDateString() ?? today) ? minuteClock : shortMoment).format(
      time,
    );
  return `${format(start, null)} – ${format(end, start)}`;
}

const second = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

// "28 Nov 2026, 10:32:00", with the fraction where there is one.
export function formatSecond(timestamp: string): string {
  const time = milliseconds(timestamp);
  if (Number.isNaN(time)) return 'unknown';
  const fraction = /\.(\d*[1-9])0*(?=\D*)/.exec(timestamp)?.[1];
  return second.format(time) + (fraction === undefined ? '' : `.${fraction}`);
}
