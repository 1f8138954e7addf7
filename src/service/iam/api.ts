import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Operation } from '../../iam/operation.ts';
import { stateRevision } from '../http/answer-errors.ts';
import { jsonType } from '../http/json-type.ts';
import { createPeerList } from '../http/peers.ts';
import type { Caller, Service } from '../service.ts';
import { tokenHeader } from '../store/consistency.ts';
import { acceptsJson } from './accept.ts';
import { findCaller, mayCall, throughProxy, uidOf } from './access.ts';
import { writeAuditLine } from './audit.ts';
import { iamDefaults } from './config.ts';
import type { IamDirectory } from './directory.ts';
import { IamError } from './iam-error.ts';
import { Passwords } from './passwords/passwords.ts';
import { basePath, readSegments } from './paths.ts';
import type { RawBody } from './read-body.ts';
import { sendProxyRefusal, sendRefusal } from './refusals.ts';
import { findRoute, handlerOf, type Match, methodsOf, type Route } from './route-table.ts';
import { aclRoutes } from './routes/acls.ts';
import { grantRoutes } from './routes/grants.ts';
import { groupRoutes } from './routes/groups.ts';
import { loginRoutes } from './routes/login.ts';
import { notHereRoutes } from './routes/not-here.ts';
import { userRoutes } from './routes/users.ts';
import { readSigningKey, Tokens } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the permission API has found out about a request before its body is read. */
    iam: { readonly isOpen: boolean; readonly match: Match | undefined; readonly caller: Caller | undefined };
  }
}

/**
 * The permission API of the IAM of DC/OS, at the paths that its tools know: users, groups, access control lists, grants, and
 * logging in. It is there where a key is configured and there is a store. All of it is one route of the framework, which
 * decodes paths before it looks at them: `%252F` has to arrive as it was sent.
 */
export function registerIamApi(app: FastifyInstance, service: Service): void {
  const { signingKeyFile, tokenLifetimeS, trustProxy, peers } = { ...iamDefaults, ...service.config.iam };
  const { directory } = service;
  if (signingKeyFile === undefined || directory === undefined) return;
  const tokens = new Tokens(readSigningKey(signingKeyFile), tokenLifetimeS);
  const passwords = new Passwords(service.log);
  app.addHook('onClose', () => passwords.close());
  const routes: readonly Route[] = [
    ...userRoutes(passwords),
    ...groupRoutes,
    ...aclRoutes,
    ...grantRoutes,
    ...loginRoutes({
      tokens,
      passwords,
      state: () => directory.state(),
      log: service.log,
      isSecure: service.config.tls !== undefined,
    }),
    ...notHereRoutes,
  ];
  const isPeer = trustProxy ? createPeerList(peers) : () => true;
  readBodiesRaw(app);
  answerErrors(app, service);
  app.decorateRequest('iam');
  app.all(`${basePath}/*`, {
    schema: { hide: true },
    async onRequest(request) {
      if (!isPeer(request.socket.remoteAddress)) throw noSuchPath();
      const segments = readSegments(request.raw.url!);
      const isOpen = segments?.[0] === 'auth';
      const match = segments === undefined ? undefined : findRoute(routes, segments);
      request.iam = { isOpen, match, caller: undefined };
      if (isOpen) return;
      const caller = trustProxy
        ? await findCaller(request, service, tokens).catch(() => throughProxy)
        : await findCaller(request, service, tokens);
      request.iam = { isOpen, match, caller };
    },
    handler: (request, reply) => answer({ service, directory, trustsProxy: trustProxy }, request, reply),
  });
}

/** Whether a route wants a body, and of which type, is known behind the question who may call it. */
function readBodiesRaw(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

function answerErrors(app: FastifyInstance, service: Service): void {
  app.setErrorHandler<Error>((error, request, reply) => {
    if (!reply.hasHeader('postern-revision')) stateRevision(service, reply);
    const { status, reason } = sendRefusal(service, error, request, reply);
    const isLogin = request.iam?.isOpen ?? false;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isLogin || (isRead && status !== 401)) return;
    const result = status === 401 ? 'deny' : status < 500 ? 'refused' : 'failed';
    writeAuditLine(service.log, request, request.iam?.caller, { result, status, reason });
  });
}

interface Parts {
  readonly service: Service;
  readonly directory: IamDirectory;
  readonly trustsProxy: boolean;
}

/** One request, from who may call to what is answered. */
async function answer(
  { service, directory, trustsProxy }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { isOpen, match, caller } = request.iam;
  if (!isOpen && !trustsProxy && !mayCall(service, request, caller!, match)) {
    writeAuditLine(service.log, request, caller, { result: 'deny', status: 403 });
    sendProxyRefusal(reply, 403);
    return reply;
  }
  if (match === undefined) throw noSuchPath();
  const { route, ids } = match;
  const handle = handlerOf(route, request.method);
  if (handle === undefined)
    throw new IamError(405, 'The path does not take this method.', {
      headers: { allow: methodsOf(route).join(', ') },
    });
  if (!acceptsJson(request.headers.accept))
    throw new IamError(406, 'Answers are application/json, which `Accept` excludes.');
  const author =
    caller === undefined || caller === throughProxy ? 'proxy' : (uidOf(caller) ?? caller.subject!);
  let hasWritten = false;
  const { status, body, cookies } = await handle({
    state: directory.state(),
    ids,
    query: new URLSearchParams(request.raw.url!.split(/\?(.*)/s, 2)[1] ?? ''),
    body: rawBodyOf(request),
    request,
    async write(...operations: readonly Operation[]) {
      const written = await directory.write(operations, { author, reason: `IAM API, request ${request.id}` });
      void reply.header(tokenHeader, written.token);
      hasWritten = true;
    },
  });
  if (hasWritten) writeAuditLine(service.log, request, caller, { result: 'done', status });
  void reply.code(status).header('cache-control', 'no-store');
  if (cookies !== undefined) void reply.header('set-cookie', cookies);
  return body === undefined ? reply.send() : reply.type(jsonType).send(JSON.stringify(body));
}

function rawBodyOf({ headers, body }: FastifyRequest): RawBody {
  return { contentType: headers['content-type'], bytes: body as Buffer | undefined };
}

function noSuchPath(): IamError {
  return new IamError(404, 'There is nothing at this path.');
}
