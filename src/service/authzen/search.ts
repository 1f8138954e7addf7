import type { FastifyInstance } from 'fastify';
import type { Request } from '../../index.ts';
import type { ActivePolicy } from '../active-policy.ts';
import { ServiceError } from '../http/errors.ts';
import { jsonType } from '../http/json-type.ts';
import type { IdList } from '../known-ids/id-list.ts';
import { type Candidates, type Found, findAllowed } from './find-allowed.ts';
import { idOf, rangeAfter, rangeOfType } from './ids.ts';
import type { PagePosition, PageTokens } from './page-tokens.ts';
import type { AskedAction, AskedEntity, RequestReader } from './read-request.ts';
import { searchAnswers, searchSchemas } from './schemas.ts';
import type { Turns } from './turns.ts';

export interface SearchOptions {
  /** Before the path of each route: empty, or `/…`. */
  readonly prefix: string;
  readonly reader: RequestReader;
  readonly tokens: PageTokens;
  readonly turns: Turns;
}

type Kind = 'subject' | 'resource' | 'action';

/** What the schema of a kind accepts. Of what is searched for only the type is known to be there. */
interface SearchBody {
  readonly subject: AskedEntity;
  readonly action: AskedAction;
  readonly resource: AskedEntity;
  readonly context?: object | null;
  readonly page?: { readonly token?: string | null; readonly limit?: number | null } | null;
}

/** More results than that come in pages, asked for or not. */
const maxPageSize = 10_000;

const summaries = {
  subject: 'Subject Search: find the subjects that are allowed an action on a resource',
  resource: 'Resource Search: find the resources on which a subject is allowed an action',
  action: 'Action Search: find the actions that a subject is allowed on a resource',
} as const;

/** Subject, resource and action search. */
export function addSearchRoutes(app: FastifyInstance, options: SearchOptions): void {
  for (const kind of ['subject', 'resource', 'action'] as const) {
    app.post(
      `${options.prefix}/access/v1/search/${kind}`,
      {
        schema: {
          tags: ['authzen'],
          summary: summaries[kind],
          description: `Among those that the policy knows by name; each result is what an evaluation allows. More than
${maxPageSize} results come in pages.`,
          security: [{ token: [] }],
          body: searchSchemas[kind],
          response: searchAnswers(kind),
        },
      },
      async (request, reply) => {
        const text = await search(kind, request.body as SearchBody, {
          ...options,
          policy: request.activePolicy,
          isWanted: () => !request.raw.socket.destroyed,
        });
        return reply.type(jsonType).send(text);
      },
    );
  }
}

interface Searching extends SearchOptions {
  readonly policy: ActivePolicy;
  readonly isWanted: () => boolean;
}

async function search(
  kind: Kind,
  body: SearchBody,
  { policy, reader, tokens, turns, isWanted }: Searching,
): Promise<string> {
  const known = readKnownParts(kind, body, reader);
  const identity = canonicalJson([kind, kind === 'action' ? '' : body[kind].type, known]);
  const position = readPosition(body.page ?? {}, identity, tokens);
  const { limit } = position;
  const { [`${kind}s` as const]: ids } = await policy.known();
  const found = await findAllowed(
    policy.authorizer,
    candidatesFor(kind, { body, known, ids, last: position.last }),
    {
      limit: Math.min(limit ?? maxPageSize, maxPageSize),
      turns,
      isWanted,
    },
  );
  const last = found.ids.at(-1) ?? position.last;
  const nextToken = found.isComplete ? '' : tokens.make(identity, { limit, last });
  const isPaged = (body.page !== undefined && body.page !== null) || !found.isComplete;
  return `{${isPaged ? renderPage(nextToken, found) : ''}"results":[${renderResults(kind, found)}]}`;
}

/** The request without what is searched for: the same for every candidate. */
function readKnownParts(kind: Kind, body: SearchBody, reader: RequestReader): Request {
  const { subject, action, resource, context }: Partial<SearchBody> = { ...body, [kind]: undefined };
  return {
    subject: subject && idOf(subject),
    action: action?.name ?? '',
    resource: resource && idOf(resource),
    attributes: reader.readAttributes(subject, action, resource),
    context: context ?? undefined,
  };
}

function readPosition(
  { token, limit }: NonNullable<SearchBody['page']>,
  identity: string,
  tokens: PageTokens,
): PagePosition {
  if (token === undefined || token === null) return { limit: limit ?? null, last: null };
  const position = tokens.read(identity, token);
  // Clients repeat the limit of the first page or leave it out.
  if (limit !== undefined && limit !== null && limit !== position.limit)
    throw new ServiceError(400, '`page.limit` is another one than on the page before');
  return position;
}

interface Searched {
  readonly body: SearchBody;
  /** The request without what is searched for. */
  readonly known: Request;
  /** All that there are of that kind. */
  readonly ids: IdList;
  /** Where the page before has ended. */
  readonly last: string | null;
}

function candidatesFor(kind: Kind, { body, known, ids, last }: Searched): Candidates {
  const all = kind === 'action' ? { start: 0, end: ids.length } : rangeOfType(ids, body[kind].type);
  const range = last === null ? all : rangeAfter(ids, all, last);
  switch (kind) {
    case 'subject':
      return { ids, range, requestFor: (id) => ({ ...known, subject: id }) };
    case 'resource':
      return { ids, range, requestFor: (id) => ({ ...known, resource: id }) };
    case 'action':
      return { ids, range, requestFor: (id) => ({ ...known, action: id }) };
  }
}

function renderPage(nextToken: string, { ids }: Found): string {
  return `"page":{"next_token":"${nextToken}","count":${ids.length}},`;
}

function renderResults(kind: Kind, { ids }: Found): string {
  return ids.map(kind === 'action' ? renderAction : renderEntity).join();
}

function renderAction(name: string): string {
  return `{"name":${JSON.stringify(name)}}`;
}

function renderEntity(id: string): string {
  const colon = id.indexOf(':');
  return `{"type":${JSON.stringify(id.slice(0, colon))},"id":${JSON.stringify(id.slice(colon + 1))}}`;
}

/** The same text for the same value, however its members are ordered. Values nest no deeper than bodies may. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
