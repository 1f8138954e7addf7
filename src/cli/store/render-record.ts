import { escapeText } from '../../files/quote.ts';
import type { Entry, Operation, StoreRecord } from '../../iam/operation.ts';
import type { Paint } from '../terminal.ts';

/**
 * A record for people:
 *
 *     revision 7  2026-03-01T09:30:00.000Z  admin
 *       because: ticket 12
 *       grant user:alice read on dcos:secrets:default:/prod
 */
export function renderRecord(record: StoreRecord, paint: Paint): string {
  const { revision, timeMs, author, reason, operations } = record;
  const head = `${paint('bold', `revision ${revision}`)}  ${dateOf(timeMs)}  ${escapeText(author)}`;
  const lines = operations.map((operation) => `  ${escapeText(describe(operation))}`);
  const why = reason === '' ? [] : [paint('dim', `  because: ${escapeText(reason)}`)];
  return `${[head, ...why, ...lines].join('\n')}\n`;
}

const hidden = '(not shown)';

/** What passwords were hashed to is nobody's business; the rest as it was written. */
export function withoutSecrets(record: StoreRecord): StoreRecord {
  return { ...record, operations: record.operations.map(hideSecrets) };
}

function hideSecrets(operation: Operation): Operation {
  switch (operation.kind) {
    case 'create-user': {
      const { user } = operation;
      return user.passwordHash === undefined
        ? operation
        : { ...operation, user: { ...user, passwordHash: hidden } };
    }
    case 'update-user':
      return operation.passwordHash === undefined ? operation : { ...operation, passwordHash: hidden };
    default:
      return operation;
  }
}

function describe(operation: Operation): string {
  switch (operation.kind) {
    case 'create-user': {
      const { uid, description, providerType, providerId, passwordHash, publicKey } = operation.user;
      const from = providerType === 'internal' ? [] : [`of ${providerType}${providerId && ` ${providerId}`}`];
      const by = [
        ...(passwordHash === undefined ? [] : ['with a password']),
        ...(publicKey === undefined ? [] : ['with a public key']),
      ];
      return [`create-user ${uid}`, ...from, ...by].join(' ') + described(description);
    }
    case 'update-user': {
      const { uid, description, passwordHash } = operation;
      return `update-user ${uid}${passwordHash === undefined ? '' : ' with a password'}${described(description)}`;
    }
    case 'delete-user':
      return `delete-user ${operation.uid}`;
    case 'create-group': {
      const { gid, description, providerType } = operation.group;
      return `create-group ${gid}${providerType === 'internal' ? '' : ` of ${providerType}`}${described(description)}`;
    }
    case 'update-group':
      return `update-group ${operation.gid}${described(operation.description)}`;
    case 'delete-group':
      return `delete-group ${operation.gid}`;
    case 'add-member':
      return `add-member ${operation.uid} to ${operation.gid}`;
    case 'remove-member':
      return `remove-member ${operation.uid} from ${operation.gid}`;
    case 'create-acl':
    case 'update-acl':
      return `${operation.kind} ${operation.rid}${described(operation.description)}`;
    case 'delete-acl':
      return `delete-acl ${operation.rid}`;
    case 'grant':
      return `grant ${holder(operation.entry)} ${operation.action} on ${operation.entry.rid}`;
    case 'revoke':
      return `revoke ${holder(operation.entry)} ${operation.action} on ${operation.entry.rid}`;
    case 'revoke-all':
      return `revoke-all ${holder(operation.entry)} on ${operation.entry.rid}`;
  }
}

function holder({ subjects, id }: Entry): string {
  return `${subjects === 'users' ? 'user' : 'group'}:${id}`;
}

function described(description: string | undefined): string {
  return description ? `: ${description}` : '';
}

/** A clock may have said anything. */
function dateOf(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? `at ${timeMs}` : date.toISOString();
}
