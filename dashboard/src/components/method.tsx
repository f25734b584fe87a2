// A request's method; a quiet one for reads, a stronger one for what changes something.
import { Text } from './text';

export function Method({ name }: { name: string }) {
  const reads = name === 'GET' || name === 'HEAD' || name === 'OPTIONS';
  const kind = name === 'DELETE' ? 'delete' : reads ? 'read' : 'write';
  return (
    <span class={`method method-${kind}`}>
      <Text value={name} clip={24} />
    </span>
  );
}
