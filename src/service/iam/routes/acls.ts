import { knownAcl } from '../known.ts';
import { listOf, showAcl, showAclPermissions } from '../objects.ts';
import { readTexts } from '../read-body.ts';
import type { Call, Route } from '../route-table.ts';

function readDescription({ body }: Call): string {
  return readTexts(body, { allowed: ['description'], required: ['description'] }).description!;
}

export const aclRoutes: readonly Route[] = [
  {
    path: 'acls',
    methods: {
      GET: ({ state }) => ({ status: 200, body: listOf([...state.acls()].map(showAcl)) }),
    },
  },
  {
    path: 'acls/{rid}',
    methods: {
      GET: ({ state, ids }) => ({ status: 200, body: showAcl(knownAcl(state, ids.rid!)) }),
      async PUT(call) {
        await call.write({ kind: 'create-acl', rid: call.ids.rid!, description: readDescription(call) });
        return { status: 201 };
      },
      async PATCH(call) {
        const { rid } = knownAcl(call.state, call.ids.rid!);
        await call.write({ kind: 'update-acl', rid, description: readDescription(call) });
        return { status: 204 };
      },
      async DELETE({ ids, write }) {
        await write({ kind: 'delete-acl', rid: ids.rid! });
        return { status: 204 };
      },
    },
  },
  {
    path: 'acls/{rid}/permissions',
    methods: {
      GET({ state, ids }) {
        const { rid } = knownAcl(state, ids.rid!);
        return { status: 200, body: showAclPermissions(state, rid) };
      },
    },
  },
];
