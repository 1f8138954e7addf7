import { describe, expect, test } from 'vitest';
import type { Decision, HttpDecision } from '../src/index.ts';
import {
  type Answer,
  builtOf,
  type DecideCase,
  decideFixtures,
  type ExpectedDecision,
  type ExpectedHttpDecision,
  engine,
  evaluators,
  reference,
} from './support/evaluators.ts';

/**
 * What policies mean: every rule of grammar/semantics.md, as requests and answers. The reference evaluator, the engine and
 * the engine on a saved image in a process of its own must all give the answers of test/fixtures/decide/.
 */
describe('the fixtures', () => {
  test('there are some, and all have policies', () => {
    expect(decideFixtures.length).toBeGreaterThan(80);
    expect(decideFixtures.filter(({ sources }) => sources.length === 0).map(({ name }) => name)).toEqual([]);
  });

  test('each asks something', () => {
    expect(decideFixtures.filter(({ cases }) => cases.length === 0).map(({ name }) => name)).toEqual([]);
    expect(
      allCases().filter(({ request, http }) => (request === undefined) === (http === undefined)),
    ).toEqual([]);
  });

  test('each expects a whole answer and cites a rule', () => {
    expect(allCases().filter(({ rule }) => !/^S[1-9]\d?$/.test(rule))).toEqual([]);
    expect(allCases().filter(({ expected }) => !['allow', 'deny'].includes(expected?.decision))).toEqual([]);
    expect(allCases().filter(({ expected }) => typeof expected.reason !== 'string')).toEqual([]);
    const named = allCases().filter(
      ({ request, expected }) => request !== undefined && expected.reason === 'rule',
    );
    expect(named.filter(({ expected }) => !('rule' in expected))).toEqual([]);
  });

  test('no two have one title', () => {
    const seen = new Set<string>();
    expect(allCases().filter(({ title }) => seen.size === seen.add(title).size)).toEqual([]);
  });

  test('every rule about decisions is cited', () => {
    const cited = new Set(allCases().map(({ rule }) => rule));
    const uncited = decidingRules.filter((rule) => !cited.has(rule));
    expect(uncited).toEqual([]);
  });
});

describe.each(evaluators)('$name', ({ load }) => {
  for (const fixture of decideFixtures) {
    describe(fixture.name, () => {
      let answers: readonly Answer[] | undefined;
      fixture.cases.forEach((each, i) => {
        test(each.title, () => {
          builtOf(fixture);
          answers ??= load(fixture);
          expect(readAnswer(each, answers[i]!)).toEqual(readExpected(each));
        });
      });
    });
  }
});

describe('the door', () => {
  const fixture = decideFixtures.find(({ name }) => name === 'modes-say-what-is-enforced')!;
  const unknownMode = { ...fixture, cases: [{ ...fixture.cases[0]!, mode: 'lenient' }] };

  test.each([reference, engine])('$name refuses a mode that no `enforced in` names', ({ load }) => {
    expect(() => load(unknownMode)).toThrow(/lenient/);
  });

  test('answers of the engine are frozen', () => {
    const answers = decideFixtures.flatMap((each) => engine.load(each));
    expect(answers.filter((answer) => !Object.isFrozen(answer))).toEqual([]);
    expect(answers.filter((answer) => 'rule' in answer && !Object.isFrozen(answer.rule))).toEqual([]);
  });

  test('answers are the same when asked again in another order', () => {
    for (const each of decideFixtures) {
      const backwards = engine.load({ ...each, cases: each.cases.toReversed() }).toReversed();
      expect(backwards, each.name).toEqual(engine.load(each));
    }
  });
});

function allCases(): DecideCase[] {
  return decideFixtures.flatMap(({ cases }) => cases);
}

/** S52 to S59, S63 and S64 are about constants, files and loading: other tests have them. */
const decidingRules = [
  ...[
    'S1',
    'S2',
    'S3',
    'S4',
    'S5',
    'S6',
    'S7',
    'S8',
    'S9',
    'S10',
    'S11',
    'S12',
    'S13',
    'S14',
    'S15',
    'S16',
    'S17',
  ],
  ...[
    'S18',
    'S19',
    'S21',
    'S22',
    'S23',
    'S24',
    'S25',
    'S26',
    'S27',
    'S28',
    'S29',
    'S30',
    'S31',
    'S32',
    'S33',
    'S34',
  ],
  ...[
    'S35',
    'S36',
    'S41',
    'S42',
    'S43',
    'S44',
    'S45',
    'S46',
    'S47',
    'S48',
    'S49',
    'S50',
    'S51',
    'S60',
    'S61',
    'S62',
  ],
  ...['S65', 'S66', 'S70', 'S71'],
];

// ---------------------------------------------------------------- comparing

type Comparable = Readonly<Record<string, unknown>>;

function readAnswer({ http, expected }: DecideCase, answer: Answer): Comparable {
  if (http !== undefined) return readHttpAnswer(answer as HttpDecision, expected as ExpectedHttpDecision);
  const { decision, reason, rule, ruleset } = answer as Decision;
  const { line, role } = expected as ExpectedDecision;
  return {
    decision,
    reason,
    rule: rule?.id,
    ruleset,
    // Looked at only where it is expected; a rule without `@id` tells its place in its name.
    place:
      rule === undefined || rule.id === `${rule.file}:${rule.line}`
        ? undefined
        : (line ?? rule.line) === rule.line,
    role: role === undefined ? undefined : rule?.role,
  };
}

function readExpected({ http, expected }: DecideCase): Comparable {
  if (http !== undefined) return { ...expected };
  const { decision, reason, rule, role, ruleset } = expected as ExpectedDecision;
  const isNamedByHand = rule !== undefined && !/\.acl:\d+$/.test(rule) && !rule.startsWith('postern:');
  return { decision, reason, rule, ruleset, place: isNamedByHand ? true : undefined, role };
}

function readHttpAnswer(
  { decision, reason, requirements }: HttpDecision,
  { requires }: ExpectedHttpDecision,
): Comparable {
  if (requires === undefined) return { decision, reason };
  return { decision, reason, requires: requirements.map(({ action, resource }) => `${action} ${resource}`) };
}
