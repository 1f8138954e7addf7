import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { createImporter } from '../../src/files/importer.ts';
import { Authorizer, build, type HttpRequest, type Request } from '../../src/index.ts';
import { createReference } from '../../src/reference/reference.ts';
import {
  type Answer,
  type DecideCase,
  type DecideFixture,
  decideFixtures,
  requestOf,
} from '../support/evaluators.ts';
import { generateHttpRequest, generatePolicy, generateRequest, Random } from '../support/generators.ts';
import {
  contractOf,
  isSameDecision,
  isSameHttpDecision,
  type Loaded,
  loadImage,
  reference as oracle,
} from '../support/generators-evaluators.ts';
import { compareLive, emptyLiveShares } from '../support/live-compare.ts';
import { renderValue } from '../support/render-value.ts';
import { checksOfTests } from './checks-of-tests.ts';

/**
 * What is asked of every mutant of the engine: the fixtures of test/decide.test.ts, and the random comparisons of
 * test/laws.test.ts and test/overlay.test.ts with seeds that never change, and tests as they are (checks-of-tests.ts). Each check does its work anew and keeps nothing,
 * so that Stryker sees which of them run a mutant; the cheap ones come first.
 */
export interface Check {
  readonly name: string;
  readonly run: () => void;
}

const RANDOM_POLICIES = 120;
const REQUESTS_PER_POLICY = 40;
const LIVE_WORLDS = 6;
const random = new Random(20_261_122);
/** What takes much longer than the others: it comes last. */
const SLOW =
  /^(hard-patterns-are|ten-thousand-exp|too-many-partial)|every one of them is found|more lists than a walk|of a long list one entry/;
const importer = createImporter(fileURLToPath(new URL('../fixtures/decide/', import.meta.url)));

const unsorted: readonly Check[] = [
  ...checksOfTests.get('ids')!,
  ...decideFixtures.map((fixture) => ({ name: fixture.name, run: () => checkFixture(fixture) })),
  ...[...checksOfTests].flatMap(([file, checks]) => (file === 'ids' ? [] : checks)),
  ...random
    .times(RANDOM_POLICIES, () => random.seed())
    .map((seed) => ({
      name: `random policy ${seed}`,
      run: () => checkRandomPolicy(seed),
    })),
  ...random
    .times(LIVE_WORLDS, () => random.seed())
    .map((seed) => ({
      name: `random steps of a store ${seed}`,
      run: () => assert.deepEqual(compareLive(seed, 20, emptyLiveShares()), []),
    })),
];

const allChecks = unsorted.toSorted((a, b) => Number(SLOW.test(a.name)) - Number(SLOW.test(b.name)));

/** `POSTERN_CHECKS=a,b`: only checks of which the name holds one of these texts, to try a new fixture on known survivors. */
const wanted = (process.env.POSTERN_CHECKS ?? '').split(',');

export const checks = allChecks.filter(({ name }) => wanted.some((text) => name.includes(text)));

// ---------------------------------------------------------------- fixtures

function checkFixture({ sources, cases }: DecideFixture): void {
  const built = build(sources, { importer });
  assert.ok(built.ok);
  for (const mode of new Set(cases.map((each) => each.mode))) {
    const options = mode === undefined ? {} : { mode };
    const authorizer = Authorizer.fromImage(built.image, options);
    const judge = createReference(built.model, options);
    const asked = cases.filter((each) => each.mode === mode);
    for (const each of asked) {
      const answers = [authorizer, judge].map((door) => ask(door, each));
      const [{ decision, reason }] = answers as [Answer];
      assert.deepEqual([decision, reason], [each.expected.decision, each.expected.reason], each.title);
      assert.deepEqual(...(answers.map(contractOfAnswer) as [unknown, unknown]), each.title);
    }
    checkWays(
      authorizer,
      asked.filter(({ http }) => http === undefined),
    );
  }
}

function ask(door: Pick<Authorizer, 'decide' | 'authorizeHttp'>, each: DecideCase): Answer {
  const request: unknown = requestOf(each);
  return each.http === undefined
    ? door.decide(request as Request)
    : door.authorizeHttp(request as HttpRequest);
}

function contractOfAnswer(answer: Answer): unknown {
  if (!('requirements' in answer)) return contractOf(answer);
  const requirements = answer.requirements.map((each) => ({ ...each, decision: contractOf(each.decision) }));
  return { ...answer, requirements };
}

/** Every way to ask gives the same answer. */
function checkWays(authorizer: Authorizer, cases: readonly DecideCase[]): void {
  const requests = cases.map((each): unknown => requestOf(each)) as Request[];
  const decisions = requests.map((request) => authorizer.decide(request));
  const answers = decisions.map(({ decision }) => decision === 'allow');
  assert.deepEqual(authorizer.decideAll(requests), decisions);
  assert.deepEqual(authorizer.areAllowed(requests), answers);
  assert.deepEqual(
    requests.map((request) => authorizer.explain(request).decision),
    decisions,
  );
  for (const [i, { subject, action, resource, ...rest }] of requests.entries()) {
    if (Object.keys(rest).length > 0) continue;
    const asker = typeof subject === 'string' ? authorizer.subject(subject) : subject;
    const asked = typeof resource === 'string' ? authorizer.resource(resource) : resource;
    const all = [
      authorizer.isAllowed(subject, action, resource),
      authorizer.approver(subject, action).allows(resource),
      authorizer.isAllowed(asker, action, resource),
      authorizer.isAllowed(subject, action, asked),
      authorizer.isAllowed(asker, action, asked),
    ];
    assert.deepEqual(
      all,
      all.map(() => answers[i]),
      cases[i]!.title,
    );
    if (resource === undefined) continue;
    const kept = authorizer.filter(subject, action, [resource, 'x//', resource]);
    assert.equal(kept.length, answers[i] ? 2 : 0, cases[i]!.title);
  }
}

// ---------------------------------------------------------------- random policies

function checkRandomPolicy(seed: number): void {
  const policy = generatePolicy(seed);
  const built = build(policy.sources);
  if (!built.ok) return;
  const requests = new Random(seed);
  const mode = requests.chance(0.5) ? requests.pick([undefined, ...built.model.modes]) : undefined;
  const expecting = oracle.load(built.model, mode);
  const loaded = loadImage(built.image, mode);
  const asked = requests.times(REQUESTS_PER_POLICY, () => generateRequest(policy, requests));
  const answers = asked.map((request) => {
    const decisions = [expecting.decide(request), loaded.decide(request)] as const;
    if (!isSameDecision(...decisions)) assert.fail(renderValue({ request, decisions }));
    checkShortcuts(loaded, request);
    return decisions[0].decision === 'allow';
  });
  assert.deepEqual(loaded.areAllowed?.(asked), answers);
  if (policy.routes.length === 0) return;
  for (const request of requests.times(10, () => generateHttpRequest(policy, requests))) {
    const decisions = [expecting.authorizeHttp(request), loaded.authorizeHttp(request)] as const;
    if (!isSameHttpDecision(...decisions)) assert.fail(renderValue({ request, decisions }));
  }
}

function checkShortcuts(loaded: Loaded, request: unknown): void {
  if (typeof request !== 'object' || request === null) return;
  const { subject, action, resource } = request as Record<string, unknown>;
  const answers = loaded.shortcuts.map((shortcut) => shortcut(subject, action, resource));
  const expected = loaded.decide({ subject, action, resource }).decision === 'allow';
  if (answers.some((answer) => answer !== expected))
    assert.fail(renderValue({ subject, action, resource, expected, answers }));
}
