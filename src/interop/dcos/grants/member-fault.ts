import type { Membership } from './grant.ts';
import { placeholdersIn } from './placeholders.ts';
import type { CommandEffect } from './read-commands.ts';

/** A group or a member in whose place a script has a variable: who it is cannot be told. */
export function findUnknownMember({
  group,
  user,
}: Pick<Membership, 'group' | 'user'>): Extract<CommandEffect, { kind: 'fault' }> | undefined {
  const [unknown] = placeholdersIn(`${group} ${user}`);
  if (unknown === undefined) return undefined;
  const message = `\`${unknown}\` stands for something that is not known here`;
  const help = 'put the value in its place and import again';
  return { kind: 'fault', finding: { code: 'P4302', severity: 'error', message, help } };
}
