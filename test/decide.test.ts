import { describe, expect, test } from 'vitest';
import {
  Authorizer,
  build,
  type Decision,
  type HttpDecision,
  PolicyError,
  type Request,
} from '../src/index.ts';
import { createReference } from '../src/reference/reference.ts';
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
  requestOf,
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

  test('every way to ask the engine gives the same answer', () => {
    let bare = 0;
    for (const each of decideFixtures) {
      for (const mode of new Set(each.cases.map((one) => one.mode))) {
        const authorizer = Authorizer.fromImage(builtOf(each).image, mode === undefined ? {} : { mode });
        const asked = each.cases.filter((one) => one.http === undefined && one.mode === mode);
        const requests = asked.map((one): unknown => requestOf(one)) as Request[];
        const decisions = requests.map((request) => authorizer.decide(request));
        expect(authorizer.decideAll(requests), each.name).toEqual(decisions);
        expect(requests.map((request) => authorizer.explain(request).decision)).toEqual(decisions);
        const answers = decisions.map(({ decision }) => decision === 'allow');
        expect(authorizer.areAllowed(requests), each.name).toEqual(answers);
        for (const [i, { subject, action, resource, ...rest }] of requests.entries()) {
          if (Object.keys(rest).length > 0) continue;
          bare++;
          const { title } = asked[i]!;
          const isAllowed = decisions[i]!.decision === 'allow';
          expect(authorizer.isAllowed(subject, action, resource), title).toBe(isAllowed);
          const approver = authorizer.approver(subject, action);
          expect([approver.allows(resource), approver.allows(resource)], title).toEqual([
            isAllowed,
            isAllowed,
          ]);
          if (typeof subject === 'string') {
            const handle = authorizer.subject(subject);
            expect(authorizer.isAllowed(handle, action, resource), title).toBe(isAllowed);
            if (typeof resource === 'string')
              expect(authorizer.isAllowed(handle, action, authorizer.resource(resource)), title).toBe(
                isAllowed,
              );
          }
          if (typeof resource === 'string')
            expect(authorizer.isAllowed(subject, action, authorizer.resource(resource)), title).toBe(
              isAllowed,
            );
          if (resource === undefined) continue;
          expect(authorizer.filter(subject, action, [resource, 'x//', resource]), title).toHaveLength(
            isAllowed ? 2 : 0,
          );
        }
      }
    }
    expect(bare).toBeGreaterThan(1000);
  });

  test('an explanation names the deciding rule among those that apply', () => {
    for (const each of decideFixtures) {
      const authorizer = Authorizer.fromImage(builtOf(each).image);
      for (const one of each.cases) {
        if (one.http !== undefined || one.mode !== undefined || one.expected.reason !== 'rule') continue;
        const request: unknown = requestOf(one);
        const { decision, rules } = authorizer.explain(request as Request);
        const applying = rules.filter(
          ({ outcome }) => outcome === 'applies' || outcome === 'condition-error',
        );
        expect(
          applying.map(({ rule }) => rule),
          one.title,
        ).toContainEqual(decision.rule);
      }
    }
  });

  const wellFormed = { subject: 'user:a', action: 'read', resource: 'a:b' };
  class Instance {
    readonly level = 1;
  }
  const notJson: readonly (readonly [what: string, request: unknown])[] = [
    ['nothing', undefined],
    ['null', null],
    ['a string', 'user:a'],
    ['a number', 5],
    ['a list', ['user:a', 'read', 'a:b']],
    ['a function', () => wellFormed],
    ['a symbol', Symbol('request')],
    ['a string object as the subject', { ...wellFormed, subject: new String('user:a') }],
    ['a string object as the action', { ...wellFormed, action: new String('read') }],
    ['a string object as the resource', { ...wellFormed, resource: new String('a:b') }],
    ['a symbol as the subject', { ...wellFormed, subject: Symbol('user:a') }],
    ['a symbol as the resource', { ...wellFormed, resource: Symbol('a:b') }],
    ['a bigint as the action', { ...wellFormed, action: 1n }],
    ['a function as the resource', { ...wellFormed, resource: () => 'a:b' }],
    ['what turns into a string as the resource', { ...wellFormed, resource: { toString: () => 'a:b' } }],
    ['what turns into a string as a group', { ...wellFormed, groups: [{ toString: () => 'ops' }] }],
    ['a string object as a group', { ...wellFormed, groups: [new String('ops')] }],
    ['a hole in the groups', { ...wellFormed, groups: new Array(1) }],
    ['a set of groups', { ...wellFormed, groups: new Set(['ops']) }],
    ['what looks like a list as groups', { ...wellFormed, groups: { length: 1, 0: 'ops' } }],
    ['a map as the context', { ...wellFormed, context: new Map([['level', 1]]) }],
    ['a date as the context', { ...wellFormed, context: new Date(0) }],
    ['an instance as the context', { ...wellFormed, context: new Instance() }],
    ['a function as the context', { ...wellFormed, context: () => ({ level: 1 }) }],
    ['an instance as attributes', { ...wellFormed, attributes: new Instance() }],
    ['a map as attributes of the subject', { ...wellFormed, attributes: { subject: new Map() } }],
  ];

  test.each(notJson)('%s is malformed', (_what, request) => {
    for (const { decide } of doorsTo(allowAll)) {
      const { decision, reason } = decide(request as Request);
      expect({ decision, reason }).toEqual({ decision: 'deny', reason: 'malformed' });
    }
  });

  test('objects without a prototype are plain, and absent is undefined', () => {
    const context: unknown = Object.assign(Object.create(null), { level: 1 });
    for (const { decide } of doorsTo(allowAll)) {
      expect(decide({ ...wellFormed, context }).decision).toBe('allow');
      expect(
        decide({ ...wellFormed, subject: undefined, groups: undefined, context: undefined }).decision,
      ).toBe('allow');
    }
  });

  test('values that JSON cannot hold err in conditions', () => {
    const text =
      'allow user:a to read on a:b when context.x == 1\ndeny user:b to read on a:b when context.x == 1\n';
    const values = [
      1n,
      Symbol('1'),
      () => 1,
      new Number(1),
      new Instance(),
      new Map(),
      undefined,
      Number.NaN,
    ];
    for (const { decide } of doorsTo(`${text}allow user:b to read on a:b\n`)) {
      for (const x of values) {
        expect(decide({ ...wellFormed, context: { x } }).decision, String(x)).toBe('deny');
        if (typeof x === 'number') continue;
        expect(decide({ ...wellFormed, subject: 'user:b', context: { x } }).decision, String(x)).toBe('deny');
      }
    }
  });

  test('a place of a list that holds nothing cannot be compared', () => {
    const text = 'allow user:a to read on a:b when "x" in context.list\nallow user:b to read on a:b\n';
    for (const { decide } of doorsTo(`${text}deny user:b to read on a:b when "x" in context.list\n`)) {
      for (const list of [Array(2), Object.assign(['y'], { length: 2 })]) {
        expect(decide({ ...wellFormed, context: { list } }).decision).toBe('deny');
        expect(decide({ ...wellFormed, subject: 'user:b', context: { list } }).decision).toBe('deny');
      }
      expect(decide({ ...wellFormed, context: { list: ['y'] } }).decision).toBe('deny');
      expect(decide({ ...wellFormed, subject: 'user:b', context: { list: ['y'] } }).decision).toBe('allow');
    }
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

const allowAll = 'allow anyone to read on **\n';

/** The reference evaluator and the engine on a policy of one file. */
function doorsTo(text: string): readonly { decide(request: Request): Decision }[] {
  const result = build([{ file: 'door.acl', text }]);
  if (!result.ok) throw new PolicyError(result.diagnostics, result.textOf);
  return [createReference(result.model), Authorizer.fromImage(result.image)].map((door) => ({
    decide: (request) => door.decide(request),
  }));
}

function allCases(): DecideCase[] {
  return decideFixtures.flatMap(({ cases }) => cases);
}

/** All but S20, S63 and S64, which are about mistakes and files, and S40, which names what the rules after it use. */
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
