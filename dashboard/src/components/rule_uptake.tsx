// Which SDKs have taken rules up: of one rule by version, and each of them with what it has.
import type { RedactionSdk, Rule } from '../api/redaction';
import { plural } from '../format/bytes';
import { Text } from './text';
import { RelativeTime } from './time';

// The SDKs that could apply a rule, by whether they do.
interface Uptake {
  // They have said that they hold it.
  held: string[];
  // They were given it, and have not come back since.
  given: string[];
  // They have not asked since it was made.
  missing: string[];
}

function uptakeOf(rule: Rule, sdks: readonly RedactionSdk[]): Uptake {
  const named = (list: readonly RedactionSdk[]) => [...new Set(list.map(({ sdk }) => sdk))];
  const able = sdks.filter(({ applies_rules }) => applies_rules);
  const taken = able.filter((one) => one.taken.includes(rule.id));
  return {
    held: named(taken.filter(({ confirmed_at }) => confirmed_at !== null)),
    given: named(taken.filter(({ confirmed_at }) => confirmed_at === null)),
    missing: named(able.filter((one) => one.missing.includes(rule.id))),
  };
}

function Names({ label, names }: { label: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <div>
      <span class="faint">{label}</span> <Text value={names.join(', ')} clip={120} />
    </div>
  );
}

export function RuleUptake({
  rule,
  sdks,
}: {
  rule: Rule;
  sdks: readonly RedactionSdk[] | undefined;
}) {
  if (rule.method !== null || rule.host !== null || rule.url_path !== null) {
    return <span class="faint">the server</span>;
  }
  if (sdks === undefined) return null;
  const { held, given, missing } = uptakeOf(rule, sdks);
  if (held.length + given.length + missing.length === 0) {
    return <span class="faint">the server; no SDK of ours has asked</span>;
  }
  return (
    <>
      <Names label="" names={held} />
      <Names label="given to" names={given} />
      <Names label="not yet" names={missing} />
    </>
  );
}

function State({ sdk }: { sdk: RedactionSdk }) {
  if (!sdk.applies_rules) return <>it gets none: the server applies them</>;
  const all = sdk.taken.length + sdk.missing.length;
  const holds = `${sdk.taken.length} of ${plural(all, 'rule')}`;
  return (
    <>
      {holds}
      {sdk.confirmed_at === null && sdk.taken.length > 0 ? ', given and not yet confirmed' : ''}
    </>
  );
}

export function SdkTable({ sdks }: { sdks: readonly RedactionSdk[] }) {
  return (
    <div class="table-scroll">
      <table class="list-table">
        <thead>
          <tr>
            <th scope="col">SDK</th>
            <th scope="col">Has</th>
            <th scope="col" class="wide-only">
              Address
            </th>
            <th scope="col">Asked</th>
          </tr>
        </thead>
        <tbody>
          {sdks.map((sdk) => (
            <tr key={`${sdk.sdk} ${sdk.key_id} ${sdk.address}`}>
              <th scope="row" class="mono">
                <Text value={sdk.sdk} clip={120} />
              </th>
              <td>
                <State sdk={sdk} />
              </td>
              <td class="wide-only">
                <Text value={sdk.address} clip={60} />
              </td>
              <td class="cell-time">
                <RelativeTime timestamp={sdk.last_asked_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
