/**
 * Does a decision cost more where the resource lies deeper? Resources of 2 to 64 segments, under four policies: what covers
 * the id is a rule on the id itself, a rule far above it, the same with rules at every depth elsewhere, a rule at each level.
 *
 *     node bench/depth.ts [--depths 2,4,8,16,32,64] [--rules 1000] [--rounds 9]
 */
import type { Request } from '../src/index.ts';
import { readNumbers } from './support/options.ts';
import { printSweep, type SweepCase } from './support/sweep.ts';

const options = readNumbers({ depths: '2,4,8,16,32,64', rules: '1000', rounds: '9' });
const rules = options.rules[0]!;
const deepest = Math.max(...options.depths);
const SUBJECTS = 100;
/** Each put to the oracle too, which reads every rule. */
const REQUESTS = 400;
/** With a rule at each level of a path there are as many rules on a path as it is deep. */
const CHAINS = 10;

interface Kind {
  readonly name: string;
  /** How many different resources there are. */
  readonly resources: number;
  /** The rules on resource `index`. */
  rulesOn(index: number, depth: number): readonly string[];
  readonly more?: string;
}

const kinds: readonly Kind[] = [
  {
    name: 'a rule on the id itself',
    resources: rules,
    rulesOn: (index, depth) => [ruleOn(index, pathOf(index, depth))],
  },
  {
    name: 'a rule on its first two segments and all beneath',
    resources: rules,
    rulesOn: (index) => [ruleOn(index, `${pathOf(index, 2)}/**`)],
  },
  {
    name: 'the same, and rules at every depth elsewhere',
    resources: rules,
    rulesOn: (index) => [ruleOn(index, `${pathOf(index, 2)}/**`)],
    more: Array.from({ length: deepest }, (_, depth) => ruleOn(0, pathOf(rules, depth + 1))).join('\n'),
  },
  {
    name: 'a rule with `/**` at each level',
    resources: CHAINS,
    rulesOn: (index, depth) =>
      Array.from({ length: depth }, (_, above) => ruleOn(index, `${pathOf(index, above + 1)}/**`)),
  },
];

const cases = kinds.flatMap((kind) => options.depths.map((depth) => caseOf(kind, depth)));
printSweep(`resources of n segments, ${rules} rules`, 'segments', cases, options.rounds[0]!);

function caseOf({ name, resources, rulesOn, more = '' }: Kind, depth: number): SweepCase {
  const lines = Array.from({ length: resources }, (_, index) => rulesOn(index, depth)).flat();
  const requests = Array.from({ length: REQUESTS }, (_, i): Request => {
    const index = (i * 7919) % resources;
    // Every other subject has no rule on it.
    return {
      subject: `user:u${(index + (i % 2)) % SUBJECTS}`,
      action: 'read',
      resource: pathOf(index, depth),
    };
  });
  return { kind: name, amount: depth, text: `${lines.join('\n')}\n${more}\n`, requests };
}

function ruleOn(index: number, pattern: string): string {
  return `allow user:u${index % SUBJECTS} to read on ${pattern}`;
}

function pathOf(index: number, depth: number): string {
  const segments = Array.from({ length: depth }, (_, level) =>
    level === 0 ? `x${index}` : `s${(index * 31 + level) % 20}`,
  );
  return `site:/${segments.join('/')}`;
}
