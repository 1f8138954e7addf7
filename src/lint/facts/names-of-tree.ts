import type { Span } from '../../source/span.ts';
import type {
  NameNode,
  PatternNode,
  PatternPart,
  PermissionNode,
  Statement,
  SubjectNode,
  SyntaxTree,
} from '../../syntax/ast.ts';

/** A name, or a segment of an id, as written. */
export interface WrittenName {
  readonly text: string;
  readonly span: Span;
}

/** Every name of a file that decides something: of groups, roles, actions, and the segments of ids. */
export function* namesOfTree({ statements }: SyntaxTree): Iterable<WrittenName> {
  for (const statement of statements) yield* namesOfStatement(statement);
}

function* namesOfStatement(statement: Statement): Iterable<WrittenName> {
  switch (statement.kind) {
    case 'group':
      yield statement.name;
      yield* namesOfSubjects(statement.members);
      return;
    case 'role':
      yield statement.name;
      for (const permission of statement.permissions) yield* namesOfPermission(permission);
      return;
    case 'grant':
      yield statement.role;
      for (const argument of statement.arguments) yield* namesOfPattern(argument);
      yield* namesOfSubjects(statement.subjects);
      return;
    case 'rule':
      yield* namesOfSubjects(statement.subjects);
      for (const permission of statement.permissions) yield* namesOfPermission(permission);
      return;
    case 'ruleset':
      yield statement.name;
      for (const rule of statement.rules) yield* namesOfStatement(rule);
      return;
    case 'entity':
      yield* namesOfPattern(statement.id);
      return;
    case 'namespace':
      yield statement.name;
      for (const member of statement.members) {
        if (member.kind === 'resource') yield* member.actions ?? [];
      }
      return;
    default:
      return;
  }
}

function* namesOfPermission({ actions, resource }: PermissionNode): Iterable<NameNode> {
  yield* actions;
  yield* namesOfPattern(resource);
}

function* namesOfSubjects(subjects: readonly SubjectNode[]): Iterable<WrittenName> {
  for (const subject of subjects) if (subject.kind === 'pattern') yield* namesOfPattern(subject);
}

function* namesOfPattern({ parts }: PatternNode): Iterable<WrittenName> {
  for (const part of parts) yield* namesOfPart(part);
}

function* namesOfPart(part: PatternPart): Iterable<WrittenName> {
  if (part.kind === 'alternatives') {
    for (const inner of part.options.flat()) yield* namesOfPart(inner);
  }
  if (part.kind !== 'text') return;
  const { text, isQuoted, span } = part;
  for (const found of text.matchAll(/[^:/]+/g)) {
    const start = span.start + found.index;
    // Escapes make a quoted text shorter than it is written.
    yield { text: found[0], span: isQuoted ? span : { start, end: start + found[0].length } };
  }
}
