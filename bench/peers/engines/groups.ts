import type { Policy } from '../workload.ts';

/** The group of each subject. */
export function groupsOfSubjects({ groups }: Policy): Map<string, string> {
  return new Map([...groups].flatMap(([group, members]) => members.map((member) => [member, group])));
}
