import type { FastifyInstance, FastifyReply } from 'fastify';
import type { MetricsPage } from '../metrics/render-metrics.ts';
import type { OperationState } from './operation-state.ts';

const aboutService = { config: { isAboutService: true } } as const;

/**
 * `/healthz`: this process answers. `/readyz`: it should be sent requests. `/metrics`: what it has done. They need no token,
 * so they tell of no policy more than its revision.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  { state, page }: { readonly state: () => OperationState; readonly page: MetricsPage },
): void {
  app.get('/healthz', aboutService, (_request, reply) => answer(reply, 200, { alive: true }));
  app.get('/readyz', aboutService, (_request, reply) => {
    const { isReady, details } = readinessOf(state());
    answer(reply, isReady ? 200 : 503, { ready: isReady, ...details });
  });
  app.get('/metrics', aboutService, async (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .type(page.contentType)
      .send(await page.render()),
  );
}

function answer(reply: FastifyReply, status: number, body: object): void {
  void reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body));
}

/**
 * A policy that was refused leaves the service ready: it answers by the one before. A decision log that cannot take more
 * does not, where the operator wants no answer without it.
 */
function readinessOf({ policy, reload, store, decisionLog, isStopping }: OperationState): {
  readonly isReady: boolean;
  readonly details: object;
} {
  const reason = isStopping
    ? 'stopping'
    : policy === undefined
      ? 'no policy is loaded yet'
      : decisionLog === 'blocked'
        ? 'the decision log cannot be written'
        : store?.isStale === true
          ? 'what the store says is not known, or too old'
          : undefined;
  return {
    isReady: reason === undefined,
    details: {
      reason,
      policy: policy && { revision: policy.revision, loadedAt: new Date(policy.loadedAtMs).toISOString() },
      reload: describeReload(reload),
      store: store && describeStore(store),
      decisionLog,
    },
  };
}

function describeStore({ revision, staleMs, trouble }: NonNullable<OperationState['store']>): object {
  return { revision, staleMs: Number.isFinite(staleMs) ? Math.round(staleMs) : undefined, trouble };
}

function describeReload(reload: OperationState['reload']): object {
  if (reload.state === 'loaded') return reload;
  const { state, sinceMs, message, codes } = reload;
  return { state, since: new Date(sinceMs).toISOString(), message, codes };
}
