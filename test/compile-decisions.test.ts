import { describe, expect, test } from 'vitest';
import { isSubject } from '../src/id/scan.ts';
import { readImage } from '../src/image/image.ts';
import { ENTRY_CLASS, ENTRY_SIZE, SCALAR_CLASS_COUNT } from '../src/image/layout.ts';
import { Authorizer, build, type Request } from '../src/index.ts';
import { nodesOf } from './support/damaged-images.ts';
import { contractOf, reference } from './support/generators-evaluators.ts';

// What the compiler may leave out of a list, put in another order or write elsewhere, without an answer becoming another.
// Every answer is held against the reference evaluator's.

interface Case {
  readonly title: string;
  readonly policy: readonly string[];
  /** `subject action resource`, with `-` for no resource, and how it is decided: by which line, or why. */
  readonly answers: Readonly<Record<string, string>>;
  readonly context?: Readonly<Record<string, unknown>>;
}

const times = (count: number, line: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => line(i));
const first = (...lines: string[]): string[] => ['ruleset r first-applicable {', ...lines, '}'];

const cases: readonly Case[] = [
  {
    title: 'a variable that stands twice in a subject alone must agree',
    policy: ['allow svc:/** to read on doc:x', 'deny svc:/{n}/{n} to read on doc:x'],
    answers: { 'svc:/a/a read doc:x': 'deny 2', 'svc:/a/b read doc:x': 'allow 1' },
  },
  {
    title: 'a rule with a condition does not stand for the one behind it',
    policy: first(
      'allow user:a to read on doc:x when context.n == 1',
      'deny user:a to read on doc:x when context.n == 2',
      'deny user:a to read on doc:x',
      'allow user:a to read on doc:x',
    ),
    context: { n: 3 },
    answers: { 'user:a read doc:x': 'deny 4' },
  },
  {
    title: 'a rule with a condition does not stand for others behind one whose subject has a variable',
    policy: [
      'deny svc:/{n}/{n} to read on doc:x',
      ...first(
        'deny user:a to read on doc:x when context.n == 1',
        'deny user:a to read on doc:x',
        'allow user:a to read on doc:x',
      ),
    ],
    context: { n: 3 },
    answers: { 'user:a read doc:x': 'deny 4' },
  },
  {
    title: 'a rule with a shared variable does not stand for the one behind it',
    policy: [
      'allow anyone to read on home:**',
      'deny user:{n} to read on home:{n}/x',
      'deny user:{n} to read on home:*/x when context.n == 3',
    ],
    context: { n: 3 },
    answers: { 'user:a read home:a/x': 'deny 2', 'user:a read home:b/x': 'deny 3' },
  },
  {
    title: 'an allow before it does not make a deny idle where a namespace lets the deny speak of more',
    policy: [
      'namespace a { }',
      'namespace b { action full implies read }',
      ...first('allow user:a to read on b:x', 'deny user:a to read on b:x', 'allow user:a to full on b:x'),
    ],
    answers: { 'user:a full b:x': 'deny 5', 'user:a read b:x': 'allow 4' },
  },
  {
    title: 'an allow before it does not make a deny idle where an implication lets the deny speak of more',
    policy: [
      'action full implies read',
      ...first('allow user:a to read on b:x', 'deny user:a to read on b:x', 'allow user:a to full on b:x'),
    ],
    answers: { 'user:a full b:x': 'deny 4', 'user:a read b:x': 'allow 3' },
  },
  {
    title: 'an allow does not make a deny idle in a ruleset in which denies come first',
    policy: ['ruleset r deny-overrides {', 'allow user:a to read on b:x', 'deny user:a to read on b:x', '}'],
    answers: { 'user:a read b:x': 'deny 3' },
  },
  {
    title: 'an allow does not make a deny idle outside of rulesets',
    policy: [
      'allow user:a to read on b:x',
      'allow user:a to read on b:x',
      'deny user:a to read on b:x',
      'deny user:a to read on b:x',
    ],
    answers: { 'user:a read b:x': 'deny 3' },
  },
  {
    title: 'rules of one ruleset do not stand for those of another, nor for those of none',
    policy: [
      'ruleset p first-applicable {',
      'scope read on other:**',
      'allow user:a to read on b:x',
      '}',
      'ruleset q first-applicable {',
      'allow user:a to write on b:x',
      'deny user:a to read on b:x',
      '}',
      'deny user:a to write on b:x',
    ],
    answers: { 'user:a read b:x': 'deny 7', 'user:a write b:x': 'deny 9' },
  },
  {
    title: 'a rule for some actions does not stand for one of more, on any page of actions',
    policy: [
      `allow user:z to ${times(70, (i) => `act${i}`).join(', ')} on z:z`,
      'allow user:a to act1, act40, act69 on b:x',
      'deny user:a to act1 on b:x',
      'deny user:a to act1, act33 on b:x',
      'deny user:a to act40, act1 on b:x',
    ],
    answers: {
      'user:a act1 b:x': 'deny 3',
      'user:a act33 b:x': 'deny 4',
      'user:a act40 b:x': 'deny 5',
      'user:a act69 b:x': 'allow 2',
    },
  },
  {
    title: 'in a list too long to be read through every rule of a class is found',
    policy: [
      ...times(30, (i) => `allow user:u${i % 10} to act${i % 3} on crowd:room`),
      ...times(10, (i) => `deny user:u${i} to act${i % 3} on crowd:room when context.n == 3`),
      'allow anyone to act0 on crowd:room',
    ],
    context: { n: 3 },
    answers: Object.fromEntries([
      ...times(10, (i) => `user:u${i} act${i % 3} crowd:room`).map((key, i) => [key, `deny ${31 + i}`]),
      ['user:u1 act2 crowd:room', 'allow 12'],
      ['user:other act0 crowd:room', 'allow 41'],
      ['user:other act1 crowd:room', 'default'],
    ]),
  },
  ...[1022, 1023, 1024, 1025].map((count) => ({
    title: `${count} rules on the wildcard behind an id all count`,
    policy: [
      ...times(count - 1, (i) => `allow user:u${i} to read on doc:*`),
      `deny user:u${count >> 1} to read on doc:*`,
    ],
    answers: {
      'user:u0 read doc:x': 'allow 1',
      [`user:u${count >> 1} read doc:x`]: `deny ${count}`,
      [`user:u${count - 2} read doc:x`]: `allow ${count - 1}`,
      'user:u0 read doc:x:y': 'default',
    },
  })),
  ...[31, 32, 33].map((count) => ({
    title: `${count} rules on an id and ${count} on what is beneath it all count`,
    policy: [
      ...times(count, (i) => `allow user:u${i} to read on doc:x`),
      ...times(count, (i) => `deny user:u${i} to write on doc:x/**`),
      'allow anyone to write on doc:**',
      'allow anyone to write on doc:x',
    ],
    answers: {
      [`user:u${count - 1} read doc:x`]: `allow ${count}`,
      [`user:u${count - 1} read doc:x/y`]: 'default',
      [`user:u${count - 1} write doc:x`]: `deny ${count * 2}`,
      'user:u0 write doc:x/y/z': `deny ${count + 1}`,
      [`user:u${count} write doc:x/y/z`]: `allow ${count * 2 + 1}`,
    },
  })),
  {
    title: 'a long list that begins with the class with which the one before it ends',
    policy: [
      'allow user:a to read on doc:**',
      ...times(20, (i) => `deny anyone to read on doc:x when context.n == ${i}`),
      ...times(20, (i) => `deny anyone to read on doc:x/** when context.n == ${i + 20}`),
      ...times(20, (i) => `deny user:u${i} to read on doc:x/**`),
    ],
    context: { n: 21 },
    answers: {
      'user:a read doc:x': 'deny 23',
      'user:a read doc:x/y': 'deny 23',
      'user:b read doc:x/y': 'deny 23',
    },
  },
  {
    title: 'what stands behind a wildcard beneath a long shared beginning is found',
    policy: [
      'allow user:a to read on doc:**',
      ...times(9, (i) => `allow user:a to read on doc:a-long-shared-beginning/leaf${i}/x`),
      'deny user:a to read on doc:a-long-shared-beginning/*/secret',
    ],
    answers: {
      'user:a read doc:a-long-shared-beginning/leaf1/x': 'allow 1',
      'user:a read doc:a-long-shared-beginning/leaf1/secret': 'deny 11',
    },
  },
  {
    title: 'what goes on behind an id is found by its own text, whatever text was written before it',
    policy: [
      'namespace n { resource n:<x... by "."> { actions read } }',
      'allow user:a to read on **',
      'allow user:a to read on n:x/**',
      'allow user:a to read on longer:thing/y',
      'deny user:a to read on n:x',
    ],
    answers: { 'user:a read n:x': 'deny 5', 'user:a read n:x.y': 'deny 5', 'user:a read n:xy': 'allow 2' },
  },
  {
    title: 'the root of a path is no segment that a `*` takes',
    policy: [
      'allow user:a to read on doc:x:*',
      'allow user:a to read on doc:y:**',
      'deny user:a to read on doc:y:*',
      'allow user:a to read on doc:*:/**',
    ],
    answers: {
      'user:a read doc:x:z': 'allow 1',
      'user:a read doc:y:z': 'deny 3',
      'user:a read doc:y:/': 'allow 2',
      'user:a read doc:y': 'allow 2',
    },
  },
  {
    title: 'the root of a path is covered by no `*` alone',
    policy: ['allow user:a to read on doc:x:*', 'allow user:a to read on */*'],
    answers: {
      'user:a read doc:x:/': 'default',
      'user:a read doc:x': 'default',
      'user:a read doc:x/y': 'default',
      'user:a read a/b': 'allow 2',
    },
  },
  {
    title:
      'a deny in a ruleset does not stand for one of the same words outside, which holds out of its scope',
    policy: [
      ...['ruleset r deny-overrides {', 'scope write on other:**', 'deny user:a to read on b:x', '}'],
      'deny user:a to read on b:x',
      'allow user:a to read on b:x',
    ],
    answers: { 'user:a read b:x': 'deny 5' },
  },
  {
    title: 'a deny is not idle where the one namespace that there is lets it speak of more',
    policy: [
      'namespace b { action full implies read }',
      ...first('allow user:a to read on b:x', 'deny user:a to read on b:x', 'allow user:a to full on b:x'),
    ],
    answers: { 'user:a full b:x': 'deny 4' },
  },
  {
    title: 'a variable behind the root of a path binds as it does elsewhere',
    policy: [
      'allow anyone to read on **',
      'deny user:{n} to read on /home/{n}',
      'deny user:{n} to read on box:/{n}/x',
    ],
    answers: {
      'user:a read /home/a': 'deny 2',
      'user:a read /home/b': 'allow 1',
      'user:a read box:/a/x': 'deny 3',
      'user:a read box:/b/x': 'allow 1',
    },
  },
  {
    title: 'of two `**` in a row each takes what the other leaves',
    policy: [
      'allow anyone to read, list on **',
      'deny anyone to read on wild:**/**',
      'deny anyone to list on **/**',
      'deny anyone to read on tree/**/**',
      'deny anyone to read on deep:**:**/end',
    ],
    answers: {
      'user:a read wild': 'deny 2',
      'user:a read wild:x': 'deny 2',
      'user:a read wild:x/y': 'deny 2',
      'user:a read wild:x:y/z': 'deny 2',
      'user:a read other': 'allow 1',
      'user:a list x': 'deny 3',
      'user:a list x/y': 'deny 3',
      'user:a list -': 'deny 3',
      'user:a read -': 'allow 1',
      'user:a read tree': 'deny 4',
      'user:a read tree/x/y': 'deny 4',
      'user:a read deep:x:y/end': 'deny 5',
      'user:a read deep/end': 'deny 5',
    },
  },
  {
    title: 'a condition that ends with what is not true or false errs: an allow does not hold, a deny does',
    policy: [
      'allow anyone to deny, and on doc:x',
      'allow user:a to allow on doc:x when context.text',
      'deny user:a to deny on doc:x when context.text',
      'deny user:a to and on doc:x when context.yes && context.text',
      'allow user:a to or on doc:x when context.no || context.text',
      'allow user:a to fine on doc:x when context.no || context.yes',
    ],
    context: { text: 'true', yes: true, no: false },
    answers: {
      'user:a allow doc:x': 'default',
      'user:a deny doc:x': 'deny 3',
      'user:a and doc:x': 'deny 4',
      'user:a or doc:x': 'default',
      'user:a fine doc:x': 'allow 6',
    },
  },
  {
    title: 'no allow comes of a list that stands elsewhere than behind `in`, and no deny is lost for it',
    policy: [
      'allow user:a to eq on doc:x when context.l == [1]',
      'allow user:a to same on doc:x when [1] == [1]',
      'allow user:a to in on doc:x when [1] in [[1], 2]',
      'allow user:a to part on doc:x when [1] in context.l || true',
      'allow anyone to eq, ne, less on doc:x',
      'deny user:b to eq on doc:x when context.l == [1]',
      'deny user:b to ne on doc:x when context.l != [1]',
      'deny user:b to less on doc:x when [1] < 2',
    ],
    context: { l: [1] },
    answers: {
      'user:a eq doc:x': 'allow 5',
      'user:a same doc:x': 'default',
      'user:a in doc:x': 'default',
      'user:a part doc:x': 'default',
      'user:b eq doc:x': 'deny 6',
      'user:b ne doc:x': 'deny 7',
      'user:b less doc:x': 'deny 8',
    },
  },
];

test.each(cases)('$title', ({ policy, answers, context }) => {
  const result = build([{ file: 'a.acl', text: `${policy.join('\n')}\n` }]);
  if (!result.ok) throw new Error(`the policy does not build: ${result.diagnostics[0]?.message}`);
  const engine = Authorizer.fromImage(result.image);
  const judge = reference.load(result.model);
  const asked = Object.keys(answers).map((key): Request => {
    const [subject, action, resource] = key.split(' ') as [string, string, string];
    const place = resource === '-' ? {} : { resource };
    return { subject, action, ...place, ...(context === undefined ? {} : { context }) };
  });
  const decisions = asked.map((request) => engine.decide(request));
  expect(
    decisions.map(({ decision, reason, rule }) => (rule === undefined ? reason : `${decision} ${rule.line}`)),
  ).toEqual(Object.values(answers));
  expect(decisions.map(contractOf)).toEqual(asked.map((request) => contractOf(judge.decide(request))));
  expect(engine.areAllowed(asked)).toEqual(decisions.map(({ decision }) => decision === 'allow'));
});

describe('entries that never decide', () => {
  const idleOf = (...lines: string[]): number => {
    const result = build([{ file: 'a.acl', text: `${lines.join('\n')}\n` }]);
    if (!result.ok) throw new Error(`the policy does not build: ${result.diagnostics[0]?.message}`);
    const image = readImage(result.image);
    const classes = image.scalars[SCALAR_CLASS_COUNT]!;
    return nodesOf(image)
      .flatMap(({ entries, entryCount }) => times(entryCount, (i) => `${entries + i * ENTRY_SIZE}`))
      .filter((entry) => image.nodes[Number(entry) + ENTRY_CLASS]! >= classes).length;
  };

  test.each([
    ['plain rules of one effect', 2, times(3, () => 'allow user:a to read on b:x')],
    [
      'plain rules of one effect behind one of more actions',
      1,
      ['deny user:a to read, write on b:x', 'deny user:a to write on b:x'],
    ],
    [
      'rules of one ruleset, whatever their effect',
      2,
      first('allow user:a to read on b:x', 'deny user:a to read on b:x', 'allow user:a to read on b:x'),
    ],
    [
      'of two effects outside of a ruleset none',
      0,
      ['allow user:a to read on b:x', 'deny user:a to read on b:x'],
    ],
    ['with conditions none', 0, times(2, () => 'allow user:a to read on b:x when context.n == 1')],
    ['of two subjects none', 0, ['allow user:a to read on b:x', 'allow user:b to read on b:x']],
    [
      'of more actions than those before none',
      0,
      ['allow user:a to read on b:x', 'allow user:a to read, write on b:x'],
    ],
  ] as const)('%s: %i are set aside, so that no decision looks at them', (_, count, lines) => {
    expect(idleOf(...lines)).toBe(count);
  });
});

test('ids that differ in a separator, or of which one begins the other, are never one', () => {
  for (let i = 0; i < 60; i++) {
    const text = `deny user:a to read on doc:n${i}\nallow user:a to read on doc/n${i}\nallow user:a to read on doc:n${i}more\ndeny user:a to read on doc:n${i}mo\ndeny user:a to read on x:*:n${i}\nallow user:a to read on x:*/n${i}\nallow user:a to read on x:*:n${i}more\n`;
    const result = build([{ file: 'a.acl', text }]);
    if (!result.ok) throw new Error(result.diagnostics[0]?.message);
    const engine = Authorizer.fromImage(result.image);
    const ids = ['doc:n', 'doc/n', 'x:y:n', 'x:y/n'].map((start) => `${start}${i}`);
    const asked = [...ids, `doc:n${i}more`, `doc:n${i}mo`, `x:y:n${i}more`, `doc:n${i}m`];
    expect(
      asked.map((id) => engine.decide({ subject: 'user:a', action: 'read', resource: id }).rule?.line),
      `${i}`,
    ).toEqual([1, 2, 5, 6, 3, 4, 7, undefined]);
  }
});

test('more lists than a walk has room for at first: none of them is lost', () => {
  // A glob for every part of one text: each is a list of its own, and all of them cover the one id.
  const text = Array.from({ length: 78 }, (_, i) => String.fromCharCode(0x4e00 + i)).join('');
  const parts: string[] = [];
  for (let from = 0; from < text.length; from++)
    for (let to = from + 1; to <= text.length; to++) parts.push(text.slice(from, to));
  const rules = parts.map((part, i) => `deny user:u${i} to read on doc:*"${part}"*/x\n`);
  const result = build([{ file: 'a.acl', text: `allow anyone to read on doc:**\n${rules.join('')}` }]);
  if (!result.ok) throw new Error(`the policy does not build: ${result.diagnostics[0]?.message}`);
  const engine = Authorizer.fromImage(result.image);
  expect(parts.length).toBeGreaterThan(3000);
  for (let i = 0; i < parts.length; i += 97) {
    const { decision, rule } = engine.decide({
      subject: `user:u${i}`,
      action: 'read',
      resource: `doc:${text}/x`,
    });
    expect([decision, rule?.line], parts[i]).toEqual(['deny', i + 2]);
  }
  expect(isSubject(`user:u${parts.length}`)).toBe(true);
  expect(engine.isAllowed(`user:u${parts.length}`, 'read', `doc:${text}/x`)).toBe(true);
});
