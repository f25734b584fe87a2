// The figures of a period, each with its difference to the period before: a number, no verdict.
import type { Overview, Totals } from '../api/overview';
import { formatBytes } from '../format/bytes';
import {
  durationChange,
  formatCompact,
  formatCount,
  formatMilliseconds,
  formatShare,
  relativeChange,
  shareChange,
} from '../format/number';
import type { Load } from '../state/load';
import { PanelState } from './panel';

interface Figure {
  name: string;
  text: (totals: Totals) => string;
  // Null where there is nothing to compare with.
  change: (now: Totals, before: Totals) => string | null;
  title?: (totals: Totals) => string;
}

type Percentile = 'p50_ms' | 'p75_ms' | 'p95_ms' | 'p99_ms';

function count(name: string, member: 'requests' | 'endpoints' | 'requests_per_minute'): Figure {
  return {
    name,
    text: (totals) => formatCompact(totals[member]),
    title: (totals) => formatCount(totals[member]),
    change: (now, before) => relativeChange(now[member], before[member]),
  };
}

function percentile(member: Percentile): Figure {
  const text = (totals: Totals) => {
    const ms = totals[member];
    return ms === null ? '–' : formatMilliseconds(ms);
  };
  return {
    name: member.replace('_ms', ''),
    text,
    change: (now, before) => {
      const [a, b] = [now[member], before[member]];
      return a === null || b === null ? null : durationChange(a, b);
    },
  };
}

const figures: Figure[] = [
  count('Requests', 'requests'),
  count('Per minute', 'requests_per_minute'),
  {
    name: 'Error rate',
    text: ({ error_rate: rate }) => (rate === null ? '–' : formatShare(rate)),
    title: (totals) => `${formatCount(totals.server_errors)} answered 5xx`,
    change: ({ error_rate: now }, { error_rate: before }) =>
      now === null || before === null ? null : shareChange(now, before),
  },
  percentile('p50_ms'),
  percentile('p75_ms'),
  percentile('p95_ms'),
  percentile('p99_ms'),
  count('Endpoints', 'endpoints'),
  {
    name: 'Traffic',
    text: (totals) => formatBytes(totals.request_bytes + totals.response_bytes),
    title: (totals) =>
      `${formatBytes(totals.request_bytes)} received, ${formatBytes(totals.response_bytes)} sent`,
    change: (now, before) =>
      relativeChange(
        now.request_bytes + now.response_bytes,
        before.request_bytes + before.response_bytes,
      ),
  },
];

export function TotalsStrip({ load }: { load: Load<Overview> }) {
  const { value } = load;
  return (
    <section class="totals" aria-label="Figures, beside the period before" aria-busy={load.busy}>
      {value === undefined && load.status !== 'loading' ? (
        <PanelState title="Figures" load={load} />
      ) : (
        <dl class={load.stale ? 'panel-stale' : ''}>
          {figures.map((figure) => (
            <div key={figure.name} class="total">
              <dt>{figure.name}</dt>
              <dd title={value && figure.title?.(value.totals)}>
                {value ? figure.text(value.totals) : <i class="total-skeleton" />}
              </dd>
              <dd class="total-change" title={value && `Before: ${figure.text(value.before)}`}>
                {value ? (figure.change(value.totals, value.before) ?? '–') : null}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
