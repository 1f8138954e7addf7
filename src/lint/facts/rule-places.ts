import type { RelatedLocation } from '../../diagnostics/diagnostic.ts';
import type { Rule } from '../../model/model.ts';
import type { Span } from '../../source/span.ts';
import type { PermissionNode, RoleStatement, RuleStatement, SubjectNode } from '../../syntax/ast.ts';
import type { PolicyContext } from '../rule.ts';

/** Text that a finding about a rule of the model can point at. */
export interface RulePlace {
  readonly file: string;
  /** The resource, or what of a grant stands for it. */
  readonly resource: Span;
  /** Where the permission itself is written in this file; absent if a role of elsewhere, or its arguments, made the rule. */
  readonly permission?: PermissionNode;
  /** The rule that the permission is of; absent for a role's. */
  readonly statement?: RuleStatement;
  readonly subjects: readonly SubjectNode[];
  /** Whether it is a role's permission that is pointed at, whoever is granted the role. */
  readonly isOfRole: boolean;
  /** The other half of a rule that a grant makes of a role. */
  readonly related: readonly RelatedLocation[];
}

type Sources = Pick<PolicyContext, 'trees' | 'sources'>;

/** Finds where the rules of a model are written. */
export class RulePlaces {
  readonly #context: Sources;
  #permissions: ReadonlyMap<string, PermissionNode> | undefined;

  constructor(context: Sources) {
    this.#context = context;
  }

  /** Where a rule got its resource: in a role, unless an argument of the grant is part of it. */
  ofResource(rule: Rule): RulePlace | undefined {
    const place = this.ofGrant(rule);
    if (place === undefined || rule.role === undefined) return place;
    const permission = this.#permissionAt(rule.role.location);
    if (permission === undefined || hasVariable(permission)) return place;
    return {
      file: rule.role.location.file,
      resource: permission.resource.span,
      permission,
      subjects: place.subjects,
      isOfRole: true,
      related: [{ ...rule.location, text: 'granted here' }],
    };
  }

  /** Where a rule got its subjects: undefined for a rule of a shipped policy. */
  ofGrant(rule: Rule): RulePlace | undefined {
    const source = this.#context.sources.of(rule);
    if (source === undefined) return undefined;
    const { file } = source.tree;
    if (source.kind === 'rule') {
      const { permission, statement } = source;
      return {
        file,
        resource: permission.resource.span,
        permission,
        statement,
        subjects: statement.subjects,
        isOfRole: false,
        related: [],
      };
    }
    const { role, arguments: values, subjects } = source.statement;
    const first = values[0];
    return {
      file,
      resource:
        first === undefined
          ? role.span
          : { start: first.span.start, end: values[values.length - 1]!.span.end },
      subjects,
      isOfRole: false,
      related: rule.role === undefined ? [] : [{ ...rule.role.location, text: 'the permission of the role' }],
    };
  }

  #permissionAt({ file, span }: { readonly file: string; readonly span: Span }): PermissionNode | undefined {
    this.#permissions ??= indexRoles(this.#context);
    return this.#permissions.get(`${file}:${span.start}`);
  }
}

function indexRoles({ trees }: Sources): ReadonlyMap<string, PermissionNode> {
  const index = new Map<string, PermissionNode>();
  for (const { file, statements } of trees) {
    const roles = statements.filter((statement): statement is RoleStatement => statement.kind === 'role');
    for (const permission of roles.flatMap(({ permissions }) => permissions))
      index.set(`${file}:${permission.span.start}`, permission);
  }
  return index;
}

function hasVariable({ resource }: PermissionNode): boolean {
  return resource.parts.some(({ kind }) => kind === 'variable' || kind === 'alternatives');
}

/** Where an action stands; the whole resource where it does not. */
export function spanOfAction({ permission, resource }: RulePlace, action: string): Span {
  return permission?.actions.find(({ text }) => text === action)?.span ?? resource;
}

/** Lists of subjects may be long, and are asked for each of them. */
const indexes = new WeakMap<readonly SubjectNode[], ReadonlyMap<string, SubjectNode>>();

/** The first node of a list that is a literal subject; undefined where braces hold it. */
export function subjectNodeOf(nodes: readonly SubjectNode[], id: string): SubjectNode | undefined {
  let index = indexes.get(nodes);
  if (index === undefined) {
    index = indexSubjects(nodes);
    indexes.set(nodes, index);
  }
  return index.get(id);
}

function indexSubjects(nodes: readonly SubjectNode[]): ReadonlyMap<string, SubjectNode> {
  const index = new Map<string, SubjectNode>();
  for (const node of nodes) {
    const text = node.kind === 'pattern' ? plainTextOf(node) : undefined;
    if (text !== undefined && !index.has(text)) index.set(text, node);
  }
  return index;
}

/** Where a literal subject stands; all of the subjects where braces or a group hold it. */
export function spanOfSubject({ subjects }: RulePlace, id: string): Span {
  const node = subjectNodeOf(subjects, id);
  return node?.span ?? { start: subjects[0]!.span.start, end: subjects.at(-1)!.span.end };
}

/** The text of an id without wildcards and braces. */
export function plainTextOf({ parts }: PermissionNode['resource']): string | undefined {
  let text = '';
  for (const part of parts) {
    if (part.kind !== 'text') return undefined;
    text += part.text;
  }
  return text;
}
