// The project that is looked at.
import { call, request } from './client';
import type { components } from './types';

export type Project = components['schemas']['Project'];

const root = '/api/v1/projects';

export async function listProjects(signal: AbortSignal): Promise<Project[]> {
  return (await call<{ data: Project[] }>(root, { signal })).data;
}

export function renameProject(id: string, name: string): Promise<Project> {
  return call<Project>(`${root}/${id}`, { method: 'PATCH', body: { name } });
}

export function createProject(name: string): Promise<Project> {
  return call<Project>(root, { method: 'POST', body: { name } });
}

// With all that is in it.
export async function deleteProject(id: string): Promise<void> {
  await request(`${root}/${id}`, { method: 'DELETE' });
}
