import type { DiagnosticCode } from '../../../diagnostics/codes.ts';
import type { Diagnostic, RelatedLocation, Severity } from '../../../diagnostics/diagnostic.ts';
import type { Span } from '../../../source/span.ts';

export { grantActions, isGrantAction } from './grant-actions.ts';

/** A service account is a user for DC/OS, and a `user` in policies; what it is changes only what is said of its grants. */
export type PrincipalType = 'user' | 'group' | 'service-account' | 'unknown';

/** One entry of an access control list, as a source names it: read, decoded, and not yet judged. */
export interface Grant {
  readonly principalType: PrincipalType;
  /** Bare uid or gid; empty if the source names none. */
  readonly principal: string;
  /** Resource id, decoded. */
  readonly resource: string;
  /** Empty if the source names none. */
  readonly action: string;
  readonly file: string;
  /** The command, line or value that the grant was read from. */
  readonly span: Span;
  /** The parts of it that messages point at. */
  readonly at: { readonly principal: Span; readonly resource: Span; readonly action: Span };
  /** The resource as the source spells it. */
  readonly spelling: string;
  /**
   * Whether what looks like a variable is one. Scripts and instructions are filled in by somebody; data is what it is, and a
   * `<uid>` in it names nobody.
   */
  readonly isFilledIn: boolean;
  /** What the reader found wrong with it: it cannot be imported. */
  readonly faults: readonly Finding[];
}

/** What is said of one grant; the grant knows the place. */
export interface Finding {
  readonly code: GrantCode;
  readonly severity: Severity;
  readonly message: string;
  readonly help?: string;
  readonly at?: keyof Grant['at'];
  readonly related?: readonly RelatedLocation[];
}

/** `user` in a group. */
export interface Membership {
  readonly group: string;
  readonly user: string;
  readonly file: string;
  readonly span: Span;
}

/** An access control list that a source creates or lists. */
export interface NamedAcl {
  readonly resource: string;
  readonly file: string;
  readonly span: Span;
}

/** What a reader found in one source. */
export interface GrantsReading {
  readonly grants: readonly Grant[];
  readonly acls: readonly NamedAcl[];
  readonly memberships: readonly Membership[];
  /** Of what is no grant at all. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Codes about grants, P43 of the catalogue. */
export type GrantCode = Extract<DiagnosticCode, `P43${string}`>;

/** A finding at its place. */
export function diagnosticOf(grant: Grant, finding: Finding): Diagnostic {
  const { code, severity, message, help, at, related } = finding;
  return {
    code,
    severity,
    file: grant.file,
    span: at === undefined ? grant.span : grant.at[at],
    message,
    ...(help === undefined ? {} : { help }),
    ...(related === undefined ? {} : { related }),
  };
}

/** A finding about the resource id: nothing will ever match it, or it is not what it seems to be. */
export function resourceWarning(code: GrantCode, message: string, help: string): Finding {
  return { code, severity: 'warning', message, help, at: 'resource' };
}

/** A finding about a resource id that a policy cannot name. */
export function resourceError(code: GrantCode, message: string, help: string): Finding {
  return { ...resourceWarning(code, message, help), severity: 'error' };
}

/** Subject of a policy: service accounts are users. */
export function subjectOf({ principal, principalType }: Pick<Grant, 'principal' | 'principalType'>): string {
  return `${principalType === 'group' ? 'group' : 'user'}:${principal}`;
}
