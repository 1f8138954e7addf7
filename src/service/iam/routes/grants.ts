import { unknownAction } from '../../../iam/check-operation.ts';
import type { Action, Entry, SubjectKind } from '../../../iam/operation.ts';
import { errorOfFault } from '../iam-error.ts';
import { checkKnownSubject, knownAcl } from '../known.ts';
import { listOf, showActions } from '../objects.ts';
import type { Call, Route } from '../route-table.ts';

/** @throws {IamError} 400 if the resource or the subject is not known: nothing is made on the fly */
function readEntry({ state, ids }: Call, subjects: SubjectKind): Entry {
  const { rid } = knownAcl(state, ids.rid!);
  const id = ids.id!;
  checkKnownSubject(state, subjects, id);
  return { rid, subjects, id };
}

/** @throws {IamError} 400 */
function readAction({ ids }: Call): Action {
  const fault = unknownAction(ids.action!);
  if (fault !== undefined) throw errorOfFault(fault);
  return ids.action as Action;
}

/** The same for both kinds of subjects. */
function routesOf(subjects: SubjectKind): readonly Route[] {
  return [
    {
      path: `acls/{rid}/${subjects}/{id}`,
      methods: {
        GET(call) {
          const entry = readEntry(call, subjects);
          return { status: 200, body: listOf(showActions(entry, call.state.actionsOf(entry))) };
        },
        async DELETE(call) {
          await call.write({ kind: 'revoke-all', entry: readEntry(call, subjects) });
          return { status: 204 };
        },
      },
    },
    {
      path: `acls/{rid}/${subjects}/{id}/{action}`,
      methods: {
        // Whether it is stored: `full` says nothing about the others, and false is an answer.
        GET(call) {
          const stored = call.state.actionsOf(readEntry(call, subjects));
          const asked = readAction(call);
          return { status: 200, body: { allowed: stored.some(({ action }) => action === asked) } };
        },
        async PUT(call) {
          const entry = readEntry(call, subjects);
          await call.write({ kind: 'grant', entry, action: readAction(call) });
          return { status: 204 };
        },
        async DELETE(call) {
          const entry = readEntry(call, subjects);
          await call.write({ kind: 'revoke', entry, action: readAction(call) });
          return { status: 204 };
        },
      },
    },
  ];
}

export const grantRoutes: readonly Route[] = [...routesOf('users'), ...routesOf('groups')];
