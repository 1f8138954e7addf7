import type { FastifyInstance } from 'fastify';
import { decideAndRecord } from '../decide.ts';
import { ServiceError } from '../http/errors.ts';
import { jsonType } from '../http/json-type.ts';
import { createPeerList } from '../http/peers.ts';
import type { Service } from '../service.ts';
import { iamDefaults } from './config.ts';

/**
 * The decision query of the IAM of DC/OS, which Admin Router asks about every request. It has no token and any user may be
 * asked about, so it is there only where it is configured, and for the peers that are named: for others it does not
 * exist. Admin Router makes a 500 of all but 200 with `allowed`, so what is unknown or malformed is `false`.
 */
export function registerIamDecision(app: FastifyInstance, service: Service): void {
  const { policyQuery, peers } = { ...iamDefaults, ...service.config.iam };
  if (!policyQuery) return;
  const isPeer = createPeerList(peers);
  app.get(
    '/acs/api/v1/internal/policyquery',
    {
      schema: { hide: true },
      onRequest(request, _reply, done) {
        done(isPeer(request.socket.remoteAddress) ? undefined : notForYou());
      },
    },
    (request, reply) => {
      const { rid, uid, action } = readQuery(request.raw.url!);
      const asked = { subject: `user:${uid}`, action, resource: rid };
      const about = { api: 'iam', requestId: request.id } as const;
      const { decision } = decideAndRecord(service, request.activePolicy, asked, about);
      void reply
        .header('cache-control', 'no-store')
        .type(jsonType)
        .send(JSON.stringify({ allowed: decision === 'allow' }));
    },
  );
}

function notForYou(): ServiceError {
  return new ServiceError(404, 'there is nothing at this path');
}

const names = ['rid', 'uid', 'action'] as const;
type Query = Readonly<Record<(typeof names)[number], string>>;

/**
 * The three parameters, each once. Two of a name come of a value that was put into the query undecoded: it is not for us
 * to choose.
 *
 * @throws {ServiceError} 400
 */
function readQuery(url: string): Query {
  const given = new Map<string, string>();
  const [, query = ''] = url.split(/\?(.*)/s, 2);
  for (const parameter of query.split('&')) {
    const [name, value] = parameter.split(/=(.*)/s, 2).map(decode);
    if (value === undefined || given.has(name!)) throw badQuery();
    given.set(name!, value);
  }
  const [rid, uid, action] = names.map((name) => given.get(name));
  if (rid === undefined || uid === undefined || action === undefined || given.size > names.length)
    throw badQuery();
  return { rid, uid, action };
}

function badQuery(): ServiceError {
  return new ServiceError(400, 'the query must be rid, uid and action, each once');
}

/** As in a form. @throws {ServiceError} 400 */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw badQuery();
  }
}
