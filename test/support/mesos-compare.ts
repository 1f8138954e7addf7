import { PolicyError } from '../../src/index.ts';
import { MesosAuthorizer, type MesosRequest, RequestError } from '../../src/mesos.ts';
import type { Random } from './generators-random.ts';
import { randomAcls, randomRequest, vocabularyOf } from './mesos-generators.ts';
import { approved, authorized, loadAcls, type ReferenceAcls } from './mesos-reference.ts';

/** How often what was compared. */
export interface MesosShares {
  documents: number;
  refused: number;
  pairs: number;
  allowed: number;
  denied: number;
  errors: number;
  /** Same verdict whatever `permissive` says: an entry or a claim decided. */
  decided: number;
  readonly actions: Set<string>;
}

export function emptyMesosShares(): MesosShares {
  return {
    documents: 0,
    refused: 0,
    pairs: 0,
    allowed: 0,
    denied: 0,
    errors: 0,
    decided: 0,
    actions: new Set(),
  };
}

type Verdict = boolean | 'error';

/**
 * Compares engine and reference on one random document and `requests` random requests: as a single decision, by an
 * approver, and as explained.
 *
 * @returns what they disagree about, as text to read; empty if they agree
 */
export function compareOnce(random: Random, requests: number, shares: MesosShares): string[] {
  const text = randomAcls(random);
  const vocabulary = vocabularyOf(text);
  const expected = loadOrUndefined(
    () => loadAcls(text),
    () => true,
  );
  const engine = loadOrUndefined(
    () => MesosAuthorizer.fromAcls(text),
    (error) => error instanceof PolicyError,
  );
  shares.documents++;
  if (expected === undefined || engine === undefined) {
    shares.refused++;
    return (expected === undefined) === (engine === undefined) ? [] : [`loads differently: ${text}`];
  }
  const found: string[] = [];
  for (let i = 0; i < requests; i++) {
    const request = randomRequest(random, vocabulary) as unknown as MesosRequest;
    const disagreement = compareRequest(engine, expected, request, shares);
    if (disagreement !== undefined) found.push(`${disagreement}\n  ${JSON.stringify(request)}\n  ${text}`);
  }
  return found;
}

function compareRequest(
  engine: MesosAuthorizer,
  acls: ReferenceAcls,
  request: MesosRequest,
  shares: MesosShares,
): string | undefined {
  const { action, subject, object } = request as never;
  const single = authorized(acls, request);
  const byApprover = approved(acls, subject, action, object);
  count(shares, acls, request, single);
  const answers: [string, Verdict, Verdict][] = [
    ['authorized', single, verdictOf(() => engine.authorized(request))],
    ['approved', byApprover, verdictOf(() => engine.getApprover(subject, action).approved(object))],
    ['explain', single, verdictOf(() => engine.explain(request).allowed)],
  ];
  const wrong = answers.find(([, expected, actual]) => expected !== actual);
  return wrong === undefined ? undefined : `${wrong[0]}: expected ${wrong[1]}, not ${wrong[2]}`;
}

function count(shares: MesosShares, acls: ReferenceAcls, request: MesosRequest, verdict: Verdict): void {
  shares.pairs++;
  shares.actions.add(String(request.action));
  if (verdict === 'error') shares.errors++;
  else if (verdict) shares.allowed++;
  else shares.denied++;
  const opposite = { ...acls, permissive: !acls.permissive };
  if (verdict !== 'error' && authorized(opposite, request) === verdict) shares.decided++;
}

function loadOrUndefined<T>(load: () => T, isRefusal: (error: unknown) => boolean): T | undefined {
  try {
    return load();
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function verdictOf(decide: () => boolean): Verdict {
  try {
    return decide();
  } catch (error) {
    if (error instanceof RequestError) return 'error';
    throw error;
  }
}
