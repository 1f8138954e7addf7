import { expect, test } from 'vitest';
import { Authorizer, build } from '../src/index.ts';
import { createReference } from '../src/reference/reference.ts';
import {
  type WorstCase,
  worstConditions,
  worstPatterns,
  worstValues,
  worstVariables,
} from './support/worst-policies.ts';

// That they answer in time is for bench/worst.ts to show; here the answers are what counts. The reference reads every rule, so
// that most policies are made smaller for it.

const many = [
  'strings, all different, none equal',
  'strings, the last rule of the file allows',
  'denies, of which the last errs',
  'one pair of patterns in every rule',
];
const large = [...worstConditions(100_000), ...worstVariables(100_000)].filter(({ title }) =>
  many.includes(title),
);

test.each(large)('a hundred thousand rules: $title', compareWithReference);
test.each(worstConditions(300))('conditions: $title', compareWithReference);
test.each(worstVariables(3))('variables: $title', compareWithReference);
test.each(worstPatterns(5))('patterns: $title', compareWithReference);
test.each(worstValues(5))('values: $title', compareWithReference);

function compareWithReference({ source, requests }: WorstCase): void {
  const sources = [{ file: 'worst.acl', text: source }];
  const built = build(sources);
  if (!built.ok) throw new Error(built.diagnostics[0]!.message);
  const authorizer = Authorizer.fromImage(built.image);
  const reference = createReference(built.model);
  for (const request of requests) expect(authorizer.decide(request)).toEqual(reference.decide(request));
}

test('with more partial matches than the limit a match errs: a deny applies, an allow does not (S25, S41)', () => {
  const patterns = 's:/{x**}/{y**}/** to read on r:/{x**}/{y**}';
  const decide = (source: string, letterCount: number) => {
    const built = build([{ file: 'limit.acl', text: source }]);
    if (!built.ok) throw new Error(built.diagnostics[0]!.message);
    const request = {
      subject: `s:/${Array(letterCount).fill('a').join('/')}`,
      action: 'read',
      resource: 'r:/b',
    };
    const { decision, reason } = Authorizer.fromImage(built.image).decide(request);
    expect(createReference(built.model).decide(request)).toMatchObject({ decision, reason });
    return `${decision} ${reason}`;
  };
  // Of n segments there are 1, 1, n + 1 and (n + 1)(n + 2) / 2 = m partial matches of the subject; then m, m, and n + 1 of
  // them with nothing for x; and none that has all. That makes 20,000 between n = 113 and 114.
  const denying = `allow anyone to read on r:/**\ndeny ${patterns}\n`;
  expect([113, 114].map((letterCount) => decide(denying, letterCount))).toEqual(['allow rule', 'deny rule']);
  expect(decide(`allow ${patterns}\n`, 114)).toBe('deny default');
});
