import { printPattern, printString } from '../../../syntax/print-text.ts';
import type { Permission } from './permissions.ts';

/** What may stand in an id without quotes, separators aside. */
const bareSegment = /^[A-Za-z0-9_.\-+=~$!/][A-Za-z0-9_.\-@+=~$!/]*$/;

/** A resource as a policy writes it: quoted from the first segment on that needs it; a star that is a pattern stays bare. */
export function printResource({ resource, isPattern }: Pick<Permission, 'resource' | 'isPattern'>): string {
  if (!isPattern) return printId(resource);
  const above = resource.slice(0, -1);
  // `…:/a/` is no id; its slash stands behind the quotes.
  const separator = above.at(-1)!;
  const isRoot = above.endsWith(':/');
  return isRoot ? `${printId(above.slice(0, -2))}:/*` : `${printId(above.slice(0, -1))}${separator}*`;
}

function printId(id: string): string {
  const segments = id.split(':');
  const first = segments.findIndex((segment) => !bareSegment.test(segment));
  // A lone word may be a reserved one.
  if (first === 0 || segments.length === 1) return printString(id);
  if (first < 0) return id;
  return `${segments.slice(0, first).join(':')}:${printString(segments.slice(first).join(':'))}`;
}

const bareName = /^[A-Za-z0-9_.\-@+=~$!]+$/;

/** `user:kafka`, `group:"a b"`. */
export function printPrincipal(type: 'user' | 'group', name: string): string {
  return `${type}:${bareName.test(name) ? name : printString(name)}`;
}

/** In quotes; the printer takes them off where they are not needed. */
export function printGroupName(name: string): string {
  return printString(name);
}

/** What is put in place of a role's parameter: a lone word, which may be a reserved one. */
export function printArgument(text: string): string {
  const span = { start: 0, end: 0 };
  return printPattern({ kind: 'pattern', parts: [{ kind: 'text', text, isQuoted: false, span }], span });
}
