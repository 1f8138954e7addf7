import { describe, expect, test } from 'vitest';
import { encode, hashText, IdElements, prefixHash } from '../src/id/elements.ts';
import { Authorizer, build, type Request } from '../src/index.ts';
import { reference } from './support/generators-evaluators.ts';

// A hash alone decides nothing: what is found by it is compared. Each pair here are two texts of one hash, of which a policy
// names the first; whoever can choose ids can find more of them in a second.

const NAMES = ['bqknjt', 'clzgtf'] as const;
const OF_OTHER_LENGTH = ['afbhlau', 'olkhib'] as const;
const ENTITIES = ['doc:rdyfdz', 'doc:tnrnxo'] as const;
const IDS = ['doc:somename', 'doc:acjmnPUg'] as const;
const SUBJECTS = ['usr:somename', 'usr:acxaLDUb'] as const;

const idHash = (id: string): number => {
  const elements = new IdElements();
  return prefixHash(elements.words, encode(id, elements));
};

test('the pairs have one hash each', () => {
  for (const [one, other] of [NAMES, OF_OTHER_LENGTH, ENTITIES]) expect(hashText(one)).toBe(hashText(other));
  for (const [one, other] of [IDS, SUBJECTS]) expect(idHash(one)).toBe(idHash(other));
});

type Asked = readonly [subject: string, action: string, resource: string, more?: Partial<Request>];

function answersOf(policy: string, asked: readonly Asked[]): string[] {
  const result = build([{ file: 'a.acl', text: policy }]);
  if (!result.ok) throw new Error(`the policy does not build: ${result.diagnostics[0]?.message}`);
  const engine = Authorizer.fromImage(result.image);
  const judge = reference.load(result.model);
  return asked.map(([subject, action, resource, more]) => {
    const request = { subject, action, resource, ...more };
    const { decision } = engine.decide(request);
    expect(judge.decide(request).decision).toBe(decision);
    expect(engine.explain(request).decision.decision).toBe(decision);
    return decision;
  });
}

describe('what a rule names is not taken for another of the same hash', () => {
  const [name, twin] = NAMES;
  const [long, short] = OF_OTHER_LENGTH;

  test('an id', () => {
    for (const [one, other] of [IDS, IDS.toReversed() as [string, string]])
      expect(
        answersOf(
          `allow user:a to read on doc:**\ndeny user:a to read on ${one}\ndeny user:a to read on ${one}/*\n`,
          [
            ['user:a', 'read', one],
            ['user:a', 'read', other],
            ['user:a', 'read', `${one}/x`],
            ['user:a', 'read', `${other}/x`],
          ],
        ),
      ).toEqual(['deny', 'allow', 'deny', 'allow']);
  });

  test('an id beside which the other one stands too', () => {
    const [one, other] = IDS;
    const policy = `deny user:a to read on ${one}\nallow user:a to read on ${other}\nallow user:b to read on ${one}\n`;
    expect(
      answersOf(policy, [
        ['user:a', 'read', one],
        ['user:a', 'read', other],
        ['user:b', 'read', one],
        ['user:b', 'read', other],
      ]),
    ).toEqual(['deny', 'allow', 'allow', 'deny']);
  });

  test.each([
    [name, twin],
    [twin, name],
    [long, short],
    [short, long],
  ])('a segment behind a wildcard: %s and %s', (one, other) => {
    const policy = `allow user:a to read on doc:**\ndeny user:a to read on doc:*/${one}\ndeny user:a to read on doc:**/x/${one}/y\n`;
    expect(
      answersOf(policy, [
        ['user:a', 'read', `doc:d/${one}`],
        ['user:a', 'read', `doc:d/${other}`],
        ['user:a', 'read', `doc:d/e/x/${one}/y`],
        ['user:a', 'read', `doc:d/e/x/${other}/y`],
      ]),
    ).toEqual(['deny', 'allow', 'deny', 'allow']);
  });

  test('segments behind a wildcard that both are named', () => {
    for (const [one, other] of [NAMES, OF_OTHER_LENGTH]) {
      const policy = `deny user:a to read on doc:*/${one}\nallow user:a to read on doc:*/${other}\n`;
      const asked: Asked[] = [
        ['user:a', 'read', `doc:d/${one}`],
        ['user:a', 'read', `doc:d/${other}`],
      ];
      expect(answersOf(policy, asked)).toEqual(['deny', 'allow']);
    }
  });

  test('a subject', () => {
    const [one, other] = SUBJECTS;
    const policy = `allow anyone to read on doc:x\ndeny ${one} to read on doc:x\nallow ${other} to write on doc:x\n`;
    const alone = `allow anyone to read on doc:x\ndeny ${one} to read on doc:x\n`;
    expect(
      answersOf(alone, [
        [one, 'read', 'doc:x'],
        [other, 'read', 'doc:x'],
      ]),
    ).toEqual(['deny', 'allow']);
    expect(
      answersOf(policy, [
        [one, 'read', 'doc:x'],
        [other, 'read', 'doc:x'],
        [one, 'write', 'doc:x'],
        [other, 'write', 'doc:x'],
      ]),
    ).toEqual(['deny', 'allow', 'deny', 'allow']);
  });

  test('an action', () => {
    const policy = `allow user:a to ${name}, ${long} on doc:x\ndeny user:a to ${twin} on doc:y\nallow anyone to ${name} on doc:y\n`;
    expect(
      answersOf(policy, [
        ['user:a', name, 'doc:x'],
        ['user:a', twin, 'doc:x'],
        ['user:a', long, 'doc:x'],
        ['user:a', short, 'doc:x'],
        ['user:a', name, 'doc:y'],
        ['user:a', twin, 'doc:y'],
      ]),
    ).toEqual(['allow', 'deny', 'allow', 'deny', 'allow', 'deny']);
    expect(answersOf(`allow user:a to ${name} on doc:x\n`, [['user:a', twin, 'doc:x']])).toEqual(['deny']);
  });

  test('a group', () => {
    const policy = `group ${name} { }\nallow anyone to read on doc:x\ndeny group:${name} to read on doc:x\n`;
    expect(
      answersOf(policy, [
        ['user:a', 'read', 'doc:x', { groups: [name] }],
        ['user:a', 'read', 'doc:x', { groups: [twin] }],
      ]),
    ).toEqual(['deny', 'allow']);
  });

  test('an entity', () => {
    const policy = `entity ${ENTITIES[0]} { locked: true }\nallow anyone to read on doc:**\ndeny anyone to read on doc:** when resource has locked && resource.locked == true\n`;
    expect(
      answersOf(
        policy,
        ENTITIES.map((id): Asked => ['user:a', 'read', id]),
      ),
    ).toEqual(['deny', 'allow']);
  });
});
