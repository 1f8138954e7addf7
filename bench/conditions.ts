/**
 * What do conditions and variables cost? First from none to all of the rules have one, each rule on a node of its own. Then: as
 * many as that on one node, for one subject, so that a decision has to run them all. Asked by `decide`, with a context.
 *
 *     node bench/conditions.ts [--shares 0,25,50,75,100] [--together 1,10,100,1000] [--rules 1000] [--rounds 9]
 */
import type { Request } from '../src/index.ts';
import { readNumbers } from './support/options.ts';
import { printSweep, type SweepCase } from './support/sweep.ts';

const options = readNumbers({
  shares: '0,25,50,75,100',
  together: '1,10,100,1000',
  rules: '1000',
  rounds: '9',
});
const rules = options.rules[0]!;
const rounds = options.rounds[0]!;
const SUBJECTS = 100;
/** Each put to the oracle too, which reads every rule. */
const REQUESTS = 400;
/** So few that the oracle gets through them, however many rules each has to run. */
const REQUESTS_TOGETHER = 20;

interface Kind {
  readonly name: string;
  /** The subject, given the one that a plain rule names. */
  subject(name: string): string;
  /** The id in the rule, and behind it the condition. */
  on(team: string, subject: string): string;
}

const kinds: readonly Kind[] = [
  {
    name: 'when context.level >= 2',
    subject: (name) => `user:${name}`,
    on: (team, subject) => `site:/${team}/${subject} when context.level >= 2`,
  },
  {
    name: 'when context.ip in cidr(…)',
    subject: (name) => `user:${name}`,
    on: (team, subject) => `site:/${team}/${subject} when context.ip in cidr("10.0.0.0/8")`,
  },
  {
    name: 'four comparisons',
    subject: (name) => `user:${name}`,
    on: (team, subject) =>
      `site:/${team}/${subject} when context.level >= 2 && context.level < 9 && (context.zone == "a" || context.zone == "b")`,
  },
  {
    name: 'a variable',
    subject: () => 'user:{name}',
    on: (team) => `site:/${team}/{name}`,
  },
];

const context = { level: 3, ip: '10.1.2.3', zone: 'b' };

printSweep(
  `n % of ${rules} rules have a condition or a variable`,
  '% with one',
  kinds.flatMap((kind) => options.shares.map((share) => caseOfShare(kind, share))),
  rounds,
);
printSweep(
  'n rules with a condition that fails, on one node, for one subject',
  'rules to run',
  options.together.flatMap((count) => casesTogether(count)).sort((a, b) => (a.kind < b.kind ? -1 : 1)),
  rounds,
);

function caseOfShare({ name, subject, on }: Kind, share: number): SweepCase {
  const lines = Array.from({ length: rules }, (_, i) => {
    const own = `u${i % SUBJECTS}`;
    const hasOne = (i * 37) % 100 < share;
    return hasOne
      ? `allow ${subject(own)} to read on ${on(`team-${i}`, own)}`
      : `allow user:${own} to read on site:/team-${i}/${own}`;
  });
  const requests = Array.from({ length: REQUESTS }, (_, i): Request => {
    const rule = (i * 7919) % rules;
    // Every other subject has no rule on it.
    const resource = `site:/team-${rule}/u${rule % SUBJECTS}`;
    return { subject: `user:u${(rule + (i % 2)) % SUBJECTS}`, action: 'read', resource, context };
  });
  return { kind: name, amount: share, text: `${lines.join('\n')}\n`, requests };
}

/** The same condition again and again, and as many different ones: what a request has found out once it need not find out again. */
function casesTogether(count: number): SweepCase[] {
  const requests = Array.from({ length: REQUESTS_TOGETHER }, (): Request => {
    return { subject: 'user:ada', action: 'read', resource: 'site:/home', context };
  });
  const caseOf = (kind: string, condition: (i: number) => string): SweepCase => {
    const lines = Array.from(
      { length: count },
      (_, i) => `allow user:ada to read on site:/home when ${condition(i)}`,
    );
    return { kind, amount: count, text: `${lines.join('\n')}\n`, requests };
  };
  return [
    caseOf('all alike', () => 'context.level > 3'),
    caseOf('all different', (i) => `context.level > ${i + 3}`),
  ];
}
