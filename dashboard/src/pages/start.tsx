// How an application sends here; when the first exchange arrives it becomes the Overview.
import { useEffect } from 'preact/hooks';
import { FirstSteps } from '../components/first_steps';
import { navigate } from '../router';

export function StartPage() {
  useEffect(() => {
    document.title = 'Start · APIToolkit';
  }, []);
  return (
    <div class="page">
      <h1 class="visually-hidden">Start</h1>
      <FirstSteps arrived={() => navigate('/', { replace: true })} />
    </div>
  );
}
