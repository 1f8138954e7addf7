import type { Grant, Policy, Requests } from './workload.ts';

/**
 * The right answer to each request, 1 for allow, from the meaning of the grants alone: every grant on the resource or on
 * anything above it is read, one after the other, and a deny wins. Shares nothing with any engine but the grants.
 */
export function decideNaively({ grants, groups }: Policy, requests: Requests): Uint8Array {
  const grantsOn = Map.groupBy(grants, ({ resource }) => resource);
  const groupOf = new Map(
    [...groups].flatMap(([group, members]) => members.map((member) => [member, group])),
  );
  return Uint8Array.from(requests.subjects, (subject, i) => {
    const applying = cutsOf(requests.resources[i]!).flatMap(({ start, rest }) =>
      (grantsOn.get(start) ?? []).filter(
        (grant) =>
          grant.action === requests.actions[i] &&
          (grant.grantee === subject || grant.grantee === groupOf.get(subject)) &&
          covers(grant, rest),
      ),
    );
    return applying.length > 0 && applying.every(({ effect }) => effect === 'allow') ? 1 : 0;
  });
}

/** Whether the grant covers an id that goes on with `rest` after the grant's own resource. */
function covers({ tail }: Grant, rest: string): boolean {
  switch (tail) {
    case '':
      return rest === '';
    case '/*':
      return /^\/[^:/]+$/.test(rest);
    case ':*':
      return /^:[^:/]+$/.test(rest);
    case '/**':
      return rest === '' || rest.startsWith('/');
    case ':**':
      return rest === '' || rest.startsWith(':');
  }
}

/** The id cut in two before each of its separators, and whole. */
function cutsOf(id: string): { start: string; rest: string }[] {
  const places = [...id.matchAll(/[:/]|$/g)].map(({ index }) => index);
  return places.map((place) => ({ start: id.slice(0, place), rest: id.slice(place) }));
}
