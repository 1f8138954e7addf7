import type { FastifyInstance } from 'fastify';
import {
  findSpaceIdFault,
  indirectSecrets,
  mayRead,
  RequestError,
  renderSpaceIdFault,
  type SpaceIdKind,
  Spaces,
  type SpacesInput,
  serviceOfJob,
} from '../../dcos.ts';
import type { ActivePolicy } from '../active-policy.ts';
import { ServiceError } from '../http/errors.ts';
import { errorAnswers } from '../http/schemas.ts';

const ids = (what: string, example: string) => ({
  type: 'array',
  items: { type: 'string' },
  description: `ids of ${what}`,
  examples: [[example]],
});
const services = ids('services', '/group/hdfs/web');
const jobs = ids('jobs', 'group.nightly');
const secrets = ids('secrets', 'group/password');
const service = { type: 'string', description: 'the service that asks', examples: ['/group/hdfs/web'] };
const job = {
  type: 'string',
  description: 'the job that asks, in place of a service',
  examples: ['group.nightly'],
};
const secret = { type: 'string', examples: ['group/password'] };
const limit = { type: 'integer', minimum: 0, description: 'how many to list at most' };
const count = { type: 'integer', description: 'how many there are, listed or not' };

type Asker = { readonly service?: string; readonly job?: string };
type Limited = { readonly limit?: number };

/** Spaces of DC/OS: which services may read which secrets, by their paths alone; and what a policy lets somebody reach so. */
export function addSpacesRoutes(app: FastifyInstance): void {
  addSpacesRoute<Asker & { readonly secret: string }>(app, {
    path: 'may-read',
    summary: 'Say whether a service may read a secret',
    body: { required: ['secret'], properties: { service, job, secret } },
    answer: { allowed: { type: 'boolean' } },
    handle: ({ secret, ...asker }) => ({ allowed: mayRead(askerOf(asker), checked('secret', secret)) }),
  });
  addSpacesRoute<Asker & Limited & { readonly secrets: readonly string[] }>(app, {
    path: 'secrets-for',
    summary: 'List the secrets that a service may read',
    body: { required: ['secrets'], properties: { service, job, secrets, limit } },
    answer: { count, secrets },
    handle({ secrets, limit, ...asker }) {
      const found = spacesOf({ secrets });
      const reader = askerOf(asker);
      return { count: found.countSecretsFor(reader), secrets: found.secretsFor(reader, { limit }) };
    },
  });
  addSpacesRoute<Limited & { readonly secret: string } & SpacesInput>(app, {
    path: 'services-for',
    summary: 'List the services and jobs that may read a secret',
    body: { required: ['secret'], properties: { secret, services, jobs, limit } },
    answer: { count, services },
    handle({ secret, services, jobs, limit }) {
      checked('secret', secret);
      const found = spacesOf({ services: services ?? [], jobs: jobs ?? [] });
      return { count: found.countServicesFor(secret), services: found.servicesFor(secret, { limit }) };
    },
  });
  addIndirectRoute(app);
}

function addIndirectRoute(app: FastifyInstance): void {
  const group = {
    type: 'object',
    required: ['kind', 'group', 'secretCount', 'secrets'],
    properties: {
      kind: { type: 'string', enum: ['service', 'job'] },
      group: { type: 'string', description: 'where the subject may create' },
      secretCount: count,
      secrets,
    },
  };
  addSpacesRoute<Limited & { readonly subject?: string } & SpacesInput>(app, {
    path: 'indirect',
    summary: 'List the secrets that a subject reaches by creating services or jobs',
    description:
      'The policy in use says where the subject may create; only at the paths of ids that are given, and above them, is it asked.',
    body: {
      required: ['secrets'],
      properties: { subject: { type: 'string', examples: ['user:cory'] }, services, jobs, secrets, limit },
    },
    answer: { secretCount: count, groups: { type: 'array', items: group } },
    handle({ subject, services, jobs, secrets, limit }, { authorizer }) {
      const spaces = spacesOf({ services: services ?? [], jobs: jobs ?? [], secrets: secrets ?? [] });
      const found = indirectSecrets(authorizer, subject, spaces);
      const groups = found.grants.map(({ kind, group, secretCount, secrets }) => ({
        kind,
        group,
        secretCount,
        secrets: secrets({ limit }),
      }));
      return { secretCount: found.secretCount, groups };
    },
  });
}

// ---------------------------------------------------------------- a route

interface SpacesRoute<Body> {
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly body: {
    readonly required: readonly string[];
    readonly properties: Readonly<Record<string, unknown>>;
  };
  readonly answer: Readonly<Record<string, unknown>>;
  readonly handle: (body: Body, policy: ActivePolicy) => object;
}

function addSpacesRoute<Body>(app: FastifyInstance, route: SpacesRoute<Body>): void {
  const { path, summary, description, body, answer, handle } = route;
  app.post(
    `/v1/spaces/${path}`,
    {
      schema: {
        tags: ['spaces of DC/OS'],
        summary,
        ...(description === undefined ? {} : { description }),
        security: [{ token: [] }],
        body: { type: 'object', additionalProperties: false, ...body },
        response: {
          200: {
            description: 'the answer',
            type: 'object',
            required: Object.keys(answer),
            properties: answer,
          },
          ...errorAnswers,
        },
      },
    },
    (request) => {
      try {
        return handle(request.body as Body, request.activePolicy);
      } catch (error) {
        if (error instanceof RequestError) throw new ServiceError(400, error.message);
        throw error;
      }
    },
  );
}

// ---------------------------------------------------------------- ids

/** @throws {ServiceError} 400 */
function askerOf({ service, job }: Asker): string {
  if ((service === undefined) === (job === undefined))
    throw new ServiceError(400, 'the body needs either `service` or `job`');
  return service === undefined ? serviceOfJob(checked('job', job!)) : checked('service', service);
}

/** A malformed id reads nothing, but who sends one means another. @throws {ServiceError} 400 */
function checked(kind: SpaceIdKind, id: string): string {
  const fault = findSpaceIdFault(kind, id);
  if (fault === undefined) return id;
  throw new ServiceError(400, renderSpaceIdFault(kind, id, fault));
}

/** @throws {ServiceError} 400 for the first malformed id */
function spacesOf(input: SpacesInput): Spaces {
  const spaces = Spaces.from(input);
  const [refused] = spaces.refused;
  if (refused === undefined) return spaces;
  throw new ServiceError(
    400,
    `${refused.kind}s, item ${refused.index + 1}: ${renderSpaceIdFault(refused.kind, String(refused.id), refused)}`,
  );
}
