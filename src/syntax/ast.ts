import type { Span } from '../source/span.ts';

/**
 * The syntax tree of one policy file, as written: nothing is bound, expanded or checked against other files.
 * Every node has a half-open span. Comments are not nodes; see `SyntaxTree.comments`.
 */
export interface SyntaxTree {
  readonly file: string;
  readonly text: string;
  readonly statements: readonly Statement[];
  /** Every comment in source order, doc comments included; the printer puts them back. */
  readonly comments: readonly CommentNode[];
}

/**
 * A tree in which runs of rules of the plainest form are no nodes but places in the text: a million such rules would be
 * 16 million objects, which takes longer to allocate than to read. Every `SyntaxTree` is one, and `expandTree` makes a
 * `SyntaxTree` of every one.
 */
export interface CompactTree extends Omit<SyntaxTree, 'statements'> {
  readonly statements: readonly (Statement | PlainRules)[];
}

/** Rules such as `allow user:alice to read on site:/a/**`, each on a line of its own; see `plain-rule.ts`. */
export interface PlainRules {
  readonly kind: 'plain-rules';
  /** `PLAIN_RULE_SIZE` words a rule. */
  readonly places: Int32Array;
}

export interface CommentNode {
  readonly span: Span;
  /** The text from `#` to before the end of the line. */
  readonly text: string;
  readonly isDoc: boolean;
}

export type Statement =
  | ImportStatement
  | ModeStatement
  | GroupStatement
  | RoleStatement
  | GrantStatement
  | RuleStatement
  | RulesetStatement
  | NamespaceStatement
  | ActionStatement
  | RouteStatement
  | EntityStatement
  | TestStatement;

/** What may stand before any statement: `## doc` lines and `@name("value")` annotations. */
export interface Decorated {
  /** Doc comment lines without `##` and one following space, joined by `\n`. */
  readonly doc?: string;
  readonly annotations: readonly AnnotationNode[];
  readonly span: Span;
}

export interface AnnotationNode {
  readonly name: NameNode;
  /** Absent in `@name`. */
  readonly value?: StringNode;
  readonly span: Span;
}

/** A bare word or quoted string that names something: a group, role, action, mode, attribute. */
export interface NameNode {
  readonly text: string;
  readonly span: Span;
}

export interface StringNode {
  /** Escapes resolved. */
  readonly value: string;
  readonly span: Span;
}

export interface ImportStatement extends Decorated {
  readonly kind: 'import';
  readonly path: StringNode;
}

export interface ModeStatement extends Decorated {
  readonly kind: 'mode';
  readonly name: NameNode;
}

export interface GroupStatement extends Decorated {
  readonly kind: 'group';
  readonly name: NameNode;
  readonly members: readonly SubjectNode[];
}

export interface RoleStatement extends Decorated {
  readonly kind: 'role';
  readonly name: NameNode;
  readonly parameters: readonly NameNode[];
  readonly permissions: readonly PermissionNode[];
}

export interface GrantStatement extends Decorated {
  readonly kind: 'grant';
  readonly role: NameNode;
  /** Each argument is an id fragment, e.g. `prod-a`, `team/db`, `"a b"`. */
  readonly arguments: readonly PatternNode[];
  readonly subjects: readonly SubjectNode[];
  readonly when?: ExpressionNode;
  readonly unless?: ExpressionNode;
}

/** `allow S to A on R …` has one permission; `allow S { … }` one per line of the block. */
export interface RuleStatement extends Decorated {
  readonly kind: 'rule';
  readonly effect: 'allow' | 'deny';
  readonly form: 'line' | 'block';
  readonly subjects: readonly SubjectNode[];
  readonly permissions: readonly PermissionNode[];
}

/** `create, read on dcos:secrets:default:/a when …`: in rules of either form and in roles. */
export interface PermissionNode {
  /** In a block or role a permission may carry its own doc comment and annotations; a one-line rule has none here. */
  readonly doc?: string;
  readonly annotations: readonly AnnotationNode[];
  readonly actions: readonly NameNode[];
  readonly resource: PatternNode;
  readonly when?: ExpressionNode;
  readonly unless?: ExpressionNode;
  readonly span: Span;
}

export interface RulesetStatement extends Decorated {
  readonly kind: 'ruleset';
  readonly name: NameNode;
  readonly combining: 'first-applicable' | 'deny-overrides';
  readonly scopes: readonly ScopeNode[];
  readonly default?: DefaultNode;
  /** In source order: rules and grants. */
  readonly rules: readonly (RuleStatement | GrantStatement)[];
}

export interface ScopeNode {
  readonly actions: readonly NameNode[];
  readonly resource: PatternNode;
  readonly span: Span;
}

export interface DefaultNode {
  readonly value: 'allow' | 'deny' | 'none';
  readonly span: Span;
}

export interface NamespaceStatement extends Decorated {
  readonly kind: 'namespace';
  readonly name: NameNode;
  readonly isClosed: boolean;
  readonly members: readonly (ActionStatement | SuperuserNode | ResourceNode)[];
}

/** `action full implies create, read`; at the top level it holds for every namespace. */
export interface ActionStatement extends Decorated {
  readonly kind: 'action';
  readonly name: NameNode;
  readonly implies: readonly NameNode[];
}

export interface SuperuserNode extends Decorated {
  readonly kind: 'superuser';
  readonly resource: PatternNode;
}

/** `resource dcos:mesos:master:task:user[:<user>] { actions create  enforced in strict }` */
export interface ResourceNode extends Decorated {
  readonly kind: 'resource';
  readonly template: TemplateNode;
  /** Absent when the body has no `actions` clause: any action. */
  readonly actions?: readonly NameNode[];
  /** Absent when the body has no `enforced in` clause: always enforced. */
  readonly enforcedIn?: readonly EnforcementNode[];
}

export interface EnforcementNode {
  readonly mode: NameNode;
  /** `MODE(authenticated)`: only requests with a subject are checked in that mode. */
  readonly authenticatedOnly: boolean;
  readonly span: Span;
}

export interface RouteStatement extends Decorated {
  readonly kind: 'route';
  /** `any` or an HTTP method as written. */
  readonly method: NameNode;
  /** The path pattern: literal segments, `{x}`, `{x**}`; parts as in a pattern, separators are `/` only. */
  readonly path: StringNode;
  /** Empty for `open`. */
  readonly requirements: readonly RequirementNode[];
}

export interface RequirementNode {
  readonly action: NameNode;
  readonly resource: PatternNode;
  readonly span: Span;
}

export interface EntityStatement extends Decorated {
  readonly kind: 'entity';
  readonly id: PatternNode;
  readonly attributes: ObjectNode;
}

export interface TestStatement extends Decorated {
  readonly kind: 'test';
  readonly title: StringNode;
  readonly cases: readonly TestCaseNode[];
}

export interface TestCaseNode {
  readonly expected: 'allow' | 'deny';
  /** `anyone` asks without a subject. */
  readonly subject: SubjectNode;
  readonly action: NameNode;
  readonly resource: PatternNode;
  /** `with { context: …, attributes: …, groups: […], mode: "…" }` */
  readonly with?: ObjectNode;
  readonly span: Span;
}

// ---------------------------------------------------------------- subjects, patterns, templates

export type SubjectNode =
  | { readonly kind: 'anyone'; readonly span: Span }
  | { readonly kind: 'authenticated'; readonly span: Span }
  | PatternNode;

/**
 * An id or pattern as written, e.g. `user:"eve smith"`, `dcos:secrets:default:/a/**`. The parts are flat: separators
 * stand inside the text parts, because alternatives may span them (`/{a/b,c}`). A plain id is one text part.
 */
export interface PatternNode {
  readonly kind: 'pattern';
  readonly parts: readonly PatternPart[];
  readonly span: Span;
}

export type PatternPart =
  /** Escapes resolved when `isQuoted`. `:` and `/` in it separate segments, quoted or not. */
  | { readonly kind: 'text'; readonly text: string; readonly isQuoted: boolean; readonly span: Span }
  /** `*`, `**`, or a longer run (which resolve refuses). */
  | { readonly kind: 'stars'; readonly count: number; readonly span: Span }
  | { readonly kind: 'question'; readonly span: Span }
  /** `{x}` and `{x**}` */
  | { readonly kind: 'variable'; readonly name: string; readonly isMany: boolean; readonly span: Span }
  | {
      readonly kind: 'alternatives';
      readonly options: readonly (readonly PatternPart[])[];
      readonly span: Span;
    }
  /** `{1..5}`, `{01..10}`, `{a..e}`, `{0..100..10}`: the text between the braces. */
  | { readonly kind: 'range'; readonly text: string; readonly span: Span };

/** A resource template: literal text, values `<x>`, paths `<x...>`, and optional tails `[…]`. */
export interface TemplateNode {
  readonly parts: readonly TemplatePart[];
  readonly span: Span;
}

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string; readonly span: Span }
  | { readonly kind: 'value'; readonly name: string; readonly span: Span }
  /** `separator` is `/` unless `by "."` names another. */
  | { readonly kind: 'path'; readonly name: string; readonly separator: string; readonly span: Span }
  | { readonly kind: 'optional'; readonly parts: readonly TemplatePart[]; readonly span: Span };

// ---------------------------------------------------------------- expressions and data

export type ExpressionNode =
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly ExpressionNode[]; readonly span: Span }
  /** `cidr("…")`, `ip("…")`, `time("…")`, `duration("…")`, or an unknown name, which resolve refuses. */
  | {
      readonly kind: 'call';
      readonly callee: NameNode;
      readonly arguments: readonly ExpressionNode[];
      readonly span: Span;
    }
  /** A bare word: one of the roots `subject action resource context`, or a mistake. */
  | { readonly kind: 'root'; readonly name: string; readonly span: Span }
  /** `subject.id`, `context.request."x-id"` */
  | {
      readonly kind: 'attribute';
      readonly target: ExpressionNode;
      readonly name: NameNode;
      readonly span: Span;
    }
  /** `x has y` */
  | { readonly kind: 'has'; readonly target: ExpressionNode; readonly name: NameNode; readonly span: Span }
  | { readonly kind: 'not'; readonly operand: ExpressionNode; readonly span: Span }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
      readonly span: Span;
    }
  /** `group:ops`, only as the right side of `in`. */
  | { readonly kind: 'group'; readonly name: string; readonly span: Span };

export type BinaryOperator = '&&' | '||' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'like';

export type DataNode =
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'null'; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly DataNode[]; readonly span: Span }
  | ObjectNode;

export interface ObjectNode {
  readonly kind: 'object';
  readonly entries: readonly { readonly key: NameNode; readonly value: DataNode }[];
  readonly span: Span;
}
