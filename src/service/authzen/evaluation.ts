import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Decision } from '../../index.ts';
import { decideAndRecord } from '../decide.ts';
import { jsonType } from '../http/json-type.ts';
import type { Service } from '../service.ts';
import { type EvaluationsBody, renderEvaluations } from './evaluations.ts';
import { aboutOf, type Evaluation, type RequestReader } from './read-request.ts';
import type { RenderDecision } from './render.ts';
import { evaluationAnswers, evaluationSchema, evaluationsAnswers, evaluationsSchema } from './schemas.ts';

export interface EvaluationOptions {
  /** Before the path of each route: empty, or `/…`. */
  readonly prefix: string;
  readonly reader: RequestReader;
  readonly render: RenderDecision;
}

const documented = { tags: ['authzen'], security: [{ token: [] }] };

/** Access Evaluation and Access Evaluations. */
export function addEvaluationRoutes(
  app: FastifyInstance,
  service: Service,
  { prefix, reader, render }: EvaluationOptions,
): void {
  const { batchSize } = service.config.limits;

  app.post(
    `${prefix}/access/v1/evaluation`,
    {
      schema: {
        ...documented,
        summary: 'Access Evaluation: decide one request',
        body: evaluationSchema,
        response: evaluationAnswers,
      },
    },
    (request, reply) => {
      void reply.type(jsonType).send(render(evaluate(request, request.body as Evaluation)));
    },
  );

  app.post(
    `${prefix}/access/v1/evaluations`,
    {
      schema: {
        ...documented,
        summary: 'Access Evaluations: decide many requests',
        description: `At most ${batchSize}. One policy decides them all.`,
        body: evaluationsSchema,
        response: evaluationsAnswers,
      },
    },
    (request, reply) => {
      const text = renderEvaluations(request.body as EvaluationsBody, {
        batchSize,
        evaluate: (evaluation) => evaluate(request, evaluation),
        render,
      });
      void reply.type(jsonType).send(text);
    },
  );

  function evaluate(request: FastifyRequest, evaluation: Evaluation): Decision {
    return decideAndRecord(service, request.activePolicy, reader.read(evaluation), aboutOf(request));
  }
}
