import type { FastifyRequest } from 'fastify';
import type { Caller, Logger } from '../service.ts';
import { uidOf } from './access.ts';
import { readRid, readSegments } from './paths.ts';

/** What came of a request, as the log has it. */
export interface AuditResult {
  readonly result: 'done' | 'deny' | 'refused' | 'failed';
  readonly status: number;
  readonly reason?: string | undefined;
}

const actionNames: ReadonlyMap<string, string> = new Map([
  ['GET', 'read'],
  ['HEAD', 'read'],
  ['PUT', 'create'],
  ['PATCH', 'update'],
  ['DELETE', 'delete'],
]);

/** Of what may be any text: it goes into logs. */
const maxUnits = 512;

/**
 * One line for what was written, and for what was refused: who did what to which object, and what came of it.
 *
 * @param uid  of whoever tries to log in; else that of the caller is named
 */
export function writeAuditLine(
  log: Pick<Logger, 'info'>,
  request: FastifyRequest,
  caller: Caller | undefined,
  { uid, ...result }: AuditResult & { readonly uid?: string },
): void {
  const who = uid ?? (caller === undefined ? '-' : (uidOf(caller) ?? caller.subject ?? 'proxy'));
  log.info(
    {
      type: 'audit',
      requestId: request.id,
      uid: who.slice(0, maxUnits),
      object: objectOf(request),
      action: actionNames.get(request.method) ?? request.method,
      ...result,
      peer: request.socket.remoteAddress,
    },
    'iam',
  );
}

/** `dcos:iam:users:<uid>:permissions`, as the log of DC/OS calls it. */
function objectOf({ raw }: FastifyRequest): string {
  const segments = readSegments(raw.url!);
  return segments === undefined
    ? 'dcos:iam:?'
    : `dcos:iam:${segments.map(readRid).join(':')}`.slice(0, maxUnits);
}
