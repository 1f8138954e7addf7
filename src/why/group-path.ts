import type { Group } from '../model/model.ts';
import { printId } from '../printing/print-rule.ts';
import type { GroupStep } from './answer.ts';
import type { PlaceOf } from './match-account.ts';
import type { Question } from './question.ts';

type FirstStep = Pick<GroupStep, 'by' | 'pattern'>;

/** The shortest way by which the subject is in a group (S16), from the subject on. The subject is in it. */
export function groupPath(question: Question, group: string, placeOf: PlaceOf): readonly GroupStep[] {
  const declared = new Map(question.model.groups.map((each) => [each.name, each]));
  /** For each group met on the way down, the one that it is a member of. */
  const above = new Map<string, string | undefined>([[group, undefined]]);
  for (const name of above.keys()) {
    const { members } = declared.get(name)!;
    const first = firstStepInto(declared.get(name)!, question);
    if (first !== undefined) return stepsUp(name, first);
    for (const member of members) {
      if (member.kind === 'group' && !above.has(member.name)) above.set(member.name, name);
    }
  }
  return [];

  function stepsUp(from: string, first: FirstStep): GroupStep[] {
    const steps: GroupStep[] = [];
    let member = printId(question.request.subject!);
    let step = first;
    for (let name: string | undefined = from; name !== undefined; name = above.get(name)) {
      steps.push({ member, group: name, ...step, place: placeOf(declared.get(name)!.location) });
      member = `group:${name}`;
      step = { by: 'name' };
    }
    return steps;
  }
}

/** How the subject is in the group without another group between. */
function firstStepInto({ name, members }: Group, question: Question): FirstStep | undefined {
  const { subject, groups } = question.request;
  if (members.some((each) => each.kind === 'subject' && each.id === subject)) return { by: 'name' };
  for (const each of members) {
    if (each.kind === 'pattern' && question.isSubject(each)) return { by: 'pattern', pattern: each.text };
  }
  return groups?.includes(name) ? { by: 'request' } : undefined;
}
