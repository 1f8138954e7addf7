import type { AccessGraph } from './access-graph.ts';
import type { Folding } from './fold-graph.ts';

/** `5 subjects, 2 groups, 2 roles; 24 permissions on 13 resources`: what is in the whole graph, folded or not. */
export function summarize({ holders, rows, permissions }: AccessGraph): string {
  const kinds = (['subject', 'group', 'role'] as const).flatMap((kind) => {
    const number = holders.reduce((sum, each) => (each.kind === kind ? sum + each.count : sum), 0);
    return number === 0 ? [] : [countOf(number, kind)];
  });
  const named = new Set(permissions.map(({ row }) => rows[row]!.text)).size;
  const reach = `${countOf(permissions.length, 'permission')} on ${countOf(named, 'resource')}`;
  return kinds.length === 0 ? reach : `${kinds.join(', ')}; ${reach}`;
}

/** What is folded, as one sentence part; undefined where everything is drawn by itself. */
export function describeFolding({ subject, group, role, resource, permission }: Folding): string | undefined {
  const parts = [
    ...(subject === 0 ? [] : [countOf(subject, 'subject')]),
    ...(group === 0 ? [] : [countOf(group, 'group')]),
    ...(role === 0 ? [] : [countOf(role, 'role')]),
    ...(resource === 0 ? [] : [countOf(resource, 'resource')]),
    ...(permission === 0 ? [] : [countOf(permission, 'permission')]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

function countOf(number: number, word: string): string {
  return number === 1 ? `1 ${word}` : `${number.toLocaleString('en')} ${word}s`;
}
