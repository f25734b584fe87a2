// What the server counts of itself, of all projects, since it started: GET /metrics, in Prometheus'
// text format. A proxy may keep that address from the world; then there are no figures.
//
//   sample = name [ "{" label *( "," label ) "}" ] " " number
//   label  = name "=" '"' text '"'
import { request } from './client';

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface Metrics {
  // When they were read, in milliseconds of the page's own clock.
  readAt: number;
  samples: Sample[];
}

const line = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;

export function parseMetrics(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const row of text.split('\n')) {
    const match = row.startsWith('#') ? null : line.exec(row);
    if (!match) continue;
    const labels: Record<string, string> = {};
    for (const [, name = '', value = ''] of (match[2] ?? '').matchAll(label)) {
      labels[name] = value.replace(/\\(.)/g, (_, character: string) =>
        character === 'n' ? '\n' : character,
      );
    }
    samples.push({ name: match[1] ?? '', labels, value: Number(match[3]) });
  }
  return samples;
}

export async function readMetrics(signal: AbortSignal): Promise<Metrics> {
  const samples = parseMetrics(await request('/metrics', { signal, anonymous: true }));
  if (samples.length === 0) throw new Error('The server’s counters are not open here.');
  return { readAt: performance.now(), samples };
}

// The sum of what fits; 0 where nothing was counted yet.
export function total(metrics: Metrics, name: string, labels: Record<string, string> = {}): number {
  return metrics.samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([key, is]) => sample.labels[key] === is))
    .reduce((sum, { value }) => sum + value, 0);
}

// The values that a label has, in the order of the answer.
export function labelValues(metrics: Metrics, name: string, key: string): string[] {
  const found = metrics.samples.filter((sample) => sample.name === name);
  return [...new Set(found.map((sample) => sample.labels[key] ?? ''))];
}
