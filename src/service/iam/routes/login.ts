import { createPublicKey } from 'node:crypto';
import type { IamState } from '../../../iam/iam-state.ts';
import type { User } from '../../../iam/operation.ts';
import type { Logger } from '../../service.ts';
import { writeAuditLine } from '../audit.ts';
import { loginCookies, logoutCookies } from '../cookies.ts';
import { IamError, invalidData } from '../iam-error.ts';
import type { Passwords } from '../passwords/passwords.ts';
import { loginProviders } from '../providers.ts';
import { readTexts } from '../read-body.ts';
import type { Answer, Call, Route } from '../route-table.ts';
import { type Tokens, verifyUid } from '../tokens.ts';

export interface LoginParts {
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  readonly state: () => IamState;
  readonly log: Pick<Logger, 'info'>;
  /** Whether cookies are for TLS only. */
  readonly isSecure: boolean;
}

/** What needs no token: it is where they come from. */
export function loginRoutes(parts: LoginParts): readonly Route[] {
  return [
    {
      path: 'auth/login',
      methods: { POST: (call) => login(call, parts), GET: loginElsewhere },
    },
    {
      path: 'auth/logout',
      methods: { GET: () => ({ status: 200, cookies: logoutCookies(parts.isSecure) }) },
    },
    {
      path: 'auth/providers',
      methods: { GET: () => ({ status: 200, body: loginProviders }) },
    },
    {
      path: 'auth/jwks',
      methods: { GET: () => ({ status: 200, body: { keys: [parts.tokens.published] } }) },
    },
  ];
}

/** With an identity provider, of which there is none. */
function loginElsewhere({ query }: Call): Answer {
  if (query.has('oidc-provider') || query.has('saml-provider'))
    throw new IamError(501, 'No identity provider is connected here: log in with a password or a token.');
  throw new IamError(400, 'Expected query parameter `oidc-provider` or `saml-provider`', {
    code: 'ERR_MISSING_QUERY_PARAMETERS',
  });
}

async function login({ body, request }: Call, parts: LoginParts): Promise<Answer> {
  const { uid, ...credentials } = readCredentials(body);
  const user =
    credentials.password === undefined
      ? await findByToken(uid, credentials.token!, parts)
      : await findByPassword(uid, credentials.password, parts);
  // Somebody who mixes up two fields of a form has a password in the log otherwise.
  const named = parts.state().user(uid) === undefined ? '-' : uid;
  if (user === undefined) {
    writeAuditLine(parts.log, request, undefined, {
      uid: named,
      result: 'deny',
      status: 401,
      reason: 'login',
    });
    throw new IamError(401, 'The credentials are not accepted.', {
      code: 'ERR_INVALID_CREDENTIALS',
      headers: { 'www-authenticate': 'acsjwt' },
    });
  }
  const issued = await parts.tokens.issue(user.uid);
  writeAuditLine(parts.log, request, undefined, { uid: named, result: 'done', status: 200, reason: 'login' });
  return {
    status: 200,
    body: { token: issued.token },
    cookies: loginCookies(user, issued, parts.isSecure),
  };
}

interface Credentials {
  readonly uid: string;
  readonly password?: string;
  readonly token?: string;
}

/** @throws {IamError} 400 */
function readCredentials(body: Call['body']): Credentials {
  const { uid, password, token } = readTexts(body, {
    allowed: ['uid', 'password', 'token'],
    required: ['uid'],
  });
  for (const [name, value] of Object.entries({ uid, password, token })) {
    if (value === '') throw invalidData(`\`${name}\` must not be empty when provided`);
  }
  if ((password === undefined) === (token === undefined))
    throw invalidData('One of `password` or `token` must be provided, and not both');
  return { uid: uid!, ...(password === undefined ? { token: token! } : { password }) };
}

/** Whoever does not exist, and whoever has no password, takes as long as a wrong password. */
async function findByPassword(uid: string, password: string, parts: LoginParts): Promise<User | undefined> {
  const stored = parts.state().user(uid)?.passwordHash;
  if (!(await parts.passwords.verify(password, stored))) return undefined;
  // Meanwhile the user may have been deleted, or may have got another password.
  const user = parts.state().user(uid);
  return stored !== undefined && user?.passwordHash === stored ? user : undefined;
}

/**
 * A service account proves who it is with a token that its private key signs. `exp` is looked at if it is there; a token for
 * anybody else's uid is refused.
 */
async function findByToken(uid: string, token: string, parts: LoginParts): Promise<User | undefined> {
  const user = parts.state().user(uid);
  const publicKey = user?.publicKey;
  try {
    // Without a key it is verified too, with one that it must not be signed with: that takes as long.
    const signedFor = await verifyUid(
      token,
      publicKey === undefined ? parts.tokens.publicKey : createPublicKey(publicKey),
    );
    return publicKey !== undefined && signedFor === uid ? user : undefined;
  } catch {
    return undefined;
  }
}
