import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Catalogue } from './catalogue.ts';
import { type ExportedPolicy, type ExportFormat, exportedPolicy } from './exported.ts';
import type { Grant, Membership } from './grant.ts';
import { type LoweredPolicy, unsayable } from './lower-policy.ts';
import { buildPermissionSet } from './permissions.ts';
import { grantKey, memberKey, type ReadBack, readBack } from './read-back.ts';
import { type GrantFormat, maxSourceLength } from './read-grants.ts';
import { writeJsonLines } from './write-json-lines.ts';
import { writePolicyDump } from './write-policy-dump.ts';
import { writeCurlScript, writeDcosScript } from './write-script.ts';

/** Grants in a format, as far as it can say them. */
export interface WrittenGrants extends ReadBack {
  readonly text: string;
  /** Of what the format has no words for. */
  readonly refusals: readonly Diagnostic[];
}

const writers: Readonly<Record<ExportFormat, (policy: ExportedPolicy) => string>> = {
  dcos: writeDcosScript,
  curl: writeCurlScript,
  jsonl: writeJsonLines,
  dump: writePolicyDump,
};

/** How an import reads what is exported. */
export const readingFormats: Readonly<Record<ExportFormat, GrantFormat>> = {
  dcos: 'shell',
  curl: 'shell',
  jsonl: 'jsonl',
  dump: 'dump',
};

type Wanted = Pick<LoweredPolicy, 'grants' | 'memberships' | 'groups'>;

/**
 * Writes grants and reads them again: what does not come back as it was is refused, and the rest written anew. So it goes
 * with members of groups in JSON lines, and with a uid that a command takes for an option.
 */
export function writeGrants(wanted: Wanted, format: ExportFormat, catalogue: Catalogue): WrittenGrants {
  const first = write(wanted, format, catalogue);
  if (first.text.length > maxSourceLength) return tooLong(wanted, first.text.length);
  const back = readBack({ file: 'exported', text: first.text }, readingFormats[format], catalogue);
  const [grants, lostGrants] = partition(wanted.grants, (grant) => back.grants.has(grantKey(grant)));
  const [memberships, lostMembers] = partition(wanted.memberships, (member) =>
    back.members.has(memberKey(member)),
  );
  const refusals = [
    ...lostGrants.map((grant) => lostGrant(grant, format)),
    ...lostMembers.map((member) => lostMember(member, format)),
  ];
  if (refusals.length === 0) return { ...first, refusals };
  return { ...write({ ...wanted, grants, memberships }, format, catalogue), refusals };
}

function write(
  { grants, memberships, groups }: Wanted,
  format: ExportFormat,
  catalogue: Catalogue,
): Omit<WrittenGrants, 'refusals'> {
  const set = buildPermissionSet(grants, memberships, catalogue);
  const text = writers[format](exportedPolicy(set, groups, memberships));
  return { text, grants: new Set(grants.map(grantKey)), members: new Set(memberships.map(memberKey)) };
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

// ---------------------------------------------------------------- what is left out

function tooLong({ grants: [first], memberships: [member] }: Wanted, length: number): WrittenGrants {
  const { file, span } = first ?? member!;
  const most = maxSourceLength.toLocaleString('en');
  const message = `the export has ${length.toLocaleString('en')} characters, and an import reads no more than ${most}`;
  const refusal = unsayable({ file, span }, message, 'export fewer policies at a time');
  return { text: '', grants: new Set(), members: new Set(), refusals: [refusal] };
}

const formatNames: Readonly<Record<ExportFormat, string>> = {
  dcos: 'a command of `dcos`',
  curl: 'a request of `curl`',
  jsonl: 'JSON lines',
  dump: 'a dump of the IAM',
};

const otherFormat = 'export it in another format';

function lostGrant(grant: Grant, format: ExportFormat): Diagnostic {
  const { principal, resource, action } = grant;
  const what = `\`${action}\` for \`${principal}\` on \`${resource}\``;
  return unsayable(
    grant,
    `${formatNames[format]} that grants ${what} is read as something else`,
    otherFormat,
  );
}

function lostMember({ group, user, ...location }: Membership, format: ExportFormat): Diagnostic {
  const message =
    format === 'jsonl'
      ? `JSON lines have no word for members of groups, such as those of \`${group}\``
      : `${formatNames[format]} that makes \`${user}\` a member of \`${group}\` is read as something else`;
  return unsayable(location, message, otherFormat);
}
