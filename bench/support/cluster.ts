import { Authorizer, build, type Source } from '../../src/index.ts';
import { decideNaively } from '../peers/reference.ts';
import { createWorkload, freshRequests, type Grant, type Policy, type Requests } from '../peers/workload.ts';
import type { Entrant } from './rounds.ts';

const RULES_A_FILE = 100_000;

/** The workload that engines are compared on (`bench/peers`), as policy text, with the right answer to each request. */
export interface Cluster {
  readonly rules: number;
  readonly sources: readonly Source[];
  readonly requests: Requests;
  /** 1 for allow. */
  readonly expected: Uint8Array;
}

/** The same as objects. */
export interface PlainRequest {
  readonly subject: string;
  readonly action: string;
  readonly resource: string;
}

export function createCluster(rules: number, requestCount: number): Cluster {
  const { policy, requests } = createWorkload(rules, requestCount);
  return { rules, sources: renderPolicy(policy), requests, expected: decideNaively(policy, requests) };
}

export function compileCluster({ sources }: Cluster): Uint8Array {
  const result = build(sources);
  if (!result.ok) throw new Error(`the workload does not build: ${result.diagnostics[0]?.message}`);
  return result.image;
}

/** Builds it, and asks every request once: the time that a wrong answer takes is worth nothing. */
export function loadCluster(cluster: Cluster): Authorizer {
  const authorizer = Authorizer.fromImage(compileCluster(cluster));
  checkAnswers('isAllowed', cluster, (at) => {
    const { subjects, actions, resources } = cluster.requests;
    return authorizer.isAllowed(subjects[at]!, actions[at]!, resources[at]!);
  });
  return authorizer;
}

/** @throws {Error} at the first answer that the naive reference does not give */
export function checkAnswers(name: string, { expected }: Cluster, answer: (at: number) => boolean): void {
  for (const [at, right] of expected.entries()) {
    const isAllowed = answer(at);
    if (isAllowed === (right === 1)) continue;
    throw new Error(`${name} ${isAllowed ? 'allows' : 'denies'} request ${at}, and the reference does not`);
  }
}

/** `isAllowed` of one request after the other, in strings made for each round. */
export function singleCalls(
  name: string,
  authorizer: Pick<Authorizer, 'isAllowed'>,
  { requests, expected }: Cluster,
): Entrant {
  return {
    name,
    decisions: expected.length,
    result: countAllowed(expected),
    prepare: () => {
      const { subjects, actions, resources } = freshRequests(requests);
      return () => {
        let allowed = 0;
        for (let i = 0; i < subjects.length; i++)
          if (authorizer.isAllowed(subjects[i]!, actions[i]!, resources[i]!)) allowed++;
        return allowed;
      };
    },
  };
}

export function countAllowed(expected: Uint8Array): number {
  return expected.reduce((sum, answer) => sum + answer, 0);
}

export function plainRequests({ subjects, actions, resources }: Requests): PlainRequest[] {
  return subjects.map((subject, i) => ({ subject, action: actions[i]!, resource: resources[i]! }));
}

function renderPolicy({ grants, groups }: Policy): Source[] {
  const members = [...groups].map(
    ([group, subjects]) => `group ${group.slice('group:'.length)} { ${subjects.join(', ')} }\n`,
  );
  const sources = [{ file: 'groups.acl', text: members.join('') }];
  for (let first = 0; first < grants.length; first += RULES_A_FILE) {
    const rules = grants.slice(first, first + RULES_A_FILE).map(renderGrant);
    sources.push({ file: `rules-${String(sources.length).padStart(3, '0')}.acl`, text: rules.join('') });
  }
  return sources;
}

function renderGrant({ effect, grantee, action, resource, tail }: Grant): string {
  return `${effect} ${grantee} to ${action} on ${resource}${tail}\n`;
}
