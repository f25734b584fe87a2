// The project's name and id; new projects, and one's own password.
import { useState } from 'preact/hooks';
import { changePassword } from '../../api/members';
import { createProject, deleteProject, renameProject } from '../../api/projects';
import { loadSession, may, openProject, session } from '../../api/session';
import { CopyButton } from '../../components/copy_button';
import { Confirm, Failure } from '../../components/dialog';
import { Field, problemAt, problemBeside } from '../../components/field';
import { visibleText } from '../../format/visible_text';
import { Section } from '../../components/section';
import { navigate } from '../../router';
import { useSubmit } from '../../state/submit';

function Name() {
  const project = session.value?.project;
  const [name, setName] = useState(project?.name ?? '');
  const { busy, done, problem, submit } = useSubmit(async () => {
    await renameProject(project?.id ?? '', name.trim());
    await loadSession();
  });
  const admin = may('admin');
  return (
    <Section id="project-title" title="Project">
      <form class="form panel-form" onSubmit={submit}>
        <Field
          label="Name"
          problem={problemAt(problem, 'name')}
          hint={admin ? undefined : 'An admin of the project may rename it.'}
        >
          {(attributes) => (
            <input
              {...attributes}
              type="text"
              class="field"
              readOnly={!admin}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Id">
          {(attributes) => (
            <span class="secret-line">
              <input
                {...attributes}
                class="field mono"
                readOnly
                value={project?.id ?? ''}
                onFocus={(event) => event.currentTarget.select()}
              />
              <CopyButton label="Copy" text={() => project?.id ?? ''} />
            </span>
          )}
        </Field>
        <Failure reason={problemBeside(problem, ['name'])} />
        {admin ? (
          <div class="form-end">
            <button
              type="submit"
              class="button button-primary"
              disabled={busy || name.trim() === '' || name === project?.name}
            >
              Rename
            </button>
            <span class="faint" role="status">
              {done ? 'Renamed.' : ''}
            </span>
          </div>
        ) : null}
      </form>
    </Section>
  );
}

function NewProject() {
  const [name, setName] = useState('');
  const { busy, problem, submit } = useSubmit(async () => {
    const made = await createProject(name.trim());
    await openProject(made.id);
  });
  return (
    <Section id="new-project-title" title="Another project">
      <form class="form panel-form" onSubmit={submit}>
        <Field
          label="Name of the new project"
          problem={problemAt(problem, 'name')}
          hint="With its own keys, members and rules. What one holds is never seen in another."
        >
          {(attributes) => (
            <input
              {...attributes}
              type="text"
              class="field"
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        <Failure reason={problemBeside(problem, ['name'])} />
        <div class="form-end">
          <button type="submit" class="button" disabled={busy || name.trim() === ''}>
            Make and open it
          </button>
        </div>
      </form>
    </Section>
  );
}

function Password() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const { busy, problem, submit } = useSubmit(async () => {
    await changePassword(current, next);
    await loadSession();
  });
  const members = ['current_password', 'password'] as const;
  return (
    <Section id="password-title" title="Your password">
      <form class="form panel-form" onSubmit={submit}>
        <Field label="Password now" problem={problemAt(problem, 'current_password')}>
          {(attributes) => (
            <input
              {...attributes}
              type="password"
              class="field"
              autocomplete="current-password"
              value={current}
              onInput={(event) => setCurrent(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field
          label="New password"
          problem={problemAt(problem, 'password')}
          hint="8 characters or more. It ends all your sessions, this one too."
        >
          {(attributes) => (
            <input
              {...attributes}
              type="password"
              class="field"
              autocomplete="new-password"
              minLength={8}
              value={next}
              onInput={(event) => setNext(event.currentTarget.value)}
            />
          )}
        </Field>
        <Failure reason={problemBeside(problem, members)} />
        <div class="form-end">
          <button type="submit" class="button" disabled={busy || current === '' || next.length < 8}>
            Change the password
          </button>
        </div>
      </form>
    </Section>
  );
}

// Asks for the project's name: it is the one thing here that takes everything with it.
function DeleteProject() {
  const project = session.value?.project;
  const [asked, setAsked] = useState(false);
  const [typed, setTyped] = useState('');
  if (!project) return null;
  const close = () => {
    setAsked(false);
    setTyped('');
  };
  return (
    <Section id="delete-project-title" title="Delete the project">
      <div class="panel-form form">
        <p class="faint">
          With its exchanges, logs, dead letters, keys, rules and shares. Members who are in no
          other project go, too.
        </p>
        <div class="form-end">
          <button type="button" class="button button-warn" onClick={() => setAsked(true)}>
            Delete the project…
          </button>
        </div>
      </div>
      {asked ? (
        <Confirm
          title="Delete the project?"
          action="Delete everything"
          ready={typed === project.name}
          run={async () => {
            await deleteProject(project.id);
            await loadSession();
            navigate('/');
          }}
          close={close}
        >
          <p>
            All that <bdi>{visibleText(project.name)}</bdi> holds is gone then, and cannot be
            brought back.
          </p>
          <Field label="Its name, to be sure">
            {(attributes) => (
              <input
                {...attributes}
                type="text"
                class="field"
                autocomplete="off"
                value={typed}
                onInput={(event) => setTyped(event.currentTarget.value)}
              />
            )}
          </Field>
        </Confirm>
      ) : null}
    </Section>
  );
}

export function ProjectPage() {
  return (
    <>
      <Name key={session.value?.project.id} />
      {may('owner') ? <NewProject /> : null}
      <Password />
      {may('owner') ? <DeleteProject /> : null}
    </>
  );
}
