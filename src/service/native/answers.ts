import { posix } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isShippedName } from '../../files/policy-root.ts';
import type { ActivePolicy } from '../active-policy.ts';
import { Answerer } from '../answers/answerer.ts';
import type { Answers, AskedPolicy, DiffQuestion, Question } from '../answers/question.ts';
import { ServiceError } from '../http/errors.ts';
import { jsonType } from '../http/json-type.ts';
import type { Service } from '../service.ts';
import {
  answerErrors,
  diffAnswer,
  diffBody,
  errorsOfPosted,
  whatCanAnswer,
  whatCanBody,
  whoCanAnswer,
  whoCanBody,
  whyAnswer,
  whyBody,
} from './answer-schemas.ts';
import { authorizerFor, type NativeRequest } from './read-request.ts';

type Listed<Kind> =
  Extract<Question, { readonly kind: Kind; readonly asked: unknown }> extends {
    readonly asked: infer Asked;
  }
    ? Asked
    : never;
type WhyBody = NativeRequest & { readonly limit?: number; readonly suggestions?: boolean };

const description = `About the whole policy, and exact. It is answered on a thread of its own, one question after the other, and
neither counted nor logged as a decision.`;

/** Questions about a whole policy. */
export function addAnswerRoutes(app: FastifyInstance, service: Service): void {
  const answers = service.answers ?? createOwnAnswers(app);
  addAnswerRoute<WhyBody>(app, answers, {
    path: 'why',
    summary: 'Say why a request is decided as it is, and what would have it allowed',
    body: whyBody,
    answer: { 200: whyAnswer },
    question: ({ limit, suggestions, mode: _, ...request }, mode) => ({
      kind: 'why',
      request,
      mode,
      limit,
      withoutSuggestions: suggestions === false,
    }),
  });
  addAnswerRoute<Listed<'who-can'>>(app, answers, {
    path: 'who-can',
    summary: 'List everybody who may do an action on a resource',
    body: whoCanBody,
    answer: { 200: whoCanAnswer },
    question: (body, mode) => ({ kind: 'who-can', asked: { ...body, mode } }),
  });
  addAnswerRoute<Listed<'what-can'>>(app, answers, {
    path: 'what-can',
    summary: 'List everything that a subject may do',
    body: whatCanBody,
    answer: { 200: whatCanAnswer },
    question: (body, mode) => ({ kind: 'what-can', asked: { ...body, mode } }),
  });
  addAnswerRoute<DiffQuestion & { readonly mode?: never }>(app, answers, {
    path: 'diff',
    summary: 'Say who would gain and who would lose what by other policies',
    body: diffBody,
    answer: { 200: diffAnswer, 422: errorsOfPosted },
    question(body) {
      checkNames(body.policies.map(({ file }) => file));
      return { kind: 'diff', ...body };
    },
  });
}

function createOwnAnswers(app: FastifyInstance): Answers {
  const answerer = new Answerer();
  app.addHook('onClose', () => answerer.close());
  return answerer;
}

interface AnswerRoute<Body> {
  readonly path: string;
  readonly summary: string;
  readonly body: object;
  readonly answer: object;
  /** @param mode  that in which to decide, checked */
  readonly question: (body: Body, mode: string | undefined) => Question;
}

function addAnswerRoute<Body extends { readonly mode?: string | undefined }>(
  app: FastifyInstance,
  answers: Answers,
  { path, summary, body, answer, question }: AnswerRoute<Body>,
): void {
  app.post(
    `/v1/${path}`,
    {
      schema: {
        tags: ['exact answers'],
        summary,
        description,
        security: [{ token: [] }],
        body,
        response: { ...answer, ...answerErrors },
      },
    },
    async (request, reply) => {
      const { activePolicy: policy } = request;
      const asked = request.body as Body;
      const { mode } = authorizerFor(policy, asked.mode) ?? policy.authorizer;
      return sendAnswer(answers, question(asked, mode), request, reply);
    },
  );
}

/** @throws {ServiceError} */
async function sendAnswer(
  answers: Answers,
  question: Question,
  { activePolicy }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const answer = await answers.ask(policyFor(question, activePolicy), question, gone.signal);
  switch (answer.kind) {
    case 'answered':
      return reply.code(answer.status).type(jsonType).send(Buffer.from(answer.body.buffer));
    case 'refused':
      throw new ServiceError(
        answer.status,
        answer.message,
        answer.status === 503 ? { 'retry-after': '5' } : {},
      );
    case 'failed':
      throw new Error(`a question about the policy failed: ${answer.message}`);
  }
}

/** What is posted to be compared stands for the policies, and not for what a store adds to them. */
function policyFor({ kind }: Question, policy: ActivePolicy): AskedPolicy {
  const { image, changes, revision, policies } = policy;
  if (kind !== 'diff' || policies === undefined) return { image, changes, revision };
  return { image: policies, changes: [], revision: `${policy.imageRevision} without the store` };
}

/** @throws {ServiceError} 400 for a name that cannot be told from another, or is not for posted files */
function checkNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const [i, name] of names.entries()) {
    const place = `\`policies[${i}].file\``;
    if (isShippedName(name)) throw new ServiceError(400, `${place} is the name of a shipped policy`);
    const path = posix.normalize(name);
    if (seen.has(path)) throw new ServiceError(400, `${place} is the name of another file too`);
    seen.add(path);
  }
}
