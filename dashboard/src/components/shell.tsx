// What surrounds every page: the navigation, the project and who is logged in.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api/client';
import { logOut, openProject, session } from '../api/session';
import type { components } from '../api/types';
import { path } from '../router';
import { routeOf, routes } from '../routes';
import { listAddress } from '../state/list_place';
import { useLoad } from '../state/load';
import { range, rangeSearch } from '../state/range';
import { forget } from '../state/request_list';
import { Icon, Logo } from './icons';
import { Popover } from './popover';
import { helpOpen } from './shortcuts';

// A page's address, with the range that is shown now; the list of requests is found as it was left.
export function linkTo(segment: string): string {
  if (segment === 'requests' && routeOf(path.value).route?.segment === 'requests') {
    return listAddress.value;
  }
  const kept = Object.entries(rangeSearch(range.value)).filter(([, value]) => value !== '');
  const search = new URLSearchParams(kept).toString();
  return `/${segment}${search === '' ? '' : `?${search}`}`;
}

function LogOut() {
  const [failed, setFailed] = useState(false);
  const run = () => {
    logOut().then(forget, () => setFailed(true));
  };
  const words = failed ? 'Not logged out: try again' : 'Log out';
  return (
    <button
      type="button"
      class="button button-quiet button-icon"
      aria-label={words}
      title={words}
      onClick={run}
    >
      <Icon name={failed ? 'warning' : 'leave'} />
    </button>
  );
}

type ProjectList = components['schemas']['ProjectList'];

function Projects({ close }: { close: () => void }) {
  const load = useLoad('projects', (signal) => call<ProjectList>('/api/v1/projects', { signal }));
  const [failure, setFailure] = useState('');
  if (load.value === undefined) {
    return <p class="menu-note">{load.failure ?? 'Loading…'}</p>;
  }
  const open = (id: string) => {
    openProject(id).then(
      () => {
        forget();
        close();
      },
      () => setFailure('The project could not be opened.'),
    );
  };
  return (
    <>
      <ul>
        {load.value.data.map((project) => (
          <li key={project.id}>
            <button
              type="button"
              class="menu-item"
              aria-pressed={project.id === session.value?.project.id}
              onClick={() => open(project.id)}
            >
              <bdi>{project.name}</bdi>
            </button>
          </li>
        ))}
      </ul>
      {failure === '' ? null : (
        <p class="menu-note" role="alert">
          {failure}
        </p>
      )}
    </>
  );
}

function Navigation() {
  const shown = routeOf(path.value).route;
  return (
    <nav aria-label="Pages">
      {routes.map(({ segment, link }) =>
        link ? (
          <a
            key={segment}
            href={linkTo(segment)}
            title={`${link.label} (g ${link.key})`}
            aria-current={shown?.segment === segment ? 'page' : undefined}
          >
            <Icon name={link.icon} />
            <span>{link.label}</span>
          </a>
        ) : null,
      )}
    </nav>
  );
}

export function Shell({ children }: { children: ComponentChildren }) {
  const user = session.value;
  return (
    <div class="shell">
      <a class="skip-link" href="#content">
        Skip to the content
      </a>
      <header class="side">
        <a class="brand" href="/" aria-label="APIToolkit">
          <Logo />
          <span>APIToolkit</span>
        </a>
        {user ? (
          <Popover
            title="Project"
            buttonClass="project-button"
            panelClass="menu-panel"
            label={
              <>
                <bdi>{user.project.name}</bdi>
                <Icon name="down" />
              </>
            }
          >
            {(close) => <Projects close={close} />}
          </Popover>
        ) : null}
        <Navigation />
        <div class="side-end">
          {user ? (
            <span class="side-user" title={`${user.user}, ${user.role}`}>
              <bdi>{user.user}</bdi>
              <span class="faint">{user.role}</span>
            </span>
          ) : null}
          <button
            type="button"
            class="button button-quiet button-icon"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={() => (helpOpen.value = true)}
          >
            <Icon name="help" />
          </button>
          <LogOut />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
