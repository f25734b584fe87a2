// Every page: its address, and its place in the navigation. A page is one line here.
import type { ComponentChildren } from 'preact';
import type { IconName } from './components/icons';
import { OverviewPage } from './pages/overview';
import { RedactionPage } from './pages/redaction';
import { RequestPage } from './pages/request';
import { RequestsPage } from './pages/requests';
import { settingsPage } from './pages/settings';
import { StartPage } from './pages/start';

export interface Route {
  // The first segment of the address; empty for the first page.
  segment: string;
  // In the navigation, with the key that follows `g`; none for a page that is reached otherwise.
  link?: { label: string; icon: IconName; key: string };
  // The page for the segments that follow; null where there is none.
  page: (rest: string[]) => ComponentChildren;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

export const routes: Route[] = [
  {
    segment: '',
    link: { label: 'Overview', icon: 'overview', key: 'o' },
    page: (rest) => (rest.length > 0 ? null : <OverviewPage />),
  },
  {
    segment: 'requests',
    link: { label: 'Requests', icon: 'requests', key: 'r' },
    page: ([id, ...rest]) => {
      if (rest.length > 0) return null;
      return id === undefined ? <RequestsPage /> : <RequestPage key={id} id={decode(id)} />;
    },
  },
  {
    segment: 'redaction',
    link: { label: 'Redaction', icon: 'redaction', key: 'd' },
    page: (rest) => (rest.length > 0 ? null : <RedactionPage />),
  },
  { segment: 'start', page: (rest) => (rest.length > 0 ? null : <StartPage />) },
  {
    segment: 'settings',
    link: { label: 'Settings', icon: 'settings', key: 's' },
    page: settingsPage,
  },
];

export function routeOf(path: string): { route: Route | undefined; rest: string[] } {
  const [segment = '', ...rest] = path.split('/').slice(1);
  // An address may end with a slash.
  if (rest[rest.length - 1] === '') rest.pop();
  return { route: routes.find((candidate) => candidate.segment === segment), rest };
}
