import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JWTPayload, SignJWT } from 'jose';
import type { IamState } from '../../src/iam/iam-state.ts';
import { printId } from '../../src/printing/print-rule.ts';
import type { ActivePolicy } from '../../src/service/active-policy.ts';
import { createServer } from '../../src/service/http/server.ts';
import type { IamConfig } from '../../src/service/iam/config.ts';
import type { IamDirectory } from '../../src/service/iam/directory.ts';
import type { Caller } from '../../src/service/service.ts';
import { type Answer, send } from './send.ts';
import { createTestService, policyOf, type TestService } from './service.ts';

/** The key that tokens of tests are signed with. */
export const signing = generateKeyPairSync('rsa', { modulusLength: 2048 });

export interface IamServiceOptions {
  readonly directory: IamDirectory;
  readonly iam?: Partial<IamConfig>;
  /** Whom the service knows by other tokens than those of the IAM. */
  readonly authenticate?: () => Promise<Caller | undefined>;
  /** Whether the configuration says that there is TLS in front of it. */
  readonly isSecure?: boolean;
}

/** A service with the permission API, whose policy is what the directory says. */
export interface IamService {
  readonly address: string;
  readonly service: TestService;
  /** Lines of the audit log. */
  readonly audit: Readonly<Record<string, unknown>>[];
  readonly close: () => Promise<void>;
}

export async function startIam({
  directory,
  iam,
  authenticate,
  isSecure = false,
}: IamServiceOptions): Promise<IamService> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-iam-'));
  const signingKeyFile = join(folder, 'iam.pem');
  writeFileSync(signingKeyFile, signing.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const base = createTestService('', authenticate === undefined ? {} : { authenticate });
  const audit: Readonly<Record<string, unknown>>[] = [];
  const token = { subjectClaim: 'sub', subjectType: 'user', clockToleranceSeconds: 0 };
  const service = Object.assign(base, {
    directory,
    policy: followState(() => directory.state()),
    config: {
      ...base.config,
      ...(authenticate === undefined ? {} : { token }),
      ...(isSecure ? { tls: { certificateFile: '', keyFile: '' } } : {}),
      iam: { policyQuery: true, peers: ['127.0.0.0/8', '::1'], signingKeyFile, ...iam },
    },
  });
  const { info } = service.log;
  service.log.info = ((first: unknown, message?: string) => {
    if (message === 'iam') audit.push(first as Readonly<Record<string, unknown>>);
    else info(first, message);
  }) as typeof info;
  const app = createServer(service);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    address,
    service,
    audit,
    async close() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const catalogue = `
namespace dcos {
  action full implies create, read, update, delete
  superuser dcos:superuser
  resource dcos:superuser { actions full, create, read, update, delete }
}
`;

/** The state as a policy, anew after each record. */
function followState(stateOf: () => IamState): () => ActivePolicy {
  let known: { readonly revision: number; readonly policy: ActivePolicy } | undefined;
  return () => {
    const state = stateOf();
    if (known?.revision !== state.revision)
      known = { revision: state.revision, policy: policyOf(catalogue + policyText(state)) };
    return known.policy;
  };
}

/** Slow and obvious: groups with members, and a rule for each action that is stored. */
function policyText(state: IamState): string {
  const lines: string[] = [];
  for (const { gid } of state.groups()) {
    const members = state.membersOf(gid).map((uid) => printId(`user:${uid}`));
    lines.push(`group ${JSON.stringify(gid)} { ${members.join(', ')} }`);
  }
  for (const { rid } of state.acls()) {
    for (const { entry, actions } of state.entriesOf(rid)) {
      const subject =
        entry.subjects === 'users' ? printId(`user:${entry.id}`) : `group:${JSON.stringify(entry.id)}`;
      for (const { action } of actions) lines.push(`allow ${subject} to ${action} on ${printId(rid)}`);
    }
  }
  return lines.join('\n');
}

// ---------------------------------------------------------------- asking

export function sign(
  payload: JWTPayload,
  {
    key = signing.privateKey,
    alg = 'RS256',
  }: { readonly key?: KeyObject | Uint8Array; readonly alg?: string } = {},
): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg, typ: 'JWT' }).sign(key);
}

export interface IamAnswer extends Answer {
  /** The body, if it is JSON. */
  readonly json: unknown;
}

export interface Asked {
  readonly headers?: readonly string[];
  /** Undefined: `application/json` if there is a body. Empty: none. */
  readonly contentType?: string | undefined;
}

export type Ask = (method: string, path: string, body?: unknown, asked?: Asked) => Promise<IamAnswer>;

/** Asks with this token, below the base path; a body that is a text is sent as it stands. */
export function asker(address: string, token: string | undefined): Ask {
  return async (method, path, body, { headers = [], contentType = 'application/json' } = {}) => {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await send(address, {
      method,
      path: path.startsWith('/acs/') ? path : `/acs/api/v1${path}`,
      headers: [
        ...(token === undefined ? [] : ['Authorization', `token=${token}`]),
        ...(body === undefined || contentType === '' ? [] : ['Content-Type', contentType]),
        ...headers,
      ],
      body: text,
    });
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return { ...answer, json: isJson && answer.body !== '' ? JSON.parse(answer.body) : undefined };
  };
}
