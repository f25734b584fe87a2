// Chooses the page for the address. Without a session every address shows the log-in, and after it
// what was asked for.
import { effect } from '@preact/signals';
import { useEffect, useLayoutEffect } from 'preact/hooks';
import { loadSession, session, sessionFailure } from './api/session';
import { Notice } from './components/notice';
import { helpOpen, ShortcutsDialog, startShortcuts, useKeys } from './components/shortcuts';
import { linkTo, Shell } from './components/shell';
import { LoginPage } from './pages/login';
import { NotFoundPage } from './pages/not_found';
import { navigate, path } from './router';
import { routeOf, routes } from './routes';
import { forget } from './state/request_list';

function Page() {
  const { route, rest } = routeOf(path.value);
  const loggedIn = path.value === '/login';
  useLayoutEffect(() => {
    if (loggedIn) navigate('/', { replace: true });
  }, [loggedIn]);
  if (loggedIn) return null;
  return <>{route?.page(rest) ?? <NotFoundPage />}</>;
}

function Unreachable({ reason }: { reason: string }) {
  return (
    <main class="alone">
      <Notice title="The server does not answer" tone="error">
        <p>{reason}</p>
        <button type="button" class="button" onClick={() => void loadSession()}>
          Try again
        </button>
      </Notice>
    </main>
  );
}

const goKeys = Object.fromEntries(
  routes.flatMap(({ segment, link }) =>
    link ? [[`g ${link.key}`, () => navigate(linkTo(segment))] as const] : [],
  ),
);

let lastReader = '';

// What one user's session loaded is not shown in another's.
function forgetOthers(): void {
  const current = session.value;
  if (!current) return;
  const reader = JSON.stringify([current.user, current.project.id]);
  if (lastReader !== '' && lastReader !== reader) forget();
  lastReader = reader;
}

export function App() {
  useLayoutEffect(startShortcuts, []);
  useEffect(() => effect(forgetOthers), []);
  useKeys({ '?': () => (helpOpen.value = true), ...goKeys });
  if (sessionFailure.value !== null) return <Unreachable reason={sessionFailure.value} />;
  // Nothing at all for the moment that the first answer takes is calmer than a spinner.
  if (session.value === undefined) return null;
  return (
    <>
      {session.value === null ? (
        <LoginPage />
      ) : (
        <Shell>
          {/* Nothing of one project's stays for the next. */}
          <Page key={session.value.project.id} />
        </Shell>
      )}
      <ShortcutsDialog />
    </>
  );
}
