// The log lines of a request's trace, each at its time since the request began.
import type { LogLine } from '../api/exchanges';
import { formatDuration } from '../format/duration';
import { nanosecondsBetween } from '../format/time';
import { Text } from './text';

// OpenTelemetry's SeverityNumber.
export function severityName(severity: number): string {
  if (severity <= 0) return '';
  const names = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
  return names[Math.min(Math.floor((severity - 1) / 4), names.length - 1)] ?? '';
}

function offset(nanoseconds: number): string {
  return `${nanoseconds < 0 ? '−' : '+'}${formatDuration(Math.abs(nanoseconds))}`;
}

export function LogLines({ lines, start }: { lines: LogLine[]; start: string }) {
  return (
    <ol class="logs" tabIndex={0} aria-label="Log lines">
      {lines.map((line, index) => (
        <li key={index} class={`log log-${severityName(line.severity) || 'none'}`}>
          <time class="log-time number" dateTime={line.timestamp} title={line.timestamp}>
            {offset(nanosecondsBetween(start, line.timestamp))}
          </time>
          <span class="log-severity">{severityName(line.severity)}</span>
          <span class="log-body">
            <Text value={line.body} clip={1_000} />
            {Object.entries(line.attributes).map(([name, value]) => (
              <span key={name} class="log-attribute">
                <Text value={name} clip={80} />=
                <Text
                  value={typeof value === 'string' ? value : JSON.stringify(value)}
                  clip={200}
                />
              </span>
            ))}
          </span>
        </li>
      ))}
    </ol>
  );
}
