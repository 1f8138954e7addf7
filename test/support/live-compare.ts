import { isDeepStrictEqual } from 'node:util';
import { compile } from '../../src/compile/compile.ts';
import type { Decision } from '../../src/decision/decision.ts';
import type { Request } from '../../src/decision/request.ts';
import { decompile } from '../../src/decompile/decompile.ts';
import { readImage } from '../../src/image/image.ts';
import { Authorizer, build } from '../../src/index.ts';
import type { Changes } from '../../src/live/changes.ts';
import { livePartOf } from '../../src/live/live-part.ts';
import { Overlay } from '../../src/live/overlay.ts';
import type { Model } from '../../src/model/model.ts';
import { contractOf, isSameDecision, loadAuthorizer, loadImage, reference } from './generators-evaluators.ts';
import { generatePolicy } from './generators-policy.ts';
import { Random } from './generators-random.ts';
import { LiveWorld } from './live-world.ts';
import { renderValue } from './render-value.ts';

/** What a campaign has done. */
export interface LiveShares {
  steps: number;
  decisions: number;
  folds: number;
  /** Decisions that the reference has judged too. */
  judged: number;
  explanations: number;
  models: number;
  allowed: number;
  /** Decisions that name a rule of the store. */
  stored: number;
  superusers: number;
}

export function emptyLiveShares(): LiveShares {
  return {
    steps: 0,
    decisions: 0,
    folds: 0,
    judged: 0,
    explanations: 0,
    models: 0,
    allowed: 0,
    stored: 0,
    superusers: 0,
  };
}

const REQUESTS_PER_STEP = 8;

/**
 * A random policy, and so many random steps of a store beside it: after each the image with its overlay is asked the same as
 * what is built from nothing. Now and then a new image takes the place of image and overlay.
 *
 * @returns what differs, ready to print; empty if nothing does
 */
export function compareLive(seed: number, steps: number, shares: LiveShares): string[] {
  const policy = generatePolicy(seed);
  const built = build(policy.sources);
  if (!built.ok) return [];
  const files = built.model;
  const random = new Random(seed ^ 0x5bd1e995);
  const world = new LiveWorld(policy, files, random);
  const mode = random.chance(0.5) ? random.pick([undefined, ...files.modes]) : undefined;
  let base = openBase(files, world.model(), world.revision, mode);
  let overlay = Overlay.on(base.image);
  let authorizer = base.authorizer;
  /** Since some base was begun: a new one is made in the background while the store goes on. */
  let log: Changes[] = [];
  const faults: string[] = [];
  for (let step = 0; step < steps && faults.length === 0; step++) {
    const changes = world.step();
    log.push(changes);
    overlay = overlay.with(changes);
    authorizer = base.authorizer.withOverlay(overlay);
    const model = world.model();
    const rebuilt = compile(model);
    const judge = loadImage(rebuilt, mode);
    const oracle = random.chance(0.1) ? reference.load(model, mode) : undefined;
    const live = loadAuthorizer(authorizer);
    const isModelled = random.chance(0.02);
    const modelled = isModelled
      ? loadImage(compile(decompile(base.image, overlay.storeChanges())), mode)
      : undefined;
    if (isModelled) shares.models++;
    shares.steps++;
    for (let i = 0; i < REQUESTS_PER_STEP; i++) {
      const request = world.request();
      const expected = judge.decide(request);
      const actual = live.decide(request);
      count(shares, actual);
      const report = (what: string, other: unknown): void => {
        faults.push(
          `seed ${seed}, step ${step}, mode ${mode}: ${what}\n${renderValue(request)}\nrebuilt ${JSON.stringify(expected)}\n${what} ${JSON.stringify(other)}`,
        );
      };
      if (!isDeepStrictEqual(expected, actual)) report('overlay', actual);
      if (oracle !== undefined) {
        shares.judged++;
        const judged = oracle.decide(request);
        if (!isSameDecision(judged, actual)) report('reference', judged);
      }
      if (modelled !== undefined) {
        const other = modelled.decide(request);
        if (!isDeepStrictEqual(namedOf(other), namedOf(actual))) report('decompiled', other);
      }
      if (isPlain(request)) {
        const { subject, action, resource } = request;
        for (const [index, shortcut] of live.shortcuts.entries())
          if (shortcut(subject, action, resource) !== (expected.decision === 'allow'))
            report(`shortcut ${index}`, index);
      }
      if (random.chance(0.05) && expected.reason !== 'malformed') {
        shares.explanations++;
        const rules = Authorizer.fromImage(rebuilt, { mode }).explain(request as Request).rules;
        const others = authorizer.explain(request as Request).rules;
        if (!isDeepStrictEqual(sorted(rules), sorted(others)))
          report(`explanation ${JSON.stringify(rules)}`, others);
      }
    }
    if (random.chance(0.04)) {
      shares.folds++;
      // The base is as old as it was begun, and some of what came since is told twice.
      base = openBase(files, model, world.revision, mode);
      const later = Array.from({ length: random.below(4) }, () => world.step());
      overlay = Overlay.on(base.image).with([...log, ...later]);
      log = [];
      log.push(...later);
    }
  }
  return faults;
}

function openBase(
  files: Model,
  model: Model,
  revision: number,
  mode: string | undefined,
): { readonly image: ReturnType<typeof readImage>; readonly authorizer: Authorizer } {
  const image = readImage(compile(model, livePartOf(files, revision)));
  return { image, authorizer: Authorizer.fromImage(image, { mode }) };
}

function count(shares: LiveShares, decision: Decision): void {
  shares.decisions++;
  if (decision.decision === 'allow') shares.allowed++;
  if (decision.rule?.file === 'store') shares.stored++;
  if (decision.reason === 'superuser') shares.superusers++;
}

function namedOf(decision: Decision): unknown {
  return contractOf(decision);
}

function sorted(rules: readonly unknown[]): string[] {
  return rules.map((rule) => JSON.stringify(rule)).sort();
}

function isPlain(request: unknown): request is Record<string, unknown> {
  if (typeof request !== 'object' || request === null) return false;
  return !('groups' in request || 'attributes' in request || 'context' in request);
}
