import type { Location } from '../source/span.ts';

/**
 * The resolved policy set: plain readonly data with every name bound, braces expanded, roles inlined and constants
 * parsed. It says what the policy means without saying how to decide quickly: the compiler and the reference evaluator
 * both start here and share nothing else. Rule numbers (S…) are those of grammar/semantics.md.
 */
export interface Model {
  readonly mode?: string;
  /** Every mode named by an `enforced in`, sorted. */
  readonly modes: readonly string[];
  readonly groups: readonly Group[];
  /** Every rule, in and out of rulesets, in source order: files sorted by name, then by position. */
  readonly rules: readonly Rule[];
  readonly rulesets: readonly Ruleset[];
  readonly namespaces: readonly Namespace[];
  /** Implications declared at the top level, which hold in every namespace. Direct ones only: closures are S14. */
  readonly implications: readonly Implication[];
  readonly routes: readonly Route[];
  readonly entities: readonly Entity[];
  readonly tests: readonly PolicyTest[];
}

export interface Group {
  readonly name: string;
  readonly location: Location;
  /** Members as written. A `group` member is always one that exists and is not `name` itself through others. */
  readonly members: readonly SubjectPattern[];
}

/** Who a rule speaks of, or who belongs to a group. */
export type SubjectPattern =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'group'; readonly name: string }
  /** One subject id, compared as a whole string; its name need not be well formed as segments. */
  | { readonly kind: 'subject'; readonly id: string }
  | PathPattern;

/** What a rule speaks of. */
export type ResourcePattern = LiteralPattern | PathPattern;

/** An id without wildcards or variables. */
export interface LiteralPattern {
  readonly kind: 'literal';
  readonly id: string;
}

/** A pattern with at least one wildcard or variable, as a row of elements (S20 to S28). */
export interface PathPattern {
  readonly kind: 'pattern';
  /** Canonical text, for messages: quotes only where they are needed. */
  readonly text: string;
  readonly elements: readonly PatternElement[];
}

/**
 * What stands before a segment: nothing (the first one), a colon, or a slash. The root of a path is an element of its
 * own: `a:/b` is `a` (start), root (colon), `b` (slash); `/b` is root (start), `b` (slash).
 */
export type Separator = 'start' | 'colon' | 'slash';

export type PatternElement =
  | { readonly kind: 'root'; readonly separator: 'start' | 'colon' }
  | { readonly kind: 'literal'; readonly separator: Separator; readonly text: string }
  /** Part of a segment is a wildcard: `web-*`. */
  | { readonly kind: 'glob'; readonly separator: Separator; readonly glob: Glob }
  /** `*`: exactly one segment. */
  | { readonly kind: 'one'; readonly separator: Separator }
  /** `**`: zero or more segments, the first after `separator`. */
  | { readonly kind: 'many'; readonly separator: Separator }
  /** `{x}` or `{x**}` whose name stands again in the same rule. One used only once has become `one` or `many`. */
  | {
      readonly kind: 'variable';
      readonly separator: Separator;
      readonly name: string;
      readonly isMany: boolean;
    };

/** A glob over one string: literal texts with wildcards between them. */
export type Glob = readonly GlobPart[];
export type GlobPart =
  | { readonly kind: 'text'; readonly text: string }
  /** `*`: any run of UTF-16 units, also none. */
  | { readonly kind: 'run' }
  /** `?`: one UTF-16 unit. */
  | { readonly kind: 'unit' };

/** One permission of one statement: a block of four lines is four rules. */
export interface Rule {
  /** From `@id`; otherwise the rule is named by its file and line. */
  readonly id?: string;
  readonly effect: 'allow' | 'deny';
  readonly subjects: readonly SubjectPattern[];
  readonly actions: readonly string[];
  /** More than one where braces were expanded. */
  readonly resources: readonly ResourcePattern[];
  /** `when` and `unless` as one: `when && !unless` (S41). */
  readonly condition?: Expression;
  /** The permission, or the grant by which a role's permission came here. */
  readonly location: Location;
  /** 1-based. */
  readonly line: number;
  readonly role?: RoleOrigin;
  /** Index into `Model.rulesets`; absent for rules outside any. */
  readonly ruleset?: number;
}

/** Where a rule that a `grant` made stands in its role. */
export interface RoleOrigin {
  readonly name: string;
  readonly location: Location;
  readonly line: number;
}

export interface Ruleset {
  readonly name: string;
  readonly location: Location;
  readonly combining: 'first-applicable' | 'deny-overrides';
  /** Requests for which the ruleset speaks; empty means all. */
  readonly scopes: readonly Scope[];
  readonly default: 'allow' | 'deny' | 'none';
}

export interface Scope {
  readonly actions: readonly string[];
  readonly resources: readonly ResourcePattern[];
}

export interface Implication {
  readonly action: string;
  readonly implies: readonly string[];
}

export interface Namespace {
  readonly name: string;
  readonly location: Location;
  readonly isClosed: boolean;
  /** First elements that its ids begin with: its name, and what its templates begin with. No two namespaces share one. */
  readonly roots: readonly NamespaceRoot[];
  readonly implications: readonly Implication[];
  readonly superuser?: string;
  readonly templates: readonly Template[];
}

/** The first segment of an id, or the root of a path that begins with a slash. */
export type NamespaceRoot = { readonly kind: 'segment'; readonly text: string } | { readonly kind: 'path' };

export interface Template {
  /** As written, for messages. */
  readonly text: string;
  readonly location: Location;
  readonly parts: readonly TemplateElement[];
  /** Absent: any action. */
  readonly actions?: readonly string[];
  /** Absent: enforced in every mode. */
  readonly enforcedIn?: readonly { readonly mode: string; readonly authenticatedOnly: boolean }[];
}

export type TemplateElement =
  /** Literal text, separators included. */
  | { readonly kind: 'text'; readonly text: string }
  /** `<x>`: one value, slashes and all. */
  | { readonly kind: 'value' }
  /** `<x...>`: one or more pieces joined by `separator`; always last. */
  | { readonly kind: 'path'; readonly separator: string }
  /** `[…]`: always last. */
  | { readonly kind: 'optional'; readonly parts: readonly TemplateElement[] };

export interface Route {
  /** Upper case, or `any`. */
  readonly method: string;
  /** As written. */
  readonly path: string;
  readonly segments: readonly RouteSegment[];
  /** Present if a path that ends with a slash is matched too (S67). */
  readonly takesSlash?: true;
  /** Empty: open to everybody. */
  readonly requirements: readonly { readonly action: string; readonly resource: readonly CaptureElement[] }[];
  readonly location: Location;
  readonly line: number;
}

export type RouteSegment =
  | { readonly kind: 'literal'; readonly text: string }
  /** `{x}` takes one segment; `{x**}` zero or more. */
  | { readonly kind: 'capture'; readonly name: string; readonly isMany: boolean }
  /** `*` and `**` match like `{x}` and `{x**}`; what they take goes into no id. */
  | { readonly kind: 'any'; readonly isMany: boolean };

/** A resource id with holes: literal text (separators included) and captured text. */
export type CaptureElement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'capture'; readonly name: string };

export interface Entity {
  readonly id: string;
  readonly attributes: AttributeObject;
  readonly location: Location;
}

export type AttributeValue = string | number | boolean | null | readonly AttributeValue[] | AttributeObject;
/** A map, because attribute names are input: never a property of an object with a prototype. */
export type AttributeObject = ReadonlyMap<string, AttributeValue>;

export interface PolicyTest {
  readonly title: string;
  readonly location: Location;
  readonly cases: readonly PolicyTestCase[];
}

export interface PolicyTestCase {
  readonly expected: 'allow' | 'deny';
  /** Absent for `anyone`: a request without a subject. */
  readonly subject?: string;
  readonly action: string;
  readonly resource: string;
  readonly groups?: readonly string[];
  readonly mode?: string;
  /** Plain JSON data, as a request would carry it. */
  readonly context?: unknown;
  readonly attributes?: {
    readonly subject?: unknown;
    readonly action?: unknown;
    readonly resource?: unknown;
  };
  readonly location: Location;
  readonly line: number;
}

// ---------------------------------------------------------------- conditions (S40 to S58)

export type Expression =
  | { readonly kind: 'constant'; readonly value: Constant }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  /** `subject.a.b`: a root and the attribute names that follow; `path` is empty only under `has`. */
  | { readonly kind: 'attribute'; readonly root: AttributeRoot; readonly path: readonly string[] }
  | {
      readonly kind: 'has';
      readonly root: AttributeRoot;
      readonly path: readonly string[];
      readonly name: string;
    }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'compare';
      readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=';
      readonly left: Expression;
      readonly right: Expression;
    }
  /** `x in [a, b]` or `x in context.list`. */
  | { readonly kind: 'in-list'; readonly item: Expression; readonly list: Expression }
  /** `subject in group:g`. */
  | { readonly kind: 'in-group'; readonly group: string }
  /** `x in cidr("…")`. */
  | { readonly kind: 'in-cidr'; readonly item: Expression; readonly cidr: Cidr }
  | { readonly kind: 'like'; readonly item: Expression; readonly glob: Glob };

export type AttributeRoot = 'subject' | 'action' | 'resource' | 'context';

export type Constant =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'ip'; readonly address: IpAddress }
  /** Milliseconds since 1970-01-01T00:00:00Z, with a fraction where the text has one. */
  | { readonly kind: 'time'; readonly epochMs: number }
  | { readonly kind: 'duration'; readonly ms: number };

/** IPv4 has one 32-bit word, IPv6 four, most significant first. A v4-mapped IPv6 address is stored as IPv4 (S54). */
export interface IpAddress {
  readonly words: readonly number[];
}

export interface Cidr extends IpAddress {
  readonly prefixLength: number;
}
