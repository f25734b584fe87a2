// What a form does when it is sent: once at a time, and what was wrong is kept until the next try.
import { useRef, useState } from 'preact/hooks';
import { FormProblem } from '../components/field';

export function useSubmit(run: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const running = useRef(false); // at once, where `busy` is drawn later
  const [done, setDone] = useState(false);
  const [problem, setProblem] = useState<FormProblem | null>(null);
  const submit = async () => {
    if (running.current) return; // Enter twice is not two keys
    running.current = true;
    setBusy(true);
    setDone(false);
    try {
      await run();
      setProblem(null);
      setDone(true);
    } catch (error) {
      setProblem(FormProblem.of(error));
    }
    running.current = false;
    setBusy(false);
  };
  return {
    busy,
    done,
    problem,
    forgetProblem: () => setProblem(null),
    submit: (event: Event) => {
      event.preventDefault();
      void submit();
    },
  };
}
