// The answer to a pipeline: its own columns, and what was read for it.
import { useState } from 'preact/hooks';
import type { QueryAnswer, QueryStats } from '../api/query';
import { formatBytes, plural } from '../format/bytes';
import { formatDuration } from '../format/duration';
import { formatCount, formatMilliseconds } from '../format/number';
import { formatSecond } from '../format/time';
import { Text } from './text';

const numbers = new Set(['integer', 'double', 'duration']);
const cellCharactersMax = 400;

function cellText(value: unknown, type: string): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') {
    if (type === 'duration') return formatDuration(value);
    return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(6)));
  }
  if (typeof value === 'string') return type === 'time' ? formatSecond(value) : value;
  return JSON.stringify(value);
}

export function QueryFigures({ stats, rows }: { stats: QueryStats; rows: number }) {
  const bytes = stats.scanned_bytes === 0 ? '' : ` and ${formatBytes(stats.scanned_bytes)}`;
  // What was counted when it was stored had not to be read.
  const ahead = stats.counted_exchanges
    ? `, ${formatCount(stats.counted_exchanges)} counted ahead`
    : '';
  return (
    <span class="query-figures">
      {plural(rows, 'row')}
      {stats.truncated ? ', and there are more' : ''}; {formatCount(stats.scanned_exchanges)}{' '}
      exchanges{bytes} read{ahead} in {formatMilliseconds(stats.elapsed_ms)}
    </span>
  );
}

const rowsAtOnce = 500;

export function ResultTable({ answer }: { answer: QueryAnswer }) {
  const [shown, setShown] = useState(rowsAtOnce);
  return (
    <div class="result" tabIndex={0} role="region" aria-label="The answer, as a table">
      <table class="figures">
        <thead>
          <tr>
            {answer.columns.map(({ name, type }) => (
              <th scope="col" key={name} class={numbers.has(type) ? 'number' : 'words'}>
                <Text value={name} clip={100} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {answer.rows.slice(0, shown).map((row, index) => (
            <tr key={index}>
              {(row as unknown[]).map((value, column) => {
                const type = answer.columns[column]?.type ?? 'text';
                const text = cellText(value, type);
                return (
                  <td key={column} class={numbers.has(type) ? 'number' : 'words'}>
                    {text === '' ? (
                      <span class="faint">–</span>
                    ) : (
                      <Text value={text} clip={cellCharactersMax} />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {answer.rows.length > shown ? (
        <p class="list-end">
          <button type="button" class="link-button" onClick={() => setShown(shown + rowsAtOnce)}>
            Show more of {formatCount(answer.rows.length)} rows
          </button>
        </p>
      ) : null}
    </div>
  );
}
