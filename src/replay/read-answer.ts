import type { Answer, AnswerRule } from './flip.ts';
import { isMembers, type Members, type Recorded } from './read-recorded.ts';

/** The recorded answer; what is not as it should be is left out, for it decides nothing. */
export function readAnswer({ effect, answer }: Recorded): Answer {
  const { reason, ruleset, detail } = answer;
  const rule = readRule(answer.rule);
  return {
    decision: effect,
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(rule === undefined ? {} : { rule }),
    ...(typeof ruleset === 'string' ? { ruleset } : {}),
    ...(typeof detail === 'string' ? { detail } : {}),
  };
}

function readRule(value: unknown): AnswerRule | undefined {
  if (!isMembers(value)) return undefined;
  const place = readPlace(value);
  if (place === undefined) return undefined;
  const { id = `${place.file}:${place.line}`, role } = value;
  if (typeof id !== 'string') return undefined;
  const origin = isMembers(role) ? readRole(role) : undefined;
  return origin === undefined ? { id, ...place } : { id, ...place, role: origin };
}

function readRole(role: Members): AnswerRule['role'] {
  const place = readPlace(role);
  return typeof role.name === 'string' && place !== undefined ? { name: role.name, ...place } : undefined;
}

function readPlace({ file, line }: Members): { readonly file: string; readonly line: number } | undefined {
  return typeof file === 'string' && typeof line === 'number' ? { file, line } : undefined;
}
