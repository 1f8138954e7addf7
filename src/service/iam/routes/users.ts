import { errorOfFault, invalidData } from '../iam-error.ts';
import { knownUser } from '../known.ts';
import { checkPassword, readNewUser } from '../new-user.ts';
import { isService, listOf, showGroup, showUser, showUserPermissions } from '../objects.ts';
import type { Passwords } from '../passwords/passwords.ts';
import { urls } from '../paths.ts';
import { readTexts } from '../read-body.ts';
import type { Answer, Call, Route } from '../route-table.ts';

/** Stands for the hash of a password while it is asked whether the user may be made: hashing is the costly part. */
const placeholder =
  '$scrypt$ln=15,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

export function userRoutes(passwords: Passwords): readonly Route[] {
  return [
    {
      path: 'users',
      methods: {
        GET({ state, query }) {
          const wantsServices = query.get('type') === 'service';
          const users = [...state.users()].filter((user) => isService(user) === wantsServices);
          return { status: 200, body: listOf(users.map(showUser)) };
        },
      },
    },
    {
      path: 'users/{uid}',
      methods: {
        GET: ({ state, ids }) => ({ status: 200, body: showUser(knownUser(state, ids.uid!)) }),
        PUT: (call) => createUser(call, passwords),
        PATCH: (call) => updateUser(call, passwords),
        async DELETE({ ids, write }) {
          await write({ kind: 'delete-user', uid: ids.uid! });
          return { status: 204 };
        },
      },
    },
    {
      path: 'users/{uid}/groups',
      methods: {
        GET({ state, ids }) {
          const { uid } = knownUser(state, ids.uid!);
          const memberships = state.groupsOf(uid).flatMap((gid) => {
            const group = state.group(gid);
            return group === undefined
              ? []
              : [{ membershipurl: urls.membership(gid, uid), group: showGroup(group) }];
          });
          return { status: 200, body: listOf(memberships) };
        },
      },
    },
    {
      path: 'users/{uid}/permissions',
      own: 'uid',
      methods: {
        GET({ state, ids }) {
          const { uid } = knownUser(state, ids.uid!);
          return { status: 200, body: showUserPermissions(state, uid) };
        },
      },
    },
  ];
}

async function createUser({ ids, body, state, write }: Call, passwords: Passwords): Promise<Answer> {
  const { user, password } = readNewUser(ids.uid!, body);
  if (password === undefined) {
    await write({ kind: 'create-user', user });
    return { status: 201 };
  }
  const fault = state.check({ kind: 'create-user', user: { ...user, passwordHash: placeholder } });
  if (fault !== undefined) throw errorOfFault(fault);
  const passwordHash = await passwords.hash(password);
  await write({ kind: 'create-user', user: { ...user, passwordHash } });
  return { status: 201 };
}

async function updateUser({ ids, body, state, write }: Call, passwords: Passwords): Promise<Answer> {
  const user = knownUser(state, ids.uid!);
  const { description, password } = readTexts(body, { allowed: ['description', 'password'] });
  if (description === undefined && password === undefined)
    throw invalidData('One of `description` and `password` must be provided');
  if (password !== undefined) {
    if (isService(user)) throw invalidData('`password` is unexpected: a service account has a key instead');
    if (user.providerType !== 'internal')
      throw invalidData(`\`password\` is unexpected for users of provider type \`${user.providerType}\``);
    checkPassword(password);
  }
  const passwordHash = password === undefined ? undefined : await passwords.hash(password);
  await write({
    kind: 'update-user',
    uid: user.uid,
    ...(description === undefined ? {} : { description }),
    ...(passwordHash === undefined ? {} : { passwordHash }),
  });
  return { status: 204 };
}
