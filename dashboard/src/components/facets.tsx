// The values that the requests have, with how many have each; pressing one asks for it, or leaves
// it out. A facet is counted while it is open.
import { useState } from 'preact/hooks';
import { runQuery } from '../api/query';
import { formatCompact } from '../format/number';
import { visibleText } from '../format/visible_text';
import { differs, equals, hasCondition, type Scalar } from '../query/edit';
import { toggleCondition } from '../state/list_address';
import { useLoad } from '../state/load';
import type { Range } from '../state/range';
import { Icon } from './icons';
import { PanelState } from './panel';
import { Text } from './text';

interface Facet {
  title: string;
  // What is counted, and the conditions for a value of it.
  value: string;
  open: boolean;
  is: (value: Scalar) => string;
  isNot: (value: Scalar) => string;
  label?: (value: Scalar) => string;
}

function field(title: string, name: string, open = false): Facet {
  return {
    title,
    value: name,
    open,
    is: (value) => equals(name, value),
    isNot: (value) => differs(name, value),
  };
}

function statusRange(value: Scalar): string {
  return value === null
    ? 'isnull(status_code)'
    : `(status_code >= ${String(value)} and status_code < ${Number(value) + 100})`;
}

const facets: Facet[] = [
  {
    title: 'Status',
    value: 'status_code - status_code % 100',
    open: true,
    is: statusRange,
    isNot: (value) => (value === null ? 'isnotnull(status_code)' : `not ${statusRange(value)}`),
    label: (value) => (value === null ? 'no status' : `${Number(value) / 100}xx`),
  },
  field('Code', 'status_code'),
  field('Method', 'method', true),
  field('Path', 'url_path', true),
  field('Host', 'host'),
  field('Direction', 'request_type'),
  field('Service', 'service'),
  field('Version', 'service_version'),
  field('Consumer', 'consumer'),
];

const valuesMax = 12;

interface Counted {
  values: { value: Scalar; count: number }[];
  more: boolean;
}

async function count(
  facet: Facet,
  condition: string,
  range: Range,
  signal: AbortSignal,
): Promise<Counted> {
  const sections = [
    condition,
    `summarize n = count() by v = ${facet.value}`,
    'sort by n desc',
    `take ${valuesMax + 1}`,
  ];
  const pipeline = sections.filter((section) => section !== '').join(' | ');
  const answer = await runQuery(pipeline, range, { signal });
  const [v, n] = ['v', 'n'].map((name) => answer.columns.findIndex((one) => one.name === name));
  const values = answer.rows.map((row) => {
    const cells = row as Scalar[];
    return { value: cells[v ?? 0] ?? null, count: Number(cells[n ?? 1]) };
  });
  return { values: values.slice(0, valuesMax), more: values.length > valuesMax };
}

interface FacetProps {
  facet: Facet;
  condition: string;
  range: Range;
}

function labelOf(facet: Facet, value: Scalar): string {
  return facet.label?.(value) ?? (value === null ? 'none' : String(value));
}

function Values({ facet, condition, range }: FacetProps) {
  const key = JSON.stringify([facet.value, condition, range]);
  const load = useLoad(key, (signal) => count(facet, condition, range, signal), { keep: true });
  if (load.value === undefined) return <PanelState title={facet.title} load={load} />;
  const most = Math.max(1, ...load.value.values.map((one) => one.count));
  return (
    <ul class={load.stale ? 'panel-stale' : ''} aria-busy={load.busy}>
      {load.value.values.map(({ value, count: n }) => {
        const [same, other] = [facet.is(value), facet.isNot(value)];
        const label = labelOf(facet, value);
        const name = visibleText(label).slice(0, 100);
        return (
          <li key={String(value)} class="facet-value">
            <button
              type="button"
              class="facet-add"
              aria-pressed={hasCondition(condition, same)}
              title={name}
              onClick={() => toggleCondition(same, other)}
            >
              <span class="facet-name">
                <Text value={label.slice(0, 120)} />
              </span>
              <span class="facet-count">{formatCompact(n)}</span>
              <meter class="share" min={0} max={most} value={n} aria-hidden="true" />
            </button>
            <button
              type="button"
              class="facet-leave-out"
              aria-label={`Leave out ${facet.title} ${name}`}
              title="Leave out"
              onClick={() => toggleCondition(other, same)}
            >
              <Icon name="minus" />
            </button>
          </li>
        );
      })}
      {load.value.values.length === 0 ? <li class="faint">Nothing</li> : null}
      {load.value.more ? <li class="faint">and more: narrow the query</li> : null}
    </ul>
  );
}

function FacetSection(props: FacetProps) {
  const [open, setOpen] = useState(props.facet.open);
  return (
    <details class="facet" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{props.facet.title}</summary>
      {open ? <Values {...props} /> : null}
    </details>
  );
}

export function Facets({ condition, range }: { condition: string; range: Range }) {
  return (
    <aside class="facets" aria-label="Values">
      {facets.map((facet) => (
        <FacetSection key={facet.title} facet={facet} condition={condition} range={range} />
      ))}
    </aside>
  );
}
