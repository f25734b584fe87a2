// Who changed what, when and from where.
import { listAudit } from '../../api/audit';
import { may } from '../../api/session';
import { MoreRows } from '../../components/more_rows';
import { Panel } from '../../components/panel';
import { Text } from '../../components/text';
import { formatAbsolute, formatSecond } from '../../format/time';
import { usePages } from '../../state/pages';

const entriesAtOnce = 100;

export function AuditPage() {
  const pages = usePages('audit', (cursor, signal) => listAudit(cursor, entriesAtOnce, signal));
  return (
    <Panel
      id="audit-title"
      title={may('owner') ? 'Audit log of the whole server' : 'Audit log'}
      load={pages.first}
      empty={(page) => (page.data.length === 0 ? 'Nothing was changed yet.' : undefined)}
    >
      {() => (
        <>
          <div class="table-scroll">
            <table class="list-table">
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">Who</th>
                  <th scope="col">What</th>
                  <th scope="col">Which</th>
                  <th scope="col" class="wide-only">
                    From
                  </th>
                </tr>
              </thead>
              <tbody>
                {pages.rows.map((entry) => (
                  <tr key={entry.id}>
                    <th scope="row" class="cell-time number">
                      <time dateTime={entry.at} title={formatAbsolute(entry.at)}>
                        {formatSecond(entry.at.replace(/\.\d+/, ''))}
                      </time>
                    </th>
                    <td>
                      <Text value={entry.actor} clip={100} />
                    </td>
                    <td class="mono cell-action">
                      <Text value={entry.action} clip={60} />
                    </td>
                    <td>
                      <Text value={entry.subject} clip={160} />
                      {entry.detail === '' ? null : (
                        <span class="cell-more">
                          <Text value={entry.detail} clip={300} />
                        </span>
                      )}
                    </td>
                    <td class="mono cell-address wide-only">
                      <Text value={entry.peer} clip={60} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <MoreRows pages={pages} />
        </>
      )}
    </Panel>
  );
}
