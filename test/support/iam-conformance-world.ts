import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Operation } from '../../src/iam/operation.ts';
import type { IamDirectory } from '../../src/service/iam/directory.ts';
import { hashPassword } from '../../src/service/iam/passwords/scrypt-password.ts';

/** Whom and what the requests of the conformance suite find. */

const robot = generateKeyPairSync('rsa', { modulusLength: 2048 });
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject, type: 'spki' | 'pkcs1'): string =>
  key.export({ type, format: 'pem' }).toString();

export const robotKey: KeyObject = robot.privateKey;

/** Texts that stand in the fixtures for what is made anew in each run. */
export const placeholders: Readonly<Record<string, string>> = {
  $PEM: pem(robot.publicKey, 'spki'),
  $PKCS1: pem(robot.publicKey, 'pkcs1'),
  $EC: pem(elliptic.publicKey, 'spki'),
  $PRIVATE: robot.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

export const passwords = { alice: 'alice’s password', bob: 'passwörd' } as const;

/** Cheap: each of many tests begins with them. */
const cost = { ln: 4, r: 8, p: 1 };

const secret = 'dcos:secrets:default:/team/db';
const internal = { providerType: 'internal', providerId: '' } as const;

const hashes = {
  admin: await hashPassword('admin-password', cost),
  alice: await hashPassword(passwords.alice, cost),
  bob: await hashPassword(passwords.bob, cost),
};

/** What a fresh cluster has: the group of superusers, and one in it. */
export const builtIn: readonly Operation[] = [
  { kind: 'create-group', group: { gid: 'superusers', description: 'Superusers', providerType: 'internal' } },
  { kind: 'create-acl', rid: 'dcos:superuser', description: 'Everything' },
  {
    kind: 'grant',
    entry: { rid: 'dcos:superuser', subjects: 'groups', id: 'superusers' },
    action: 'full',
  },
  {
    kind: 'create-user',
    user: { uid: 'admin', description: 'Admin', ...internal, passwordHash: hashes.admin },
  },
  { kind: 'add-member', gid: 'superusers', uid: 'admin' },
];

const others: readonly Operation[] = [
  {
    kind: 'create-user',
    user: { uid: 'alice', description: 'Alice Ä.', ...internal, passwordHash: hashes.alice },
  },
  { kind: 'create-user', user: { uid: 'bob', description: '', ...internal, passwordHash: hashes.bob } },
  { kind: 'create-user', user: { uid: 'lydia', description: '', providerType: 'ldap', providerId: '' } },
  {
    kind: 'create-user',
    user: { uid: 'robot', description: 'robot', ...internal, publicKey: placeholders.$PEM! },
  },
  { kind: 'create-group', group: { gid: 'team', description: 'The team', providerType: 'internal' } },
  { kind: 'create-group', group: { gid: 'empty', description: '', providerType: 'internal' } },
  { kind: 'add-member', gid: 'team', uid: 'alice' },
  { kind: 'add-member', gid: 'team', uid: 'robot' },
  { kind: 'create-acl', rid: 'dcos:adminrouter:acs', description: '' },
  { kind: 'create-acl', rid: 'dcos:service', description: 'service' },
  { kind: 'create-acl', rid: secret, description: 'db' },
  { kind: 'grant', entry: { rid: secret, subjects: 'users', id: 'alice' }, action: 'read' },
  { kind: 'grant', entry: { rid: secret, subjects: 'users', id: 'alice' }, action: 'update' },
  { kind: 'grant', entry: { rid: secret, subjects: 'groups', id: 'team' }, action: 'read' },
];

const about = { author: 'test', reason: 'the world of a test' };

/** Fills an empty directory. */
export async function createWorld(directory: IamDirectory): Promise<void> {
  await directory.write(builtIn, about);
  await directory.write(others, about);
}
