import { invalidData } from '../iam-error.ts';
import { knownGroup, knownUser } from '../known.ts';
import { isService, listOf, showGroup, showPermissions, showUser } from '../objects.ts';
import { urls } from '../paths.ts';
import { isProviderType } from '../providers.ts';
import { readTexts } from '../read-body.ts';
import type { Route } from '../route-table.ts';

export const groupRoutes: readonly Route[] = [
  {
    path: 'groups',
    methods: {
      GET: ({ state }) => ({ status: 200, body: listOf([...state.groups()].map(showGroup)) }),
    },
  },
  {
    path: 'groups/{gid}',
    methods: {
      GET: ({ state, ids }) => ({ status: 200, body: showGroup(knownGroup(state, ids.gid!)) }),
      async PUT({ ids, body, write }) {
        const { description, provider_type: providerType = 'internal' } = readTexts(body, {
          allowed: ['description', 'provider_type'],
          required: ['description'],
        });
        if (!isProviderType(providerType)) throw invalidData(`Invalid provider_type: \`${providerType}\``);
        const group = { gid: ids.gid!, description: description!, providerType };
        await write({ kind: 'create-group', group });
        return { status: 201 };
      },
      async PATCH({ state, ids, body, write }) {
        const { gid } = knownGroup(state, ids.gid!);
        const { description } = readTexts(body, { allowed: ['description'], required: ['description'] });
        await write({ kind: 'update-group', gid, description: description! });
        return { status: 204 };
      },
      async DELETE({ ids, write }) {
        await write({ kind: 'delete-group', gid: ids.gid! });
        return { status: 204 };
      },
    },
  },
  {
    path: 'groups/{gid}/permissions',
    methods: {
      GET({ state, ids }) {
        const { gid } = knownGroup(state, ids.gid!);
        return { status: 200, body: listOf(showPermissions(state, 'groups', gid)) };
      },
    },
  },
  {
    path: 'groups/{gid}/users',
    methods: {
      GET({ state, ids, query }) {
        const { gid } = knownGroup(state, ids.gid!);
        const wantsServices = query.get('type') === 'service';
        const members = state
          .membersOf(gid)
          .map((uid) => knownUser(state, uid))
          .filter((user) => isService(user) === wantsServices)
          .map((user) => ({ membershipurl: urls.membership(gid, user.uid), user: showUser(user) }));
        return { status: 200, body: listOf(members) };
      },
    },
  },
  {
    path: 'groups/{gid}/users/{uid}',
    methods: {
      async PUT({ ids, write }) {
        await write({ kind: 'add-member', gid: ids.gid!, uid: ids.uid! });
        return { status: 204 };
      },
      async DELETE({ ids, write }) {
        await write({ kind: 'remove-member', gid: ids.gid!, uid: ids.uid! });
        return { status: 204 };
      },
    },
  },
];
