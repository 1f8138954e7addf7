import { printString } from '../../../syntax/print-text.ts';
import type { AclEntry, Acls } from '../acls.ts';
import { permissiveRuleset } from '../build-model.ts';
import { prefixOf } from '../entity-meaning.ts';
import { type ListStep, stepOf } from '../list-program.ts';
import { type AclList, aclListByName, aclLists, resourceKinds } from '../lists.ts';
import type { MesosNames } from '../names.ts';

/**
 * ACLs as policy text: a ruleset for every list, in which each entry keeps its place and names its JSON pointer. The layout
 * is that of `printTree` but for lines that are too long.
 *
 * @param names  all plain: a policy cannot name what stands for a string that is too long
 */
export function renderPolicy(acls: Acls, names: MesosNames, file: string): string {
  const blocks = [
    `# Access control lists of Apache Mesos, imported from ${file.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ')}. A comment is the JSON pointer of the entry that follows it as a rule.\nimport "postern:mesos"`,
  ];
  for (const [name, entries] of acls.lists) {
    blocks.push(renderList(aclListByName.get(name)!, entries, acls.permissive, names));
  }
  const absent = aclLists.filter(({ name }) => !acls.lists.has(name));
  if (acls.permissive && absent.length > 0) blocks.push(renderPermissive(absent));
  return `${blocks.join('\n\n')}\n`;
}

function renderList(
  list: AclList,
  entries: readonly AclEntry[],
  permissive: boolean,
  names: MesosNames,
): string {
  const lines = [
    `ruleset ${list.name} first-applicable {`,
    `  scope ${list.name} on ${base(list)}:**`,
    `  default ${permissive ? 'allow' : 'deny'}`,
    ...entries.flatMap((entry) => renderEntry(entry, list, names)),
    '}',
  ];
  return lines.join('\n');
}

function renderEntry(entry: AclEntry, list: AclList, names: MesosNames): string[] {
  const step = stepOf(entry, list);
  if (step === undefined) return ['', `  # ${entry.pointer} applies to nothing`];
  const head = `  ${step.effect} ${renderSubjects(step, names)}`;
  const permissions = renderResources(step, list, names).map((resource) => `${list.name} on ${resource}`);
  const comment = ['', `  # ${entry.pointer}`];
  if (permissions.length === 1) return [...comment, `${head} to ${permissions[0]}`];
  return [...comment, `${head} {`, ...permissions.map((permission) => `    ${permission}`), '  }'];
}

function renderSubjects({ principals }: ListStep, names: MesosNames): string {
  if (principals === 'any') return 'anyone';
  return principals.map((value) => quoted(names.principal(value))).join(', ');
}

function renderResources({ objects }: ListStep, list: AclList, names: MesosNames): string[] {
  if (objects === 'any') return [`${base(list)}:**`];
  return objects.map((value) => {
    const prefix = prefixOf(value, list.match);
    if (prefix === undefined) return quoted(names.resource(list.objectField, value));
    const above = names.roleAbove(prefix);
    return `${quoted(above)}${above.endsWith('/') ? '' : '/'}*/**`;
  });
}

const permissiveComment =
  '  # What the document has no list for: its `permissive` is true, so all of this is allowed.';

function renderPermissive(lists: readonly AclList[]): string {
  const byKind = Map.groupBy(lists, base);
  const scopes = [...byKind].map(
    ([kind, ofKind]) => `  scope ${ofKind.map(({ name }) => name).join(', ')} on ${kind}:**`,
  );
  return [
    `ruleset ${permissiveRuleset} first-applicable {`,
    permissiveComment,
    ...scopes,
    '  default allow',
    '}',
  ].join('\n');
}

function base({ objectField }: AclList): string {
  return `mesos:${resourceKinds[objectField]}`;
}

/** What may stand in an id without quotes. */
const bare = /^[A-Za-z0-9_.\-@+=~$!:/]+$/;

/** An id with the part that needs them in quotes: `mesos:role:"*"`. */
function quoted(id: string): string {
  if (bare.test(id)) return id;
  const start = id.indexOf(':', id.startsWith('mesos:') ? 'mesos:'.length : 0) + 1;
  return id.slice(0, start) + printString(id.slice(start));
}
