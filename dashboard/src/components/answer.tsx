// What a pipeline answers: a table, and a chart where there is a row for each step of time.
import { useMemo, useState } from 'preact/hooks';
import { newQueryId } from '../api/progress';
import { queryProblemOf, runQuery, type QueryAnswer } from '../api/query';
import { chartOf } from '../query/answer_chart';
import { leadingCondition, summarizes, timeStepsOf } from '../query/pipeline';
import { answerError, runText } from '../state/list_address';
import { useLoad } from '../state/load';
import type { Range } from '../state/range';
import { AnswerChartView } from './answer_chart';
import { Cancelled, Failed, Nothing, Waiting } from './list_state';
import { QueryFigures, ResultTable } from './result_table';

// A chart takes as many rows as the server gives.
const chartRowsMax = 10_000;

// What stands here in the place of the histogram and the values, and how one comes to those.
function Words({ text, drawn }: { text: string; drawn: boolean }) {
  return (
    <p class="answer-words">
      This query answers with a table. The histogram, the values and the columns are those of{' '}
      <button type="button" class="link-button" onClick={() => runText(leadingCondition(text))}>
        the requests behind it
      </button>
      .
      {!drawn && summarizes(text) ? (
        <>
          {' '}
          With <code>bin_auto(timestamp)</code> as the first group it is drawn as a chart, too.
        </>
      ) : null}
    </p>
  );
}

function Found({ text, answer }: { text: string; answer: QueryAnswer }) {
  const chart = useMemo(() => {
    const steps = timeStepsOf(text);
    return steps === null ? null : chartOf(answer, steps);
  }, [text, answer]);
  return (
    <>
      <Words text={text} drawn={chart !== null} />
      {chart === null ? null : <AnswerChartView chart={chart} />}
      <ResultTable answer={answer} />
    </>
  );
}

export function Answer({ text, shown }: { text: string; shown: Range }) {
  const [cancelled, setCancelled] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const key = cancelled ? null : JSON.stringify([text, shown, attempt]);
  const queryId = useMemo(newQueryId, [key]);
  const load = useLoad(key, async (signal) => {
    answerError.value = null;
    const rows = timeStepsOf(text) === null ? {} : { limit: chartRowsMax };
    try {
      return await runQuery(text, shown, { ...rows, signal, queryId });
    } catch (problem) {
      answerError.value = problem;
      throw problem;
    }
  });
  const again = () => {
    setCancelled(false);
    setAttempt(attempt + 1);
  };
  const answer = load.value;
  return (
    <>
      <div class="list-bar">
        <span class="list-count" role="status">
          {answer ? <QueryFigures stats={answer.stats} rows={answer.rows.length} /> : ''}
        </span>
      </div>
      <div class="list-body">
        <div class="list-area">
          {cancelled ? (
            <Cancelled retry={again} />
          ) : answer ? (
            answer.rows.length === 0 ? (
              <Nothing text={text} />
            ) : (
              <Found text={text} answer={answer} />
            )
          ) : load.status === 'loading' ? (
            <Waiting
              key={key}
              what="Running the query"
              queryId={queryId}
              onCancel={() => setCancelled(true)}
            />
          ) : (
            <Failed
              error={answerError.value}
              problem={queryProblemOf(answerError.value, text)}
              text={text}
              retry={again}
            />
          )}
        </div>
      </div>
    </>
  );
}
