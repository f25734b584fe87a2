// The values that the requests have, with how many have each; pressing one asks for it, or leaves
// it out. Those that are open at first are counted together, the others while they are open.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Histogram } from '../api/histogram';
import { runQuery, type QueryAnswer } from '../api/query';
import { formatCompact } from '../format/number';
import { visibleText } from '../format/visible_text';
import { differs, equals, hasCondition, type Scalar } from '../query/edit';
import { toggleCondition } from '../state/list_address';
import { useLoad, type Load } from '../state/load';
import type { Range } from '../state/range';
import { Icon } from './icons';
import { PanelState } from './panel';
import { Text } from './text';

interface Facet {
  title: string;
  // What is counted, and the conditions for a value of it.
  value: string;
  is: (value: Scalar) => string;
  isNot: (value: Scalar) => string;
  label?: (value: Scalar) => string;
}

function field(title: string, name: string): Facet {
  return {
    title,
    value: name,
    is: (value) => equals(name, value),
    isNot: (value) => differs(name, value),
  };
}

function statusRange(value: Scalar): string {
  return value === null
    ? 'isnull(status_code)'
    : `(status_code >= ${String(value)} and status_code < ${Number(value) + 100})`;
}

// The histogram has counted these.
const statusFacet: Facet = {
  title: 'Status',
  value: 'status_code - status_code % 100',
  is: statusRange,
  isNot: (value) => (value === null ? 'isnotnull(status_code)' : `not ${statusRange(value)}`),
  label: (value) => (value === null ? 'no status' : `${Number(value) / 100}xx`),
};
const openFacets = [field('Method', 'method'), field('Path', 'url_path')];
const otherFacets = [
  field('Code', 'status_code'),
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

function most(counts: ReadonlyMap<Scalar, number>): Counted {
  const values = [...counts]
    .filter(([, count]) => count > 0)
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count);
  return { values: values.slice(0, valuesMax), more: values.length > valuesMax };
}

function pipelineOf(condition: string, sections: readonly string[]): string {
  return [condition, ...sections].filter((section) => section !== '').join(' | ');
}

// Counts the values of a column.
function add(answer: QueryAnswer, name: string): Map<Scalar, number> {
  const column = answer.columns.findIndex((one) => one.name === name);
  const n = answer.columns.findIndex((one) => one.name === 'n');
  const counts = new Map<Scalar, number>();
  for (const row of answer.rows as Scalar[][]) {
    const value = row[column] ?? null;
    counts.set(value, (counts.get(value) ?? 0) + Number(row[n]));
  }
  return counts;
}

async function count(
  facet: Facet,
  condition: string,
  range: Range,
  signal: AbortSignal,
): Promise<Counted> {
  const pipeline = pipelineOf(condition, [
    `summarize n = count() by v = ${facet.value}`,
    'sort by n desc',
    `take ${valuesMax + 1}`,
  ]);
  return most(add(await runQuery(pipeline, range, { signal }), 'v'));
}

const combinationsMax = 10_000;

// One question for several facets: how often each combination of their values is there. Where those
// are too many, one after the other.
async function countTogether(
  facets: readonly Facet[],
  condition: string,
  range: Range,
  signal: AbortSignal,
): Promise<Counted[]> {
  const groups = facets.map(({ value }, index) => `v${index} = ${value}`).join(', ');
  const pipeline = pipelineOf(condition, [`summarize n = count() by ${groups}`]);
  const answer = await runQuery(pipeline, range, { limit: combinationsMax, signal });
  if (answer.stats.truncated) {
    return Promise.all(facets.map((facet) => count(facet, condition, range, signal)));
  }
  return facets.map((_, index) => most(add(answer, `v${index}`)));
}

// A part of what was loaded.
function part<T, U>(load: Load<T>, of: (value: T) => U): Load<U> {
  return { ...load, value: load.value === undefined ? undefined : of(load.value) };
}

function labelOf(facet: Facet, value: Scalar): string {
  return facet.label?.(value) ?? (value === null ? 'none' : String(value));
}

interface ValuesProps {
  facet: Facet;
  condition: string;
  load: Load<Counted>;
}

function Values({ facet, condition, load }: ValuesProps) {
  if (load.value === undefined) return <PanelState title={facet.title} load={load} />;
  const highest = Math.max(1, ...load.value.values.map((one) => one.count));
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
              <meter class="share" min={0} max={highest} value={n} aria-hidden="true" />
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

interface FacetProps {
  facet: Facet;
  condition: string;
  range: Range;
}

function ValuesByThemselves({ facet, condition, range }: FacetProps) {
  const key = JSON.stringify([facet.value, condition, range]);
  const load = useLoad(key, (signal) => count(facet, condition, range, signal), { keep: true });
  return <Values facet={facet} condition={condition} load={load} />;
}

interface SectionProps {
  title: string;
  open: boolean;
  children: () => ComponentChildren;
}

function FacetSection(props: SectionProps) {
  const [open, setOpen] = useState(props.open);
  return (
    <details class="facet" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{props.title}</summary>
      {open ? props.children() : null}
    </details>
  );
}

interface FacetsProps {
  condition: string;
  range: Range;
  histogram: Load<Histogram>;
}

function statusCounts({ counts }: Histogram): Counted {
  return most(new Map([...counts].map(([status, count]) => [status === 0 ? null : status, count])));
}

export function Facets({ condition, range, histogram }: FacetsProps) {
  const key = JSON.stringify([condition, range]);
  const together = useLoad(key, (signal) => countTogether(openFacets, condition, range, signal), {
    keep: true,
  });
  return (
    <aside class="facets" aria-label="Values">
      <FacetSection title={statusFacet.title} open>
        {() => (
          <Values facet={statusFacet} condition={condition} load={part(histogram, statusCounts)} />
        )}
      </FacetSection>
      {openFacets.map((facet, index) => (
        <FacetSection key={facet.title} title={facet.title} open>
          {() => (
            <Values
              facet={facet}
              condition={condition}
              load={part(together, (all) => all[index] ?? { values: [], more: false })}
            />
          )}
        </FacetSection>
      ))}
      {otherFacets.map((facet) => (
        <FacetSection key={facet.title} title={facet.title} open={false}>
          {() => <ValuesByThemselves facet={facet} condition={condition} range={range} />}
        </FacetSection>
      ))}
    </aside>
  );
}
