// The settings: a list of their pages, and the one that is shown.
import { useEffect } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { AuditPage } from './settings/audit';
import { DeadLettersPage } from './settings/dead_letters';
import { IngestPage } from './settings/ingest';
import { KeysPage } from './settings/keys';
import { MembersPage } from './settings/members';
import { ProjectPage } from './settings/project';
import { StoragePage } from './settings/storage';

const pages: readonly (readonly [segment: string, title: string, page: () => ComponentChildren])[] =
  [
    ['project', 'Project', ProjectPage],
    ['keys', 'Keys', KeysPage],
    ['members', 'Members', MembersPage],
    ['storage', 'Retention and disk', StoragePage],
    ['dead-letters', 'Dead letters', DeadLettersPage],
    ['audit', 'Audit log', AuditPage],
    ['ingest', 'Ingest health', IngestPage],
  ];

// Null where there is no such page.
export function settingsPage(rest: string[]): ComponentChildren {
  const [segment = 'project', ...more] = rest;
  const found = pages.find(([name]) => name === segment);
  return found && more.length === 0 ? <SettingsPage shown={found[0]} /> : null;
}

function SettingsPage({ shown }: { shown: string }) {
  const [, title = '', Shown] = pages.find(([name]) => name === shown) ?? [];
  useEffect(() => {
    document.title = `${title} · Settings · APIToolkit`;
    document.getElementById('content')?.scrollTo(0, 0);
    document.querySelector('.settings-nav [aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [title]);
  return (
    <div class="page page-settings">
      <div class="page-head">
        <h1>Settings</h1>
      </div>
      <div class="settings">
        <nav class="settings-nav" aria-label="Settings">
          {pages.map(([segment, name]) => (
            <a
              key={segment}
              href={`/settings/${segment}`}
              aria-current={segment === shown ? 'page' : undefined}
            >
              {name}
            </a>
          ))}
        </nav>
        <div class="settings-page">{Shown ? <Shown key={shown} /> : null}</div>
      </div>
    </div>
  );
}
