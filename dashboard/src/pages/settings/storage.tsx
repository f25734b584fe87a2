// What is stored, and how long it stays.
import { readMetrics, total } from '../../api/metrics';
import { getStats } from '../../api/overview';
import { Icon } from '../../components/icons';
import { Fact } from '../../components/pairs';
import { Panel } from '../../components/panel';
import { RelativeTime } from '../../components/time';
import { formatBytes, plural } from '../../format/bytes';
import { formatAbsolute } from '../../format/time';
import { useLoad } from '../../state/load';

const refreshMilliseconds = 10_000;

function Moment({ timestamp }: { timestamp: string | null }) {
  if (timestamp === null) return <>none</>;
  return (
    <>
      <RelativeTime timestamp={timestamp} />
      <span class="fact-more">{formatAbsolute(timestamp)}</span>
    </>
  );
}

export function StoragePage() {
  const every = { everyMilliseconds: refreshMilliseconds };
  const stats = useLoad('stats', getStats, every);
  const metrics = useLoad('metrics', readMetrics, every);
  return (
    <>
      <Panel id="stored-title" title="In this project" load={stats} body="panel-facts">
        {(value) => (
          <dl class="facts">
            <Fact name="Exchanges">{value.exchanges.toLocaleString('en')}</Fact>
            <Fact name="Dead letters">{value.dead_letters.toLocaleString('en')}</Fact>
            <Fact name="Oldest">
              <Moment timestamp={value.oldest} />
            </Fact>
            <Fact name="Newest">
              <Moment timestamp={value.newest} />
            </Fact>
          </dl>
        )}
      </Panel>
      <Panel
        id="disk-title"
        title="On the disk, all projects together"
        load={metrics}
        body="panel-facts"
      >
        {(value) => (
          <dl class="facts">
            <Fact name="Size">{formatBytes(total(value, 'apitoolkit_store_bytes'))}</Fact>
            <Fact name="Exchanges">
              {total(value, 'apitoolkit_store_exchanges').toLocaleString('en')}
            </Fact>
            <Fact name="An exchange takes">
              {formatBytes(
                Math.round(
                  total(value, 'apitoolkit_store_bytes') /
                    Math.max(1, total(value, 'apitoolkit_store_exchanges')),
                ),
              )}
            </Fact>
            <Fact name="Takes exchanges in">
              {total(value, 'apitoolkit_read_only') === 0 ? (
                'yes'
              ) : (
                <span class="danger">no: {stats.value?.read_only ?? 'it is read-only'}</span>
              )}
            </Fact>
          </dl>
        )}
      </Panel>
      <Panel id="retention-title" title="Retention" load={stats} body="panel-facts">
        {({ retention, retention_held: held }) => (
          <>
            <dl class="facts">
              <Fact name="Kept for">{plural(retention.days, 'day')}</Fact>
              <Fact name="Together at most">
                {retention.bytes === null ? 'no limit' : formatBytes(retention.bytes)}
              </Fact>
              <Fact name="Free on the disk at least">{formatBytes(retention.free_bytes)}</Fact>
            </dl>
            {held === null ? null : (
              <p class="note">
                <Icon name="warning" />
                <span>Nothing is dropped for its age at present: {held}</span>
              </p>
            )}
            <p class="panel-words">
              What goes are whole UTC days, the oldest first; the newest day stays. The limits are
              given to the server when it starts: <code>--retention-days</code> and{' '}
              <code>--retention-bytes</code>, or <code>retention_days</code> and{' '}
              <code>retention_bytes</code> in its configuration file.
            </p>
          </>
        )}
      </Panel>
    </>
  );
}
