import { nearestName } from '../diagnostics/nearest.ts';

/** The known subject that a slip of the keyboard would turn into the given one: in its name, or in its type. */
export function nearestSubject(subject: string, known: Iterable<string>): string | undefined {
  const { type, name } = partsOf(subject);
  const names: string[] = [];
  const types: string[] = [];
  for (const each of known) {
    const parts = partsOf(each);
    if (parts.type === type) names.push(parts.name);
    else if (parts.name === name) types.push(parts.type);
  }
  const nearest = nearestName(name, names);
  if (nearest !== undefined) return `${type}:${nearest}`;
  const otherType = nearestName(type, types);
  return otherType === undefined ? undefined : `${otherType}:${name}`;
}

function partsOf(subject: string): { readonly type: string; readonly name: string } {
  const colon = subject.indexOf(':');
  return { type: subject.slice(0, colon), name: subject.slice(colon + 1) };
}
