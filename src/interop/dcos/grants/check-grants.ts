import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { nearestName } from '../../../diagnostics/nearest.ts';
import { sortDiagnostics } from '../../../diagnostics/sort.ts';
import type { Catalogue } from './catalogue.ts';
import { type CheckedGrant, checkGrant, isRefused } from './check-grant.ts';
import { examineResource } from './examine-resource.ts';
import { diagnosticOf, type Grant, type GrantsReading, type Membership, type NamedAcl } from './grant.ts';
import { findNearNames } from './near-names.ts';
import { findPrincipalFault } from './principal.ts';

/** Who gets the permissions of sources that do not say it. */
export type Grantee = Pick<Grant, 'principalType' | 'principal'>;

export interface CheckedGrants {
  /** What a policy can say, in the order of the sources. */
  readonly imported: readonly Grant[];
  readonly refused: readonly Grant[];
  readonly memberships: readonly Membership[];
  /** Everything that is to be said, of readers and checks, sorted. An error is behind every refusal. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Holds what readers found against a catalogue, each grant by itself and then all beside each other. */
export function checkGrants(
  readings: readonly GrantsReading[],
  catalogue: Catalogue,
  grantee?: Grantee,
): CheckedGrants {
  const grants = readings.flatMap((reading) => reading.grants.map((grant) => withGrantee(grant, grantee)));
  const checked = grants.map((grant) => checkGrant(grant, catalogue));
  const nearNames = findNearNames(checked, vocabularyOf(catalogue));
  const acls = readings.flatMap((reading) => reading.acls);
  const members = checkMembers(readings);
  const diagnostics = [
    ...readings.flatMap((reading) => reading.diagnostics),
    ...checked.flatMap(({ grant, findings }) => findings.map((finding) => diagnosticOf(grant, finding))),
    ...[...nearNames].map(([{ grant }, finding]) => diagnosticOf(grant, finding)),
    ...findNameless(grants),
    ...findUnusedAcls(acls, grants, catalogue),
    ...members.diagnostics,
  ];
  const isImported = (grant: CheckedGrant): boolean => !isRefused(grant) && grant.grant.principal !== '';
  return {
    imported: checked.filter(isImported).map(({ grant }) => grant),
    refused: checked.filter((grant) => !isImported(grant)).map(({ grant }) => grant),
    memberships: members.memberships,
    diagnostics: sortDiagnostics(withoutRepetitions(diagnostics)),
  };
}

/** What is said of a resource is said once, however many actions on it a line lists. */
export function withoutRepetitions(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const keyOf = ({ file, span, code, message }: Diagnostic): string =>
    [file, span.start, span.end, code, message].join('\n');
  return [...new Map(diagnostics.map((diagnostic) => [keyOf(diagnostic), diagnostic])).values()];
}

function withGrantee(grant: Grant, grantee: Grantee | undefined): Grant {
  return grantee !== undefined && grant.principal === '' ? { ...grant, ...grantee } : grant;
}

/** The words that ids of DC/OS are made of. */
function vocabularyOf({ rows, otherRows }: Catalogue): ReadonlySet<string> {
  const heads = [...rows, ...otherRows].flatMap(({ head }) => head);
  const texts = heads.map((segment) => (segment.kind === 'literal' ? segment.text : ''));
  return new Set(texts.flatMap((text) => text.split(/[^A-Za-z]+/)));
}

/** One mistake, one message: whoever forgot to say who gets them forgot it for all permissions of the source. */
function findNameless(grants: readonly Grant[]): Diagnostic[] {
  const nameless = grants.filter(({ principal, action }) => principal === '' && action !== '');
  return [...Map.groupBy(nameless, ({ file }) => file).values()].map((ofFile): Diagnostic => {
    const [first] = ofFile;
    const others = ofFile.length === 1 ? '' : `; ${ofFile.length} permissions of this source do not`;
    return {
      code: 'P4303',
      severity: 'error',
      file: first!.file,
      span: first!.span,
      message: `the permission does not say who gets it${others}`,
      help: 'name the user or group with `--subject user:…` or `--subject group:…`',
    };
  });
}

function checkMembers(readings: readonly GrantsReading[]): {
  readonly memberships: readonly Membership[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const memberships = readings.flatMap((reading) => reading.memberships);
  const isFit = ({ user, group }: Membership): boolean =>
    findPrincipalFault(user) === undefined && findPrincipalFault(group) === undefined;
  const diagnostics = memberships
    .filter((membership) => !isFit(membership))
    .map(({ user, group, file, span }): Diagnostic => {
      const name = findPrincipalFault(user) === undefined ? group : user;
      const message = `member \`${user}\` of \`${group}\` is left out: \`${name}\` ${findPrincipalFault(name)}`;
      const help = 'write the ids of users and groups as DC/OS lists them';
      return { code: 'P4304', severity: 'error', file, span, message, help };
    });
  return { memberships: memberships.filter(isFit), diagnostics };
}

// ---------------------------------------------------------------- lists without entries

/**
 * An access control list that grants nothing to anybody (SEMANTICS of DC/OS, 1). Beside a grant on another spelling of its
 * id it is a slip: the grant fails, since its own list is not there.
 */
function findUnusedAcls(
  acls: readonly NamedAcl[],
  grants: readonly Grant[],
  catalogue: Catalogue,
): Diagnostic[] {
  const granted = new Set(grants.map(({ resource }) => resource));
  const made = new Set(acls.map(({ resource }) => resource));
  const withoutAcl = new Map(
    grants
      .filter(({ resource }) => !made.has(resource))
      .map((grant) => [looseSpelling(grant.resource), grant]),
  );
  const unused = [...new Map(acls.map((acl) => [acl.resource, acl])).values()].filter(
    ({ resource }) => !granted.has(resource),
  );
  const candidates = unused.length * granted.size > maxComparisons ? [] : [...granted];
  return unused.flatMap((acl) => {
    const other = withoutAcl.get(looseSpelling(acl.resource));
    return other === undefined ? describeUnused(acl, candidates, catalogue) : [describeMismatch(acl, other)];
  });
}

/** Looking for near names costs the product of their numbers. */
const maxComparisons = 50_000;

function describeMismatch({ resource, file, span }: NamedAcl, grant: Grant): Diagnostic {
  return {
    code: 'P4330',
    severity: 'warning',
    file,
    span,
    message: `the list is made as \`${resource}\`, and granted is \`${grant.resource}\``,
    help: 'write the same id in both places',
    related: [{ file: grant.file, span: grant.at.resource, text: 'granted' }],
  };
}

function describeUnused(
  { resource, file, span }: NamedAcl,
  candidates: readonly string[],
  catalogue: Catalogue,
): Diagnostic[] {
  const near = candidates.find((other) => isNearId(resource, other));
  const unused: Diagnostic = {
    code: 'P4329',
    severity: 'info',
    file,
    span,
    message: `nobody is granted anything on \`${resource}\``,
    help: near !== undefined ? `delete it, if \`${near}\` is meant` : 'delete it, or grant what is meant',
  };
  // It grants nothing, so whatever is wrong with the id harms nobody.
  const { findings } = examineResource(resource, catalogue);
  return [
    unused,
    ...findings.map(
      ({ code, message, help }): Diagnostic => ({
        code,
        severity: 'info',
        file,
        span,
        message,
        ...(help && { help }),
      }),
    ),
  ];
}

/** The same but for separators, or a slip in the last word. */
function isNearId(a: string, b: string): boolean {
  if (looseSpelling(a) === looseSpelling(b)) return true;
  const [stem, word] = cutLast(a);
  const [otherStem, otherWord] = cutLast(b);
  return stem === otherStem && nearestName(word, [otherWord]) !== undefined;
}

function cutLast(resource: string): readonly [stem: string, word: string] {
  const at = Math.max(resource.lastIndexOf(':'), resource.lastIndexOf('/')) + 1;
  return [resource.slice(0, at), resource.slice(at)];
}

/** What two spellings of one id have in common. */
function looseSpelling(resource: string): string {
  return resource.toLowerCase().replace(/[^a-z0-9*]/g, '');
}
