/**
 * What do the groups of a subject cost? Subjects in 0 to 200 groups, as the policy says or as the request brings them along;
 * rules on nodes of their own, and a thousand rules on one node.
 *
 *     node bench/groups.ts [--groups 0,1,2,5,10,20,50,100,200] [--rules 1000] [--rounds 9]
 */
import type { Request } from '../src/index.ts';
import { readNumbers } from './support/options.ts';
import { printSweep, type SweepCase } from './support/sweep.ts';

const options = readNumbers({ groups: '0,1,2,5,10,20,50,100,200', rules: '1000', rounds: '9' });
const rules = options.rules[0]!;
const SUBJECTS = 100;
const GROUPS = 2 * Math.max(...options.groups, 1);
/** Each put to the oracle too, which reads every rule. */
const REQUESTS = 400;

interface Kind {
  readonly name: string;
  readonly isInPolicy: boolean;
  readonly nodes: number;
}

const kinds: readonly Kind[] = [
  { name: 'groups of the policy', isInPolicy: true, nodes: rules },
  { name: 'the same, all rules on one node', isInPolicy: true, nodes: 1 },
  { name: 'groups of the request, by `decide`', isInPolicy: false, nodes: rules },
];

const cases = kinds.flatMap((kind) => options.groups.map((groups) => caseOf(kind, groups)));
printSweep(`subjects in n groups, ${rules} rules for groups`, 'groups a subject', cases, options.rounds[0]!);

function caseOf({ name, isInPolicy, nodes }: Kind, groups: number): SweepCase {
  const lines = [
    ...Array.from({ length: GROUPS }, (_, group) => membersOf(group, isInPolicy ? groups : 0)),
    ...Array.from(
      { length: rules },
      (_, i) => `allow group:g${i % GROUPS} to read on ${resourceOf(i, nodes)}`,
    ),
    // So that the policy knows every subject, as it would.
    ...Array.from({ length: SUBJECTS }, (_, subject) => `allow user:u${subject} to read on site:/own`),
  ];
  const requests = Array.from({ length: REQUESTS }, (_, i): Request => {
    const subject = i % SUBJECTS;
    const request = { subject: `user:u${subject}`, action: 'read', resource: resourceOf(i * 7919, nodes) };
    return isInPolicy
      ? request
      : { ...request, groups: groupsOf(subject, groups).map((group) => `g${group}`) };
  });
  return { kind: name, amount: groups, text: `${lines.join('\n')}\n`, requests };
}

function membersOf(group: number, groups: number): string {
  const members = Array.from({ length: SUBJECTS }, (_, subject) => subject)
    .filter((subject) => groupsOf(subject, groups).includes(group))
    .map((subject) => `user:u${subject}`);
  return `group g${group} { ${members.join(', ')} }`;
}

/** Every subject in as many as the others, and seldom in the same. */
function groupsOf(subject: number, groups: number): number[] {
  return Array.from({ length: groups }, (_, i) => (subject * 37 + i) % GROUPS);
}

function resourceOf(index: number, nodes: number): string {
  return `site:/team-${(index % nodes) % 20}/service-${index % nodes}`;
}
