// Who belongs to the project, and what each may do.
import { useState } from 'preact/hooks';
import { explain } from '../../api/client';
import {
  addMember,
  listMembers,
  removeMember,
  setRole,
  type Member,
  type Role,
} from '../../api/members';
import { may, session } from '../../api/session';
import { Confirm, Dialog, Failure } from '../../components/dialog';
import { Field, problemAt, problemBeside } from '../../components/field';
import { Panel } from '../../components/panel';
import { Text } from '../../components/text';
import { RelativeTime } from '../../components/time';
import { useLoad } from '../../state/load';
import { useSubmit } from '../../state/submit';

const roles: readonly (readonly [Role, string])[] = [
  ['viewer', 'reads'],
  ['member', 'also shares requests, previews rules, replays and deletes dead letters'],
  ['admin', 'also keys, rules, the project’s name and members, its audit log'],
  ['owner', 'all of that, in every project'],
];

// What one may make of others: only an owner makes owners.
function givenRoles(): Role[] {
  return roles.map(([role]) => role).filter((role) => role !== 'owner' || may('owner'));
}

function RoleMenu({
  value,
  change,
  label,
}: {
  value: Role | null;
  change: (role: Role) => void;
  label: string;
}) {
  const given = givenRoles();
  return (
    <select
      class="menu"
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => {
        const role = event.currentTarget.value as Role;
        // Until the server has agreed, what is shown is what holds.
        event.currentTarget.value = value ?? '';
        change(role);
      }}
    >
      {value === null ? <option value="">not in this project</option> : null}
      {given.map((role) => (
        <option key={role} value={role} selected={role === value}>
          {role}
        </option>
      ))}
    </select>
  );
}

function AddDialog({ added, close }: { added: () => void; close: () => void }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setChosen] = useState<Role>('member');
  const { busy, problem, submit } = useSubmit(async () => {
    await addMember(name.trim(), role, password);
    added();
    close();
  });
  return (
    <Dialog title="Add a member" close={close}>
      <form class="form" onSubmit={submit}>
        <Field label="Name" problem={problemAt(problem, 'name')}>
          {(attributes) => (
            <input
              {...attributes}
              type="text"
              class="field"
              autocomplete="off"
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field
          label="First password"
          problem={problemAt(problem, 'password')}
          hint={
            may('owner')
              ? '8 characters or more; empty for a user that exists already.'
              : '8 characters or more; to be changed after the first log-in.'
          }
        >
          {(attributes) => (
            <input
              {...attributes}
              type="password"
              class="field"
              autocomplete="new-password"
              value={password}
              onInput={(event) => setPassword(event.currentTarget.value)}
            />
          )}
        </Field>
        <fieldset class="choices">
          <legend>Role</legend>
          {roles
            .filter(([one]) => givenRoles().includes(one))
            .map(([one, meaning]) => (
              <label key={one}>
                <input
                  type="radio"
                  name="role"
                  checked={one === role}
                  onChange={() => setChosen(one)}
                />
                <span>
                  {one}
                  <span class="choice-more">{meaning}</span>
                </span>
              </label>
            ))}
        </fieldset>
        <Failure reason={problemBeside(problem, ['name', 'password'])} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button button-primary" disabled={busy || name.trim() === ''}>
            Add
          </button>
        </div>
      </form>
    </Dialog>
  );
}

type Open =
  | { kind: 'add' }
  | { kind: 'remove'; member: Member }
  | { kind: 'role'; member: Member; role: Role }
  | null;

export function MembersPage() {
  const load = useLoad('members', listMembers);
  const [open, setOpen] = useState<Open>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const close = () => setOpen(null);
  const change = (member: Member, role: Role) => {
    setFailure(null);
    // One's own rights, once given up, are not taken back alone.
    if (member.name === session.value?.user) {
      setOpen({ kind: 'role', member, role });
      return;
    }
    setRole(member.id, role).then(load.reload, (error: unknown) => setFailure(explain(error)));
  };
  return (
    <>
      <Panel
        id="members-title"
        title="Members"
        load={load}
        {...(load.value ? { count: load.value.filter(({ role }) => role !== null).length } : {})}
        actions={
          load.status === 'forbidden' ? null : (
            <button type="button" class="button" onClick={() => setOpen({ kind: 'add' })}>
              Add a member
            </button>
          )
        }
        empty={(members) => (members.length === 0 ? 'There is nobody yet.' : undefined)}
      >
        {(members) => (
          <>
            <div class="panel-failure">
              <Failure reason={failure} />
            </div>
            <div class="table-scroll">
              <table class="list-table">
                <thead>
                  <tr>
                    <th scope="col">Name</th>
                    <th scope="col">Role</th>
                    <th scope="col" class="wide-only">
                      Since
                    </th>
                    <td />
                  </tr>
                </thead>
                <tbody>
                  {members.map((member) => (
                    <tr key={member.id}>
                      <th scope="row">
                        <Text value={member.name} clip={100} />
                        {member.name === session.value?.user ? (
                          <span class="faint"> (you)</span>
                        ) : null}
                      </th>
                      <td>
                        {member.role === 'owner' && !may('owner') ? (
                          'owner'
                        ) : (
                          <RoleMenu
                            value={member.role}
                            label={`Role of ${member.name}`}
                            change={(role) => change(member, role)}
                          />
                        )}
                      </td>
                      <td class="wide-only">
                        <RelativeTime timestamp={member.created_at} />
                      </td>
                      <td class="row-actions">
                        {member.role === null ||
                        (member.role === 'owner' && !may('owner')) ? null : (
                          <button
                            type="button"
                            class="button button-quiet button-warn"
                            onClick={() => setOpen({ kind: 'remove', member })}
                          >
                            Remove
                          </button>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </Panel>
      {open?.kind === 'add' ? <AddDialog added={load.reload} close={close} /> : null}
      {open?.kind === 'role' ? (
        <Confirm
          title="Change your own role?"
          action={`Become ${open.role}`}
          run={async () => {
            await setRole(open.member.id, open.role);
            load.reload();
          }}
          close={close}
        >
          <p>Somebody else will have to give you back what you may do now.</p>
        </Confirm>
      ) : null}
      {open?.kind === 'remove' ? (
        <Confirm
          title="Remove this member?"
          action="Remove"
          run={async () => {
            await removeMember(open.member.id);
            load.reload();
          }}
          close={close}
        >
          <p>
            <strong>
              <Text value={open.member.name} clip={100} />
            </strong>{' '}
            no longer sees this project. Who is in no other one is deleted.
          </p>
        </Confirm>
      ) : null}
    </>
  );
}
