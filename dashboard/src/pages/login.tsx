// Name and password; says why it is shown when a session ended by itself.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { logIn, sessionExpired } from '../api/session';
import { Logo } from '../components/icons';

function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  if (error.kind === 'unauthorized') return 'That name and password do not match.';
  if (error.status === 429) {
    const wait = error.retryAfterSeconds;
    const when = wait === null ? 'in a minute' : `in ${wait} seconds`;
    return `Too many attempts. Try again ${when}.`;
  }
  return error.message;
}

export function LoginPage() {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const nameField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);

  useEffect(() => {
    document.title = 'Log in · APIToolkit';
    nameField.current?.focus();
  }, []);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await logIn(name, password);
    } catch (error) {
      setBusy(false);
      setProblem(explain(error));
      passwordField.current?.select();
    }
  };

  return (
    <main class="alone">
      <form class="login" onSubmit={(event) => void submit(event)}>
        <Logo />
        <h1>Log in to APIToolkit</h1>
        {sessionExpired.value && problem === null ? (
          <p class="login-note" role="status">
            Your session has expired. Log in to go on where you were.
          </p>
        ) : null}
        <label>
          <span>Name</span>
          <input
            ref={nameField}
            name="name"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label>
          <span>Password</span>
          <input
            ref={passwordField}
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        {problem === null ? null : (
          <p class="login-problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="button button-primary" disabled={busy}>
          {busy ? 'Logging in…' : 'Log in'}
        </button>
      </form>
    </main>
  );
}
