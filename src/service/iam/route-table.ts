import type { FastifyRequest } from 'fastify';
import type { IamState } from '../../iam/iam-state.ts';
import type { Operation } from '../../iam/operation.ts';
import { readRid } from './paths.ts';
import type { RawBody } from './read-body.ts';

/** One request to one route, with all that its handler may look at. */
export interface Call {
  /** Now: after an `await` it has to be asked for again. */
  readonly state: IamState;
  /** What stands in the path, decoded: `rid`, `uid`, … */
  readonly ids: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: RawBody;
  readonly request: FastifyRequest;
  /**
   * Writes and notes the token of the write for the answer.
   *
   * @throws {OperationRefusedError}
   */
  readonly write: (...operations: readonly Operation[]) => Promise<void>;
}

export interface Answer {
  readonly status: number;
  /** Absent for 201 and 204, which have none. */
  readonly body?: unknown;
  readonly cookies?: readonly string[];
}

export type Handle = (call: Call) => Answer | Promise<Answer>;

export interface Route {
  /** Below the base path, with names in braces: `users/{uid}`; `**` at the end takes any number of segments. */
  readonly path: string;
  /** By method. `GET` answers `HEAD` too; `ANY` answers every method. */
  readonly methods: Readonly<Record<string, Handle>>;
  /** Name of the id in the path whose user needs no permission, being asked about itself. */
  readonly own?: string;
}

export interface Match {
  readonly route: Route;
  readonly ids: Readonly<Record<string, string>>;
}

/** The route of decoded segments, the first that fits. */
export function findRoute(routes: readonly Route[], segments: readonly string[]): Match | undefined {
  for (const route of routes) {
    const ids = match(route.path.split('/'), segments);
    if (ids !== undefined) return { route, ids };
  }
  return undefined;
}

function match(
  pattern: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const takesRest = pattern.at(-1) === '**';
  if (takesRest ? segments.length < pattern.length : segments.length !== pattern.length) return undefined;
  const ids: Record<string, string> = {};
  for (const [i, part] of pattern.entries()) {
    const segment = segments[i]!;
    if (part === '**') return ids;
    if (!part.startsWith('{')) {
      if (part !== segment) return undefined;
      continue;
    }
    if (segment === '') return undefined;
    const name = part.slice(1, -1);
    ids[name] = name === 'rid' ? readRid(segment) : segment;
  }
  return ids;
}

export function methodsOf({ methods }: Route): string[] {
  return Object.keys(methods)
    .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .sort();
}

export function handlerOf({ methods }: Route, method: string): Handle | undefined {
  const name = method === 'HEAD' ? 'GET' : method;
  return Object.hasOwn(methods, name) ? methods[name] : methods.ANY;
}
