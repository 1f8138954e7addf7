import type { Span } from '../../../source/span.ts';
import { type Finding, isGrantAction } from './grant.ts';
import { findUnknownMember } from './member-fault.ts';
import type { CommandEffect } from './read-commands.ts';
import type { ShellWord } from './shell-words.ts';

/**
 * `dcos security org users|groups grant|revoke [--description TEXT] ID RID ACTION`, and the members of groups (SEMANTICS of
 * DC/OS, 1; IAM API, 11).
 *
 * @param words  behind `dcos`
 * @returns undefined for another command
 */
export function readDcosCommand(words: readonly ShellWord[], span: Span): CommandEffect | undefined {
  // Before the command's name only options stand that need no value of their own.
  const [security, org, kind, verb] = words.filter(({ text }) => !text.startsWith('-'));
  if (security?.text !== 'security' || org?.text !== 'org' || kind === undefined || verb === undefined)
    return undefined;
  const behind = words.slice(words.indexOf(verb) + 1);
  if (kind.text === 'service-accounts' && verb.text === 'create') return serviceAccountOf(behind);
  if (kind.text === 'groups') {
    if (verb.text === 'add_user') return memberOf('member', behind);
    if (verb.text === 'del_user') return memberOf('member-left', behind);
  }
  if (verb.text !== 'grant' && verb.text !== 'revoke') return undefined;
  if (kind.text === 'service-accounts') return fault(...noServiceAccounts(verb.text));
  if (kind.text !== 'users' && kind.text !== 'groups') return undefined;
  if (behind.some(({ text }) => text === '--help' || text === '-h')) return undefined;
  const operands = operandsOf(behind, grantOptions);
  const [principal, resource, action] = operands;
  const problem = findOperandFault(operands, kind.text === 'users' ? 'UID' : 'GID');
  if (problem !== undefined) return fault(...problem);
  return {
    kind: verb.text,
    grant: {
      principalType: kind.text === 'users' ? 'user' : 'group',
      principal: principal!.text,
      resource: resource!.text,
      action: action?.text ?? '',
      at: { principal: principal!.span, resource: resource!.span, action: action?.span ?? span },
      spelling: resource!.text,
      isFilledIn: true,
      faults: [],
    },
  };
}

/** Options that take the next word, of `grant` and of `service-accounts create`. */
const grantOptions = new Set(['--description', '-d']);
const accountOptions = new Set(['--description', '-d', '--public-key', '-p']);

function operandsOf(words: readonly ShellWord[], withValue: ReadonlySet<string>): ShellWord[] {
  const operands: ShellWord[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (withValue.has(word.text)) i++;
    else if (!word.text.startsWith('-') || word.text === '-') operands.push(word);
  }
  return operands;
}

function serviceAccountOf(words: readonly ShellWord[]): CommandEffect | undefined {
  const uid = operandsOf(words, accountOptions)[0];
  return uid && { kind: 'service-account', uid: uid.text };
}

/** `groups add_user GID UID`, `groups del_user GID UID` (IAM API, 11). */
function memberOf(kind: 'member' | 'member-left', words: readonly ShellWord[]): CommandEffect {
  const operands = operandsOf(words, new Set());
  const [group, user, ...more] = operands;
  if (group !== undefined && user !== undefined && more.length === 0) {
    const membership = { group: group.text, user: user.text };
    return findUnknownMember(membership) ?? { kind, ...membership };
  }
  return fault('a member is named by its group and by itself', 'write `GID UID`, one member a command');
}

type Fault = readonly [message: string, help: string];

function fault(message: string, help: string): CommandEffect {
  const finding: Finding = { code: 'P4306', severity: 'error', message, help };
  return { kind: 'fault', finding };
}

function noServiceAccounts(verb: string): Fault {
  return [`there is no \`service-accounts ${verb}\`: service accounts are users`, `write \`users ${verb}\``];
}

/** What is wrong with the words behind `grant`; that the action is missing is told of the grant itself. */
function findOperandFault(operands: readonly ShellWord[], id: string): Fault | undefined {
  const texts = operands.map(({ text }) => text);
  const glued = texts.find((text) => /^(?!dcos:)[^/]*[^/:]dcos:/.test(text));
  if (glued !== undefined && texts.length < 3) {
    const at = glued.indexOf('dcos:');
    const meant = `${glued.slice(0, at)} ${glued.slice(at)}`;
    return [`\`${glued}\` lacks the blank between ${id} and resource id`, `write \`${meant}\``];
  }
  const resourceAt = texts.findIndex((text) => text.startsWith('dcos:'));
  const isSwapped = texts.length === 3 && resourceAt >= 0 && resourceAt !== 1;
  if (isSwapped) {
    const actionAt = texts.findIndex(isGrantAction);
    const other = [0, 1, 2].find((i) => i !== resourceAt && i !== actionAt)!;
    const inOrder =
      actionAt < 0 ? `${id} RID ACTION` : [other, resourceAt, actionAt].map((i) => texts[i]).join(' ');
    return [
      `the words behind \`grant\` are in another order than ${id}, RID and ACTION`,
      `write \`${inOrder}\``,
    ];
  }
  if (texts.length === 2 || texts.length === 3) return undefined;
  const what =
    texts.length > 3
      ? `\`${texts[3]}\` is one word too many`
      : 'the user or group and the resource are missing';
  return [what, `write \`${id} RID ACTION\`, one action a command`];
}
