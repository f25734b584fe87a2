// What surrounds every page: the bar with the navigation and who is logged in.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { logOut, session } from '../api/session';
import { path } from '../router';
import { listAddress } from '../state/list_place';
import { forget } from '../state/request_list';
import { Icon, Logo } from './icons';
import { helpOpen } from './shortcuts';

function LogOut() {
  const [failed, setFailed] = useState(false);
  const run = () => {
    logOut().then(forget, () => setFailed(true));
  };
  return (
    <button type="button" class="button button-quiet" onClick={run}>
      {failed ? 'Not logged out: try again' : 'Log out'}
    </button>
  );
}

export function Shell({ children }: { children: ComponentChildren }) {
  const user = session.value;
  const inRequests = path.value.startsWith('/requests');
  return (
    <div class="shell">
      <a class="skip-link" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href="/requests" aria-label="APIToolkit">
          <Logo />
          <span>APIToolkit</span>
        </a>
        {user ? (
          <span class="bar-project" title="Project">
            <bdi>{user.project.name}</bdi>
          </span>
        ) : null}
        <nav aria-label="Pages">
          <a href={listAddress.value} aria-current={inRequests ? 'page' : undefined}>
            Requests
          </a>
        </nav>
        <div class="bar-end">
          <button
            type="button"
            class="button button-quiet button-icon"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={() => (helpOpen.value = true)}
          >
            <Icon name="help" />
          </button>
          {user ? (
            <span class="bar-user" title={`Role: ${user.role}`}>
              <bdi>{user.user}</bdi>
            </span>
          ) : null}
          <LogOut />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
