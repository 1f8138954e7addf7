import { checkUid } from '../../iam/check-operation.ts';
import type { User } from '../../iam/operation.ts';
import { errorOfFault, invalidData } from './iam-error.ts';
import { maxPasswordBytes } from './passwords/passwords.ts';
import { isProviderType } from './providers.ts';
import { readPublicKey } from './public-key.ts';
import { type RawBody, readTexts } from './read-body.ts';

/** A user as a request describes it: the password is not yet a hash. */
export interface NewUser {
  readonly user: Omit<User, 'passwordHash'>;
  readonly password: string | undefined;
}

const members = [
  'description',
  'password',
  'public_key',
  'provider_type',
  'provider_id',
  'cluster_url',
  'creator_uid',
] as const;
type Body = { readonly [Name in (typeof members)[number]]?: string };

/** @throws {IamError} 400 */
export function readNewUser(uid: string, raw: RawBody): NewUser {
  const fault = checkUid(uid);
  if (fault !== undefined) throw errorOfFault(fault);
  const body: Body = readTexts(raw, { allowed: members });
  const { description = '', provider_type: providerType = 'internal', provider_id: providerId } = body;
  if (!isProviderType(providerType)) throw invalidData(`Invalid provider_type: \`${providerType}\``);
  checkProviderId(providerType, providerId);
  const user = { uid, description, providerType, providerId: providerId ?? '' };
  if (providerType !== 'internal') {
    refuseCredentials(body, providerType);
    return { user, password: undefined };
  }
  return withCredentials(user, body);
}

function checkProviderId(providerType: string, providerId: string | undefined): void {
  const needsId = providerType === 'oidc' || providerType === 'saml';
  if (needsId && !providerId) throw invalidData('Invalid provider_id: provider_id must be provided');
  if (!needsId && providerId !== undefined)
    throw invalidData('Invalid provider_id: provider_id must not be provided');
}

/** Users of another provider prove there who they are. */
function refuseCredentials(body: Body, providerType: string): void {
  for (const name of ['password', 'public_key'] as const) {
    if (body[name] !== undefined)
      throw invalidData(`\`${name}\` is unexpected for users of provider type \`${providerType}\``);
  }
}

function withCredentials(user: NewUser['user'], body: Body): NewUser {
  const { password, public_key: publicKey } = body;
  if ((password === undefined) === (publicKey === undefined))
    throw invalidData('One of `password` or `public_key` must be provided, and not both');
  if (publicKey === undefined) {
    checkPassword(password!);
    return { user, password };
  }
  if (publicKey === '') throw invalidData('`public_key` must not be empty when provided');
  readPublicKey(publicKey);
  return { user: { ...user, publicKey }, password: undefined };
}

/** @throws {IamError} 400 */
export function checkPassword(password: string): void {
  if (password === '') throw invalidData('`password` must not be empty when provided');
  if ([...password].length < 5 || Buffer.byteLength(password) > maxPasswordBytes)
    throw invalidData(
      `Password does not match rules: five characters or more, and ${maxPasswordBytes} bytes at most`,
    );
}
