import { Authorizer, build, type Request } from '../../../src/index.ts';
import {
  type Evaluator,
  isSameDecision,
  isSameHttpDecision,
  loadAuthorizer,
  loadImage,
  reference,
} from '../generators-evaluators.ts';
import { Random } from '../generators-random.ts';
import type { Law } from './law.ts';

/** Laws 10, 12 and 14, and the rest of 5: the same question has the same answer, whoever is asked, whichever way, and whenever. */
export const agreementLaws: readonly Law[] = [
  {
    name: '5-files',
    title: 'the order in which files are given changes not a byte of the image',
    requests: 0,
    share: 0.2,
    isOfEach: false,
    check: ({ sources, seed, image }, watch) => {
      const again = build(new Random(seed).shuffle(sources));
      const isSame = again.ok && Buffer.compare(again.image, image) === 0;
      watch.expect(isSame, undefined, { 'in another order': again.diagnostics });
    },
  },
  {
    name: '10',
    title: 'the compiled image decides as the reference evaluator does',
    requests: 100,
    share: 6,
    isOfEach: false,
    check: ({ model, image, mode, requests }, watch) => {
      const expecting = reference.load(model, mode);
      const loaded = loadImage(image, mode);
      for (const request of requests) {
        const expected = expecting.decide(request);
        const actual = loaded.decide(request);
        watch.decided(expected);
        watch.expect(isSameDecision(expected, actual), request, { reference: expected, image: actual });
      }
    },
  },
  {
    name: '10-routes',
    title: 'the compiled image authorizes HTTP requests as the reference evaluator does',
    requests: 0,
    httpRequests: 20,
    share: 1,
    isOfEach: false,
    check: ({ model, image, mode, httpRequests }, watch) => {
      const expecting = reference.load(model, mode);
      const loaded = loadImage(image, mode);
      for (const request of httpRequests) {
        const expected = expecting.authorizeHttp(request);
        const actual = loaded.authorizeHttp(request);
        watch.expectHttp(isSameHttpDecision(expected, actual), request, {
          reference: expected,
          image: actual,
        });
      }
    },
  },
  {
    name: '12-ways',
    title: 'every way to ask the library gives the same answer, in a batch too',
    requests: 100,
    share: 1.5,
    isOfEach: false,
    check: ({ image, mode, requests }, watch) => {
      const authorizer = Authorizer.fromImage(image, { mode });
      const { shortcuts } = loadAuthorizer(authorizer);
      const asked = requests as readonly Request[];
      const decisions = asked.map((request) => authorizer.decide(request));
      const answers = decisions.map(({ decision }) => decision === 'allow');
      const batch = authorizer.areAllowed(asked);
      const all = authorizer.decideAll(asked);
      for (const [i, request] of asked.entries()) {
        const expected = decisions[i]!;
        watch.expect(batch[i] === answers[i], request, { expected, 'in a batch': batch[i] });
        watch.expect(isSameDecision(expected, all[i]!), request, { expected, 'among all': all[i] });
        const explained = authorizer.explain(request).decision;
        watch.expect(isSameDecision(expected, explained), request, { expected, explained });
        const bare = withoutRest(request);
        if (bare === undefined) continue;
        const { subject, action, resource } = bare;
        const isExpected = authorizer.decide(bare as Request).decision === 'allow';
        for (const [way, shortcut] of shortcuts.entries()) {
          const actual = shortcut(subject, action, resource);
          watch.expect(actual === isExpected, bare, { isExpected, [`shortcut ${way}`]: actual });
        }
      }
    },
  },
  {
    name: '14',
    title: 'an earlier request never changes a later answer',
    requests: 100,
    share: 1,
    isOfEach: true,
    check: ({ model, mode, requests, seed }, watch, evaluator) => {
      const loaded = evaluator.load(model, mode);
      const first = requests.map((request) => loaded.decide(request));
      for (const index of new Random(seed).shuffle([...requests.keys()])) {
        const again = loaded.decide(requests[index]);
        const fresh = isRenewed(index, evaluator)
          ? evaluator.load(model, mode).decide(requests[index])
          : again;
        watch.expect(isSameDecision(again, first[index]!) && isSameDecision(fresh, again), requests[index], {
          first: first[index],
          again,
          fresh,
        });
      }
    },
  },
];

/** A new evaluator for each request would take most of the time. */
function isRenewed(index: number, evaluator: Evaluator): boolean {
  return evaluator === reference ? index === 0 : index % 10 === 0;
}

/** The request without groups, attributes and context, if it is one. */
function withoutRest(request: unknown): { subject: unknown; action: unknown; resource: unknown } | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const { subject, action, resource } = request as Record<string, unknown>;
  return { subject, action, resource };
}
