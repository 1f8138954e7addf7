/**
 * What do wildcards in rules cost? From none to all of the rules have one, of each kind that the language has: at the end of a
 * pattern, in the middle, at the start, and as part of a segment; each on a node of its own or all on one.
 *
 *     node bench/wildcards.ts [--shares 0,25,50,75,100] [--rules 1000] [--rounds 9]
 */
import type { Request } from '../src/index.ts';
import { readNumbers } from './support/options.ts';
import { printSweep, type SweepCase } from './support/sweep.ts';

const options = readNumbers({ shares: '0,25,50,75,100', rules: '1000', rounds: '9' });
const rules = options.rules[0]!;
const SUBJECTS = 100;
/** Each put to the oracle too, which reads every rule. */
const REQUESTS = 400;

/** The pattern of rule `i`, in place of the literal id that every request about it names. */
const patterns: Readonly<Record<string, (i: number) => string>> = {
  'X/*': (i) => `site:/team-${i}/web/*`,
  'X/**': (i) => `site:/team-${i}/web/**`,
  'X/*/y': (i) => `site:/team-${i}/*/log`,
  'X/**/y': (i) => `site:/team-${i}/**/log`,
  'X/part*': (i) => `site:/team-${i}/web/lo*`,
  'part*, all on one node': (i) => `site:/team-${i}*/web/log`,
  '*/y at the start of the path': (i) => `site:/*/web/log-${i}`,
  '**/y at the start of the path': (i) => `site:/**/log-${i}`,
};

const cases = Object.entries(patterns).flatMap(([name, pattern]) =>
  options.shares.map((share) => caseOf(name, pattern, share)),
);
printSweep(`n % of ${rules} rules have a wildcard`, '% with a wildcard', cases, options.rounds[0]!);

function caseOf(name: string, pattern: (i: number) => string, share: number): SweepCase {
  // Where the pattern begins with the wildcard, the last segment is what tells the rules apart.
  const suffix = (i: number): string => (name.endsWith('start of the path') ? `-${i}` : '');
  const idOf = (i: number): string => `site:/team-${i}/web/log${suffix(i)}`;
  const lines = Array.from({ length: rules }, (_, i) => {
    const isWild = (i * 37) % 100 < share;
    return `allow user:u${i % SUBJECTS} to read on ${isWild ? pattern(i) : idOf(i)}`;
  });
  const requests = Array.from({ length: REQUESTS }, (_, i): Request => {
    const rule = (i * 7919) % rules;
    // Every other subject has no rule on it.
    return { subject: `user:u${(rule + (i % 2)) % SUBJECTS}`, action: 'read', resource: idOf(rule) };
  });
  return { kind: name, amount: share, text: `${lines.join('\n')}\n`, requests };
}
