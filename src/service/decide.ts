import type { Authorizer, Decision, Request } from '../index.ts';
import type { ActivePolicy, Api, Caller, Service } from './service.ts';

/** Who asks, and through what. */
export interface About {
  readonly api: Api;
  readonly requestId: string;
  readonly caller?: Caller | undefined;
  /** That of the policy in another mode, if the request asks for one. */
  readonly authorizer?: Authorizer | undefined;
}

const undecided: Decision = Object.freeze({
  decision: 'deny',
  reason: 'malformed',
  detail: 'the request could not be decided: the log of the service says why',
});

/** Decides one request of any API: counts, logs, and never throws. */
export function decideAndRecord(
  service: Service,
  policy: ActivePolicy,
  request: Request,
  about: About,
): Decision {
  const decision = decideSafely(service, about.authorizer ?? policy.authorizer, request, about);
  service.metrics.countDecision({ api: about.api, decision: decision.decision, reason: decision.reason });
  if (service.decisionLog.isActive) {
    service.decisionLog.record({
      timeMs: Date.now(),
      requestId: about.requestId,
      api: about.api,
      revision: policy.revision,
      caller: about.caller,
      request,
      mode: about.authorizer?.mode,
      decision,
    });
  }
  return decision;
}

/** The engine throws on account of no request; if it does it is a bug, and a bug allows nothing. */
function decideSafely(
  { log }: Service,
  authorizer: Authorizer,
  request: Request,
  { requestId }: About,
): Decision {
  try {
    return authorizer.decide(request);
  } catch (error) {
    log.error({ err: error, requestId }, 'a request could not be decided and was denied');
    return undecided;
  }
}
