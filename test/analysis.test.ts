import { describe, expect, test } from 'vitest';
import { type Comparison, compareModels } from '../src/analysis/compare-models.ts';
import { explore } from '../src/analysis/explore.ts';
import { segmentClasses } from '../src/analysis/glob-classes.ts';
import { itemsMeeting } from '../src/analysis/items-meeting.ts';
import { type Changes, findChanges } from '../src/analysis/model-changes.ts';
import { PatternTrie } from '../src/analysis/pattern-trie.ts';
import { PolicyAnalysis } from '../src/analysis/policy-analysis.ts';
import { allItems } from '../src/analysis/rule-items.ts';
import { rulesApart } from '../src/analysis/rules-apart.ts';
import { Schema } from '../src/analysis/schema.ts';
import { includesElements } from '../src/analysis/subjects.ts';
import { compile } from '../src/compile/compile.ts';
import type { Request } from '../src/decision/request.ts';
import { Authorizer, build } from '../src/index.ts';
import type { Glob, Model, PatternElement, Rule } from '../src/model/model.ts';
import { elementsOf } from '../src/model/template-variants.ts';
import { Random, seedOfRun } from './support/generators.ts';
import {
  changeSmallPolicy,
  everyRequest,
  generateSmallPolicy,
  type SmallWorldOptions,
  smallIds,
  writeSmallPolicy,
  writeSmallRule,
} from './support/small-world.ts';

const seed = seedOfRun(process.env.POSTERN_SEED);
console.log(`POSTERN_SEED=${seed}`);

function modelOf(text: string): Model {
  const result = build([{ file: 'a.acl', text }]);
  if (!result.ok) throw new Error(`no policy: ${text}`);
  return result.model;
}

function elementsOfPattern(pattern: string): readonly PatternElement[] {
  return elementsOf(modelOf(`allow anyone to read on ${pattern}`).rules[0]!.resources[0]!);
}

describe('classes of texts', () => {
  const globOf = (pattern: string): Glob => {
    const [, element] = elementsOfPattern(`a:${pattern}`);
    if (element?.kind !== 'glob') throw new Error(`no glob: ${pattern}`);
    return element.glob;
  };

  test.each([
    { globs: ['a*', '*b'], taken: [], expected: ['', '0', '1', '0,1'] },
    { globs: ['a*', '*b'], taken: ['ab'], expected: ['', '0', '1', '0,1'] },
    { globs: ['a?', '?b'], taken: ['ab'], expected: ['', '0', '1'] },
    { globs: ['a?', 'ab*'], taken: [], expected: ['', '0', '1', '0,1'] },
    { globs: ['a?', 'a*'], taken: [], expected: ['', '1', '0,1'] },
    { globs: ['.?'], taken: [], expected: ['', '0'] },
    { globs: ['*b'], taken: ['x', 'xx', 'a'], expected: ['', '0'] },
    { globs: ['"%4"?', '"%4"*'], taken: [], expected: ['', '1', '0,1'] },
  ])('of $globs beside $taken are $expected', ({ globs, taken, expected }) => {
    const classes = segmentClasses(globs.map(globOf), new Set(taken));
    expect(classes.map(({ matched }) => matched.join()).sort()).toEqual([...expected].sort());
    for (const { text } of classes) expect(taken).not.toContain(text);
  });

  test('are none that a segment cannot have', () => {
    const texts = segmentClasses([globOf('.*'), globOf('*";"'), globOf('"%4"?')], new Set()).map(
      ({ text }) => text,
    );
    for (const text of texts) expect(text).not.toMatch(/^\.{1,2}(;|$)|%[\da-f]{2}/i);
  });
});

describe('a pattern includes another', () => {
  test.each([
    ['a/**', 'a/b/*', true],
    ['a/**', 'a', true],
    ['a/*', 'a/**', false],
    ['a:**', 'a:/b', true],
    ['a:**', 'a/b', false],
    ['**', 'a:b/c', true],
    ['**', '/', true],
    ['*', '/', false],
    ['a/*b', 'a/b*b', true],
    ['a/b*b', 'a/*b', false],
    ['a/b?*', 'a/b*', false],
    ['**/x', 'a:/x', true],
    ['**/x', '*:x', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/*/**/b', true],
    ['a/*/**/b', 'a/**/b', false],
    ['a/**/**', 'a/**', true],
  ])('%s includes %s: %s', (outer, inner, expected) => {
    expect(includesElements([elementsOfPattern(outer)], elementsOfPattern(inner))).toBe(expected);
  });

  test('together with another one', () => {
    const both = [elementsOfPattern('a/b/**'), elementsOfPattern('a/*/c')];
    expect(includesElements(both, elementsOfPattern('a/b/x'))).toBe(true);
    expect(includesElements(both, elementsOfPattern('a/*/c'))).toBe(true);
    expect(includesElements(both, elementsOfPattern('a/*'))).toBe(false);
  });
});

test('a walk comes by every combination of patterns that some id matches, and by no other', () => {
  const random = new Random(seed);
  for (let i = 0; i < 60; i++) {
    const rules = Array.from({ length: 1 + random.below(4) }, () => writeSmallRule(random));
    const model = modelOf(['group g { user:a }', 'group h { user:b }', ...rules].join('\n'));
    const trie = new PatternTrie();
    for (const [owner, rule] of model.rules.entries()) {
      for (const resource of rule.resources) trie.add(elementsOf(resource), owner);
    }
    const everything = new PatternTrie();
    everything.add([{ kind: 'many', separator: 'start' }], 0);
    const walked = new Map<string, string>();
    explore(everything, [trie], ({ inOthers, id }) => {
      walked.set([...new Set(inOthers[0])].sort().join(), id());
      return undefined;
    });
    const matched = (id: string): string =>
      model.rules
        .flatMap(({ resources }, owner) =>
          resources.some((each) => includesElements([elementsOf(each)], elementsOf({ kind: 'literal', id })))
            ? [owner]
            : [],
        )
        .join();
    const place = `POSTERN_SEED=${seed}\n${rules.join('\n')}`;
    for (const [owners, id] of walked) expect(matched(id), place).toBe(owners);
    const some = random.sample(smallIds, 120);
    for (const id of some) expect([...walked.keys()], `${place}\n${id}`).toContain(matched(id));
  }
});

const worlds: Readonly<Record<string, SmallWorldOptions>> = {
  'rules alone': { rulesets: true, namespaces: true },
  conditions: { rulesets: true, namespaces: true, conditions: 0.4 },
  'shared variables': { rulesets: true, namespaces: true, conditions: 0.2, variables: 0.25 },
};

/** All requests of a small world, or every so many of them, beginning anywhere. */
function requestsOf(options: SmallWorldOptions, random: Random): readonly Request[] {
  const all = [...everyRequest(options)];
  const step = Math.ceil(all.length / 25_000);
  const first = random.below(step);
  return all.filter((_, i) => i % step === first);
}

function deciderOf(model: Model, mode?: string): (request: Request) => string {
  const authorizer = Authorizer.fromImage(compile(model), { mode });
  return (request) => authorizer.decide(request).decision;
}

test('namespaces that no rule names are told apart', () => {
  const text = 'namespace a { action full implies write }\nallow user:a to full on *:b';
  const [before, after] = [modelOf(text), modelOf(`${text}\ndeny user:a to write on *:b`)];
  expect(compareModels(before, after).kind).toBe('different');
  const analysis = new PolicyAnalysis(after);
  expect(analysis.findMeeting(after.rules[1]!)).toMatchObject({ witness: { resource: 'a:b' } });
  const covered = modelOf(`${text}\nallow user:a to write on *:b\nallow user:a to write on x:b`);
  expect(covered.rules.map((rule) => new PolicyAnalysis(covered).findCover(rule))).toEqual([
    undefined,
    undefined,
    { by: [covered.rules[1]] },
  ]);
});

describe.each(Object.entries(worlds))('in small worlds of %s', (_, options) => {
  const random = new Random(seed);
  const requests = requestsOf(options, random);

  test('two policies are equal if and only if nothing is decided otherwise', () => {
    const counts: Record<Comparison['kind'], number> = { equal: 0, different: 0, unknown: 0 };
    for (let i = 0; i < 60; i++) {
      const policy = generateSmallPolicy(random, options);
      const texts = [policy, changeSmallPolicy(policy, options, random)].map(writeSmallPolicy);
      const results = texts.map((text) => build([{ file: 'a.acl', text }]));
      const [before, after] = results.map((result) => (result.ok ? result.model : undefined));
      if (before === undefined || after === undefined) continue;
      const comparison = compareModels(before, after);
      counts[comparison.kind]++;
      const place = `POSTERN_SEED=${seed}\n${texts.join('---\n')}\n${JSON.stringify(comparison)}`;
      if (comparison.kind === 'different') {
        const { mode, before: was, after: is, ...request } = comparison.witness;
        expect(deciderOf(before, mode)(request as Request), place).toBe(was);
        expect(deciderOf(after, mode)(request as Request), place).toBe(is);
        expect(was, place).not.toBe(is);
      } else if (comparison.kind === 'equal') {
        const [decide, decideAfter] = [deciderOf(before), deciderOf(after)];
        expect(
          requests.find((request) => decide(request) !== decideAfter(request)),
          place,
        ).toBeUndefined();
      }
    }
    expect(counts.equal).toBeGreaterThan(8);
    expect(counts.different).toBeGreaterThan(8);
    if (options.variables === undefined) expect(counts.unknown).toBe(0);
  });

  test('a rule that is covered, shadowed, overridden or dead can be taken away, and witnesses hold', () => {
    const counts = { covered: 0, overridden: 0, dead: 0, witnesses: 0 };
    const isEnough = (): boolean => counts.covered > 2 && counts.overridden + counts.dead > 2;
    // Such rules are rare: a run goes on until it has seen some.
    for (let i = 0; i < 40 || (i < 1_000 && !isEnough()); i++) {
      const text = writeSmallPolicy(generateSmallPolicy(random, { ...options, rules: 7 }));
      const result = build([{ file: 'a.acl', text }]);
      if (!result.ok) continue;
      const { model } = result;
      const analysis = new PolicyAnalysis(model);
      const authorizer = Authorizer.fromImage(result.image);
      const decide = deciderOf(model);
      for (const rule of model.rules) {
        const place = `POSTERN_SEED=${seed}\n${text}\nline ${rule.line}`;
        const covered = analysis.findCover(rule) ?? analysis.findShadow(rule);
        const overridden = rule.effect === 'allow' ? analysis.findOverride(rule) : undefined;
        const isDead = rule.effect === 'deny' && analysis.findMeeting(rule) === undefined;
        if (covered !== undefined) counts.covered++;
        if (overridden !== undefined) counts.overridden++;
        if (isDead) counts.dead++;
        if (covered !== undefined || overridden !== undefined || isDead) {
          const without = deciderOf({ ...model, rules: model.rules.filter((each) => each !== rule) });
          expect(
            requests.find((request) => decide(request) !== without(request)),
            place,
          ).toBeUndefined();
        }
        const witness = analysis.witnessOf(rule);
        if (witness === undefined) continue;
        counts.witnesses++;
        const explained = authorizer
          .explain(witness as Request)
          .rules.find((each) => each.rule.line === rule.line);
        expect(explained?.outcome, `${place}\n${JSON.stringify(witness)}`).toMatch(/^(applies|condition-)/);
      }
    }
    expect(isEnough()).toBe(true);
    expect(counts.witnesses).toBeGreaterThan(100);
  });
});

describe('what changed between', () => {
  const linesOf = ({ rules }: Changes): number[][] =>
    rules.map((changed) => [...changed].map(({ line }) => line).sort((a, b) => a - b));

  test.each([
    {
      title: 'the same rules in another order is nothing',
      before: 'allow anyone to read on a\nallow anyone to read on b\ndeny user:a to read on c',
      after: 'deny user:a to read on c\nallow anyone to read on b\nallow anyone to read on a',
      expected: [[], []],
    },
    {
      title: 'a rule once and twice is nothing',
      before: 'allow anyone to read on a\nallow anyone to read on b',
      after: 'allow anyone to read on b\nallow anyone to read on a\nallow anyone to read on b',
      expected: [[], []],
    },
    {
      title: 'a name and a variable in its place is the rule',
      before: 'allow user:x to read on a/{x}',
      after: 'allow user:{x} to read on a/{x}',
      expected: [[1], [1]],
    },
    {
      title: 'rules that differ in a condition alone is the rule',
      before: 'allow anyone to read on a\nallow anyone to read on b when context.n > 1',
      after: 'allow anyone to read on a\nallow anyone to read on b when context.n > 2',
      expected: [[2], [2]],
    },
    {
      title: 'an ordered ruleset and one in another order is what stands between the common ends',
      before:
        'ruleset r first-applicable {\n allow anyone to read on a\n allow anyone to read on b\n deny anyone to read on **\n}',
      after:
        'ruleset r first-applicable {\n allow anyone to read on a\n deny anyone to read on **\n allow anyone to read on b\n}',
      expected: [
        [3, 4],
        [3, 4],
      ],
    },
    {
      title: 'members of a group in another order is nothing',
      before: 'group g { user:a, user:b }\nallow group:g to read on a',
      after: 'group g { user:b, user:a, user:b }\nallow group:g to read on a',
      expected: [[], []],
    },
    {
      title: 'members of a group within a group is what either is named in',
      before:
        'group g { user:a }\ngroup h { group:g }\nallow group:h to read on a\nallow anyone to read on b when subject in group:g\nallow user:a to read on c',
      after:
        'group g { user:b }\ngroup h { group:g }\nallow group:h to read on a\nallow anyone to read on b when subject in group:g\nallow user:a to read on c',
      expected: [
        [3, 4],
        [3, 4],
      ],
    },
  ])('$title', ({ before, after, expected }) => {
    expect(linesOf(findChanges(modelOf(before), modelOf(after)))).toEqual(expected);
  });

  test('lists of rules is what comparing the meaning of each with each says', () => {
    const random = new Random(seed);
    const meaningOf = ({ location: _, line: __, ...meaning }: Rule): string => JSON.stringify(meaning);
    const without = (rules: readonly Rule[], others: readonly Rule[]): Rule[] => {
      const meanings = new Set(others.map(meaningOf));
      return rules.filter((rule) => !meanings.has(meaningOf(rule)));
    };
    const frame = 'group g { user:a }\ngroup h { user:b }';
    const pool = Array.from({ length: 60 }, () => writeSmallRule(random)).join('\n');
    // Of two models, so that no rule of one is a rule of the other.
    const [ours, theirs] = [modelOf(`${frame}\n${pool}`).rules, modelOf(`${frame}\n${pool}`).rules];
    for (let i = 0; i < 200; i++) {
      const places = Array.from({ length: random.below(60) }, () =>
        random.below(random.pick([10, ours.length])),
      );
      const changed = [...places];
      for (let edits = random.below(6); edits > 0; edits--) {
        const removed = changed.splice(random.below(changed.length + 1), random.below(4));
        const added = random.chance(0.5) ? removed : [random.below(ours.length)];
        changed.splice(random.below(changed.length + 1), 0, ...added);
      }
      const [a, b] = [places.map((at) => ours[at]!), changed.map((at) => theirs[at]!)];
      const place = `POSTERN_SEED=${seed}\n${places.join()}\n${changed.join()}`;
      expect(rulesApart(a, b), place).toEqual([without(a, b), without(b, a)]);
    }
  });
});

describe.each(Object.entries(worlds))('in small worlds of %s', (_, options) => {
  test('nothing but the changed rules can make two policies decide otherwise', () => {
    const random = new Random(seed);
    const requests = random.sample(requestsOf(options, random), 3000);
    for (let i = 0; i < 30; ) {
      const policy = generateSmallPolicy(random, options);
      const texts = [policy, changeSmallPolicy(policy, options, random)].map(writeSmallPolicy);
      const results = texts.map((text) => build([{ file: 'a.acl', text }]));
      const [before, after] = results.map((result) => (result.ok ? result.model : undefined));
      if (before === undefined || after === undefined) continue;
      i++;
      const { rules, isEverything } = findChanges(before, after);
      if (isEverything) continue;
      const [was, is] = [before, after].map((model, side) =>
        deciderOf({ ...model, rules: model.rules.filter((rule) => !rules[side]!.has(rule)) }),
      ) as [(request: Request) => string, (request: Request) => string];
      expect(
        requests.find((request) => was(request) !== is(request)),
        `POSTERN_SEED=${seed}\n${texts.join('---\n')}`,
      ).toBeUndefined();
    }
  });
});

test('of the rules all that speak of some id of a region are found', () => {
  const random = new Random(seed);
  for (let i = 0; i < 80; i++) {
    const text = writeSmallPolicy(generateSmallPolicy(random, { namespaces: true, rules: 8 }));
    const result = build([{ file: 'a.acl', text }]);
    if (!result.ok) continue;
    const { model } = result;
    const schema = new Schema(model);
    const items = allItems(model, schema);
    const region = new PatternTrie();
    for (const elements of random.pick(items).patterns) region.add(elements, 0);
    const found = new Set(
      itemsMeeting(region, schema).map(({ rule, resource }) => JSON.stringify([rule, resource])),
    );
    for (const { rule, resource, patterns } of items) {
      if (found.has(JSON.stringify([rule, resource]))) continue;
      const trie = new PatternTrie();
      for (const elements of patterns) trie.add(elements, 0);
      explore(region, [trie], ({ inOthers, id }) => {
        expect(inOthers[0], `POSTERN_SEED=${seed}\n${text}\nline ${rule.line}: ${id()}`).toEqual([]);
        return undefined;
      });
    }
  }
});

describe('a condition', () => {
  test.each([
    ['context.a == "x" && context.a == "y"', false],
    ['context.a == "x" || context.a != "x"', undefined],
    ['context has a && !(context has a)', false],
    ['context has a || !(context has a)', true],
    ['context.n > 3 && context.n < 3', false],
    ['context.n > 3 && context.n < 4', undefined],
    ['context.s like "a*" && context.s like "b*"', false],
    ['context.s like "a*" && context.s like "*b" && context.s == "ab"', undefined],
    ['context.s like "a*" && context.s == "b"', false],
    ['context.ip in cidr("10.0.0.0/8") && context.ip in cidr("192.168.0.0/16")', false],
    ['context.ip in cidr("10.0.0.0/8") && context.ip in cidr("10.1.0.0/16")', undefined],
    ['context.ip in cidr("10.0.0.0/8") && context.ip == ip("11.0.0.0")', false],
    ['context.t < time("2026-01-01T00:00:00Z") && context.t > time("2027-01-01T00:00:00Z")', false],
    ['context.t < time("2027-01-01T00:00:00Z") && context.t > time("2026-01-01T00:00:00Z")', undefined],
    ['context.d > duration("1h") && context.d < duration("30m")', false],
    ['context.a in ["x", "y"] && context.a == "z"', false],
    ['context.a in [1, "y"] && context.a == "y"', undefined],
    ['subject in group:g && !(subject in group:g)', false],
    ['context.a == context.b && context.a != context.b', undefined],
    ['context.a.b == 1 && !(context has a)', false],
    ['"x" == "x"', true],
    ['1 > 2', false],
  ] as const)('`%s` is constant: %s', (text, expected) => {
    const model = modelOf(`group g { user:a }\nallow anyone to read on a when ${text}`);
    expect(new PolicyAnalysis(model).constantValueOf(model.rules[0]!.condition!)).toBe(expected);
  });
});
