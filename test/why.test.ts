import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Request } from '../src/decision/request.ts';
import type { Model } from '../src/model/model.ts';
import { printSubject } from '../src/printing/print-rule.ts';
import { createReference } from '../src/reference/reference.ts';
import { explainWhy, renderWhy, type SubjectMatch, type Why } from '../src/why.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { buildLines } from './support/judge-why.ts';
import {
  confirmSuggestions,
  emptyWhyConfirmation,
  nextLinePolicy,
  whyWorldOf,
  whyWorlds,
} from './support/why-confirm.ts';

const seed = seedOfRun(process.env.POSTERN_SEED);
console.log(`POSTERN_SEED=${seed}`);

describe.each(Object.entries(whyWorlds))(`in a small world of %s (seed ${seed})`, (_, options) => {
  const world = whyWorldOf(options);

  test('every suggestion has the request allowed, and opens what it says and nothing else', () => {
    const random = new Random(seed);
    const known = emptyWhyConfirmation();
    for (let i = 0; i < 3; i++) confirmSuggestions(world, random, { denials: 2, sample: 1500, known });
    expect(known.failures).toEqual([]);
  });

  test('the decision is that of the reference evaluator', () => {
    const random = new Random(seed + 1);
    for (let i = 0; i < 5; i++) {
      const policy = nextLinePolicy(random, options);
      const { model } = buildLines(policy);
      const { decide } = createReference(model);
      for (const request of random.times(10, () => random.pick(world.everything))) {
        const { decision, rules } = explainWhy(model, request, { withoutSuggestions: true });
        expect(decision, `${policy.text}\n${JSON.stringify(request)}`).toEqual(decide(request));
        const [first] = rules;
        if (decision.reason === 'rule')
          expect(first).toMatchObject({ standing: 'decides', rule: decision.rule });
        else expect(rules.map(({ standing }) => standing)).not.toContain('decides');
      }
    }
  });
});

test('who has not logged in is among those for whom a change opens something', () => {
  const text = [
    'action full implies read, write',
    'allow anyone to read on **',
    'deny authenticated to write on **',
  ].join('\n');
  const { model } = buildLines({ file: 'open.acl', text });
  const { suggestions } = explainWhy(model, { subject: 'svc:/a', action: 'full', resource: 'b/a' });
  const widened = suggestions.filter(({ edits }) =>
    edits.some((edit) => edit.kind === 'change-rule' && edit.text === 'allow anyone to read, full on **'),
  );
  expect(widened.length).toBeGreaterThan(0);
  for (const { opens } of widened) {
    const opened = opens.parts.filter(({ actions }) => actions.includes('write'));
    const meant = opened.flatMap(({ subjects }) => subjects.flatMap(({ all }) => all));
    expect(meant).toContainEqual({ kind: 'anyone' });
  }
});

describe('where thousands of resources meet', () => {
  const wide = buildLines({ file: 'wide.acl', text: 'allow user:a to read on n:{1..2500}' }).model;

  test.each([
    ['a rule of all of them', { subject: 'user:b', action: 'read', resource: 'n:5' }],
    ['a rule over all of them', { subject: 'user:a', action: 'write' }],
  ])('%s opens at most what it says, in one part', (_, request) => {
    const { suggestions } = explainWhy(wide, request);
    expect(suggestions.length).toBeGreaterThan(0);
    const [said] = suggestions.filter(({ opens }) => opens.undecided.length > 0);
    const { parts, undecided } = said!.opens;
    expect(parts).toEqual([]);
    expect(undecided).toHaveLength(1);
    expect(undecided[0]).toMatchObject({
      actions: [request.action],
      reason: expect.stringContaining('resources') as unknown,
    });
  });
});

interface FixtureCase {
  readonly title: string;
  readonly request: Request;
  readonly mode?: string;
}

describe('what is said to people', () => {
  const folder = new URL('./fixtures/why/', import.meta.url);
  const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
  const policy = { file: 'shop.acl', text: read('shop.acl') };
  const cases = JSON.parse(read('shop.cases.json')) as readonly FixtureCase[];
  const explainCase = ({ request, mode }: FixtureCase): Why =>
    explainWhy(buildLines(policy).model, request, { mode, textOf: () => policy.text, limit: 3 });

  test('is the text of the fixtures', async () => {
    const texts = cases.map((each) => {
      const why = explainCase(each);
      const { decision, reason, rule } = why.decision;
      return `### ${each.title}\n${JSON.stringify(each.request)}\n${decision} ${reason} ${rule?.id ?? ''}\n${renderWhy(why)}`;
    });
    await expect(texts.join('\n')).toMatchFileSnapshot('./fixtures/why/shop.expected.txt');
  });

  test.each(cases)('$title: the same again, as plain data', (each) => {
    const why = explainCase(each);
    expect(JSON.parse(JSON.stringify(why))).toEqual(why);
    expect(explainCase(each)).toEqual(why);
  });

  test.each(cases)('$title: every way that is told is one that the policy has', ({ request, mode }) => {
    const { model } = buildLines(policy);
    const why = explainWhy(model, request, { mode, withoutSuggestions: true });
    for (const { subject, action } of [...why.rules, ...(why.superuser ? [why.superuser.account] : [])]) {
      if (subject.kind === 'group') expectPath(model, request, subject);
      if (action.kind === 'same') continue;
      const steps = action.kind === 'implies' ? action.chain : action.chain.toReversed();
      for (const [i, implied] of steps.slice(1).entries()) {
        const implications = [
          ...model.implications,
          ...model.namespaces.flatMap((each) => each.implications),
        ];
        const direct = implications.filter((each) => each.action === steps[i]);
        expect(direct.flatMap(({ implies }) => implies)).toContain(implied);
      }
    }
  });
});

function expectPath(
  model: Model,
  { groups }: Request,
  { group, path }: Extract<SubjectMatch, { kind: 'group' }>,
): void {
  expect(path.at(-1)?.group).toBe(group);
  for (const [i, step] of path.entries()) {
    if (i > 0) expect(step.member).toBe(`group:${path[i - 1]!.group}`);
    const members = model.groups.find(({ name }) => name === step.group)!.members.map(printSubject);
    if (step.by === 'request') expect(groups).toContain(step.group);
    else expect(members).toContain(step.pattern ?? step.member);
  }
}
