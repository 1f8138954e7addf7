import { isDeepStrictEqual } from 'node:util';
import { compile } from '../../src/compile/compile.ts';
import type { Decision } from '../../src/decision/decision.ts';
import type { HttpDecision, HttpRequest } from '../../src/decision/http.ts';
import type { Request } from '../../src/decision/request.ts';
import { Authorizer } from '../../src/index.ts';
import type { Model } from '../../src/model/model.ts';
import { createReference } from '../../src/reference/reference.ts';

/** A policy that is ready to decide. Requests may be of any type, as they come from outside. */
export interface Loaded {
  decide(request: unknown): Decision;
  authorizeHttp(request: HttpRequest): HttpDecision;
  /** The bare answers to many requests, from the engine alone. */
  areAllowed?(requests: readonly unknown[]): readonly boolean[];
  /** The ways to ask for the bare answer to a request without groups, attributes and context. */
  readonly shortcuts: readonly ((subject: unknown, action: unknown, resource: unknown) => boolean)[];
}

/** Something that decides: every law holds for each. */
export interface Evaluator {
  readonly name: string;
  load(model: Model, mode?: string): Loaded;
}

export const reference: Evaluator = {
  name: 'reference',
  load: (model, mode) => ({ ...createReference(model, { mode }), shortcuts: [] }),
};

const image: Evaluator = {
  name: 'image',
  load: (model, mode) => loadImage(compile(model), mode),
};

export const evaluators: readonly Evaluator[] = [reference, image];

export function loadImage(bytes: Uint8Array, mode?: string): Loaded {
  return loadAuthorizer(Authorizer.fromImage(bytes, { mode }));
}

export function loadAuthorizer(authorizer: Authorizer): Loaded {
  return {
    decide: (request) => authorizer.decide(request as Request),
    areAllowed: (requests) => authorizer.areAllowed(requests as readonly Request[]),
    authorizeHttp: (request) => authorizer.authorizeHttp(request),
    shortcuts: [
      (subject, action, resource) =>
        authorizer.isAllowed(subject as string, action as string, resource as string),
      (subject, action, resource) =>
        authorizer.approver(subject as string, action as string).allows(resource as string),
      (subject, action, resource) =>
        authorizer.isAllowed(
          typeof subject === 'string' ? authorizer.subject(subject) : (subject as undefined),
          action as string,
          typeof resource === 'string' ? authorizer.resource(resource) : (resource as undefined),
        ),
      (subject, action, resource) =>
        authorizer.areAllowed([{ subject, action, resource } as Request])[0] === true,
    ],
  };
}

/** All of a decision that is a contract. */
export function contractOf({ decision, reason, rule, ruleset }: Decision): Decision {
  return { decision, reason, ...(rule && { rule }), ...(ruleset === undefined ? {} : { ruleset }) };
}

export function isSameDecision(left: Decision, right: Decision): boolean {
  return isDeepStrictEqual(contractOf(left), contractOf(right));
}

export function isSameHttpDecision(left: HttpDecision, right: HttpDecision): boolean {
  return isDeepStrictEqual(httpContractOf(left), httpContractOf(right));
}

function httpContractOf({ decision, reason, requirements }: HttpDecision): HttpDecision {
  const each = requirements.map((requirement) => ({
    ...requirement,
    decision: contractOf(requirement.decision),
  }));
  return { decision, reason, requirements: each };
}
