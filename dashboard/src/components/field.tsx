// A labelled field of a form, with a hint or with what is wrong with it below.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { ApiError } from '../api/client';

export interface FieldAttributes {
  id: string;
  'aria-invalid': boolean;
  'aria-describedby': string | undefined;
}

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  problem?: string | null;
  children: (attributes: FieldAttributes) => ComponentChildren;
}

export function Field({ label, hint, problem = null, children }: FieldProps) {
  const id = useId();
  const below = problem ?? hint ?? null;
  return (
    <div class={problem === null ? 'labelled' : 'labelled labelled-wrong'}>
      <label for={id}>{label}</label>
      {children({
        id,
        'aria-invalid': problem !== null,
        'aria-describedby': below === null ? undefined : `${id}-below`,
      })}
      {below === null ? null : (
        <p id={`${id}-below`} class={problem === null ? 'labelled-hint' : 'labelled-problem'}>
          {below}
        </p>
      )}
    </div>
  );
}

// What the server found wrong, at the member of the body that it names, or as a whole.
export class FormProblem {
  constructor(
    readonly member: string | null,
    readonly detail: string,
  ) {}

  static of(error: unknown): FormProblem {
    if (!(error instanceof ApiError)) return new FormProblem(null, String(error));
    const pointer = error.problem?.pointer ?? '';
    const member = pointer.split('/').pop() ?? '';
    return new FormProblem(member === '' ? null : member, error.problem?.detail ?? error.message);
  }
}

export function problemAt(problem: FormProblem | null, member: string): string | null {
  return problem?.member === member ? problem.detail : null;
}

// What belongs to none of the form's own fields.
export function problemBeside(
  problem: FormProblem | null,
  members: readonly string[],
): string | null {
  if (problem === null) return null;
  return problem.member !== null && members.includes(problem.member) ? null : problem.detail;
}
