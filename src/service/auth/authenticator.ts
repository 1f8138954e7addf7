import type { FastifyRequest } from 'fastify';
import { errors, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { TokenConfig } from '../config/config.ts';
import { AuthenticationError, type TokenRefusal } from '../http/errors.ts';
import type { Caller, Logger } from '../service.ts';
import type { FileKeys } from './key-file.ts';
import { KeySource } from './key-source.ts';
import { readToken } from './read-token.ts';

export type Authenticate = (request: Pick<FastifyRequest, 'headers'>) => Promise<Caller | undefined>;

/** What everybody is without authentication. */
export const authenticateNobody: Authenticate = async () => undefined;

/**
 * Verifies the token of every request: signature by a fixed list of algorithms, `exp` always, `iss` and `aud` where they
 * are configured.
 *
 * @param token  complete: `checkConfig` has seen it
 * @param source  asked for each token, so that other keys count from the moment they are there
 * @throws {FileError | ConfigurationError} if a key file cannot be used
 */
export function createAuthenticator(
  token: TokenConfig,
  log: Pick<Logger, 'error'>,
  source: KeySource = new KeySource(token),
): Authenticate {
  const options: JWTVerifyOptions = {
    requiredClaims: ['exp'],
    clockTolerance: token.clockToleranceSeconds,
    ...(token.issuer === undefined ? {} : { issuer: [...token.issuer] }),
    ...(token.audience === undefined ? {} : { audience: [...token.audience] }),
  };
  return async ({ headers }) => {
    const text = readToken(headers, token.cookie);
    try {
      const { keys, algorithms } = source.current;
      return callerOf(await verify(text, keys, { ...options, algorithms: [...algorithms] }), token);
    } catch (error) {
      if (error instanceof AuthenticationError) throw error;
      const refusal = refusalOf(error);
      if (refusal.reason === 'keys-unavailable')
        log.error({ err: error }, 'the keys of tokens cannot be had');
      throw refusal;
    }
  };
}

async function verify(text: string, keys: FileKeys['keys'], options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(text, keys as JWTVerifyGetKey, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    return verifyWithAny(text, error, options);
  }
}

/** A token that names no key may be of any in the set. */
async function verifyWithAny(
  text: string,
  candidates: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of candidates) {
    try {
      return (await jwtVerify(text, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

// ---------------------------------------------------------------- claims

/** @throws {AuthenticationError} 401 if the claims do not say who it is */
function callerOf(claims: JWTPayload, { subjectClaim, subjectType, groupsClaim }: TokenConfig): Caller {
  const name = claimOf(claims, subjectClaim);
  if (typeof name !== 'string' || name === '') throw badClaim(subjectClaim, 'a text');
  const groups = groupsClaim === undefined ? [] : (claimOf(claims, groupsClaim) ?? []);
  if (!Array.isArray(groups) || groups.some((group) => typeof group !== 'string'))
    throw badClaim(groupsClaim!, 'a list of texts');
  return { subject: `${subjectType}:${name}`, groups: groups as string[], claims };
}

function claimOf(claims: JWTPayload, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

function badClaim(name: string, expected: string): AuthenticationError {
  return new AuthenticationError('claims', `the claim \`${name}\` of the token is not ${expected}`);
}

// ---------------------------------------------------------------- refusals

const refusals: ReadonlyMap<string, readonly [TokenRefusal, string]> = new Map([
  ['ERR_JWT_EXPIRED', ['expired', 'the token has expired']],
  ['ERR_JOSE_ALG_NOT_ALLOWED', ['algorithm', 'the token is signed with an algorithm that is not accepted']],
  ['ERR_JOSE_NOT_SUPPORTED', ['malformed', 'the token asks for what is not supported']],
  ['ERR_JWKS_NO_MATCHING_KEY', ['unknown-key', 'the token is signed with a key that is not known']],
  ['ERR_JWS_SIGNATURE_VERIFICATION_FAILED', ['signature', 'the signature of the token is not valid']],
  ['ERR_JWS_INVALID', ['malformed', 'the token is malformed']],
  ['ERR_JWT_INVALID', ['malformed', 'the token is malformed']],
]);

const claimRefusals: ReadonlyMap<string, TokenRefusal> = new Map([
  ['iss', 'issuer'],
  ['aud', 'audience'],
  ['nbf', 'not-yet-valid'],
]);

/** Whatever is not known to be the token's fault is a lack of keys: it is refused too, and the log says more. */
function refusalOf(error: unknown): AuthenticationError {
  if (error instanceof errors.JWTClaimValidationFailed)
    return new AuthenticationError(
      claimRefusals.get(error.claim) ?? 'claims',
      `the claim \`${error.claim}\` of the token is missing or not accepted`,
    );
  const known = error instanceof errors.JOSEError ? refusals.get(error.code) : undefined;
  if (known === undefined)
    return new AuthenticationError('keys-unavailable', 'tokens cannot be verified at present');
  return new AuthenticationError(...known);
}
