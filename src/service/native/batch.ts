import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { Ajv } from 'ajv';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LineSplitter } from '../../files/line-splitter.ts';
import { renderDecisionJson } from '../../index.ts';
import { parseJson } from '../../json/parse-json.ts';
import { describeSchemaFault } from '../http/describe-schema-fault.ts';
import { ServiceError } from '../http/errors.ts';
import { jsonType } from '../http/json-type.ts';
import { errorAnswers, requestSchema } from '../http/schemas.ts';
import type { Service } from '../service.ts';
import { aboutOf, decideNative, type NativeRequest } from './read-request.ts';

const lineTypes = ['application/jsonl', 'application/x-ndjson'];

export function addBatchRoute(app: FastifyInstance, service: Service): void {
  // In a scope of its own: no other route takes a stream.
  void app.register(async (scope) => {
    for (const type of lineTypes)
      scope.addContentTypeParser(type, (_request, payload, done) => done(null, payload));
    scope.post(
      '/v1/check/batch',
      { schema: batchSchema(service.config.limits.batchSize) },
      (request, reply) =>
        isStream(request.body)
          ? answerLines(scope, service, request, reply)
          : answerArray(service, request, reply),
    );
  });
}

function batchSchema(batchSize: number) {
  const lines = { schema: { description: 'one request a line' } };
  const answers = { schema: { type: 'string', description: 'one decision a line' } };
  return {
    tags: ['decisions'],
    summary: 'Decide many requests',
    description: `One policy decides the whole batch, and the answers come in the order of the requests.

As JSON, at most ${batchSize} requests. As JSON lines any number: answers are sent while requests still arrive, so read while
you write. A line that is no request is answered by \`{"error", "line"}\` in its place.`,
    security: [{ token: [] }],
    body: {
      content: {
        'application/json': {
          schema: {
            type: 'object',
            required: ['requests'],
            additionalProperties: false,
            properties: { requests: { type: 'array', items: { $ref: 'Request#' }, maxItems: batchSize } },
          },
        },
        // Lines are validated one by one, as they come.
        ...Object.fromEntries(lineTypes.map((type) => [type, lines])),
      },
    },
    response: {
      200: {
        description: 'the decisions',
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['decisions'],
              properties: { decisions: { type: 'array', items: { $ref: 'Decision#' } } },
            },
          },
          'application/jsonl': answers,
        },
      },
      ...errorAnswers,
    },
  };
}

function isStream(body: unknown): body is Readable {
  return body instanceof Readable;
}

function answerArray(service: Service, request: FastifyRequest, reply: FastifyReply): void {
  const { requests } = request.body as { readonly requests: readonly NativeRequest[] };
  const about = aboutOf(request);
  let text = '{"decisions":[';
  for (let i = 0; i < requests.length; i++) {
    if (i > 0) text += ',';
    text += renderDecisionJson(decideNative(service, request.activePolicy, requests[i]!, about));
  }
  void reply.type(jsonType).send(`${text}]}`);
}

// ---------------------------------------------------------------- JSON lines

function answerLines(
  app: FastifyInstance,
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  app.allowLongRequest(reply);
  const answers = new LineAnswers(service, request);
  void reply
    .type('application/jsonl')
    .send(Readable.from(streamAnswers(service, request.body as Readable, answers)));
}

/** Where a block of answers may end: large enough to be cheap, small enough that others get their turn. */
const blockUnits = 64 * 1024;
/** A line that is no request may take long for its length. */
const blockLines = 500;

/** Reads no further than its answers are read: memory holds a chunk of requests and a block of answers. */
async function* streamAnswers(
  service: Service,
  input: Readable,
  answers: LineAnswers,
): AsyncGenerator<Buffer> {
  const splitter = new LineSplitter();
  for await (const chunk of input) yield* answerBlocks(service, splitter.push(chunk as Buffer), answers);
  yield* answerBlocks(service, splitter.end(), answers);
}

async function* answerBlocks(
  { decisionLog }: Service,
  lines: ReturnType<LineSplitter['push']>,
  answers: LineAnswers,
): AsyncGenerator<Buffer> {
  let block = '';
  for (const [i, line] of lines.entries()) {
    block += `${answers.answer(line)}\n`;
    const isFull = block.length >= blockUnits || (i + 1) % blockLines === 0;
    if (!isFull && i < lines.length - 1) continue;
    yield Buffer.from(block);
    block = '';
    // Whoever reads at once would never let others have their turn.
    await setImmediate();
    await decisionLog.whenWritable();
  }
}

const validate = new Ajv({ allErrors: false }).compile(requestSchema);

/** Answers line after line by one policy. */
class LineAnswers {
  readonly #service: Service;
  readonly #request: FastifyRequest;
  #line = 0;

  constructor(service: Service, request: FastifyRequest) {
    this.#service = service;
    this.#request = request;
  }

  answer(line: string | { readonly fault: string }): string {
    this.#line++;
    if (typeof line !== 'string') return this.#refuse(line.fault);
    const parsed = parseJson(line);
    if (!parsed.ok) return this.#refuse(`no valid JSON: ${parsed.message} at character ${parsed.offset + 1}`);
    if (!validate(parsed.value)) return this.#refuse(describeSchemaFault(validate.errors![0]!, 'line'));
    try {
      const { activePolicy } = this.#request;
      const request = parsed.value as unknown as NativeRequest;
      return renderDecisionJson(decideNative(this.#service, activePolicy, request, aboutOf(this.#request)));
    } catch (error) {
      if (error instanceof ServiceError) return this.#refuse(error.message);
      throw error;
    }
  }

  #refuse(message: string): string {
    return JSON.stringify({ error: message, line: this.#line });
  }
}
