import micromatch from 'micromatch';
import type { NameNode, Statement } from '../../syntax/ast.ts';
import { defineRule, type ReportedInFile } from '../rule.ts';
import { readText } from '../rule-options.ts';
import type { LintSettings } from '../settings.ts';

const kinds = ['group', 'role', 'parameter', 'ruleset', 'namespace', 'rule'] as const;
type Kind = (typeof kinds)[number];

/** Words of small letters and digits, joined by one `-`, `_` or `.`. */
const defaultPattern = '/^[a-z0-9]+([-_.][a-z0-9]+)*$/';

export const naming = defineRule({
  id: 'naming',
  summary: 'a name that does not follow the pattern of its kind',
  category: 'style',
  presets: {},
  check: {
    of: 'tree',
    run({ tree, settings, report }) {
      const matchers = new Map(kinds.map((kind) => [kind, createMatcher(settings, kind)]));
      for (const statement of tree.statements) {
        for (const { kind, name } of namesOf(statement)) {
          const matcher = matchers.get(kind)!;
          if (!matcher.isMatch(name.text)) report(findingOf(kind, name, matcher.pattern));
        }
      }
    },
  },
});

interface Named {
  readonly kind: Kind;
  readonly name: NameNode;
}

/** What the statement gives a name to. Names of other systems, such as subjects and resources, are theirs to choose. */
function* namesOf(statement: Statement): Generator<Named> {
  yield* ruleIdsOf(statement);
  switch (statement.kind) {
    case 'group':
    case 'namespace':
      yield { kind: statement.kind, name: statement.name };
      break;
    case 'role':
      yield { kind: 'role', name: statement.name };
      for (const name of statement.parameters) yield { kind: 'parameter', name };
      break;
    case 'ruleset':
      yield { kind: 'ruleset', name: statement.name };
      for (const rule of statement.rules) yield* ruleIdsOf(rule);
      break;
  }
}

function* ruleIdsOf(statement: Statement): Generator<Named> {
  if (statement.kind !== 'rule' && statement.kind !== 'grant') return;
  const permissions = statement.kind === 'rule' ? statement.permissions : [];
  for (const { annotations } of [statement, ...permissions]) {
    for (const { name, value } of annotations) {
      if (name.text === 'id' && value !== undefined)
        yield { kind: 'rule', name: { text: value.value, span: value.span } };
    }
  }
}

function findingOf(kind: Kind, { text, span }: NameNode, pattern: string): ReportedInFile {
  return {
    span,
    message: `the name \`${text}\` of a ${kind} does not match \`${pattern}\``,
    help: 'rename it, here and wherever it is used',
  };
}

interface Matcher {
  readonly pattern: string;
  readonly isMatch: (name: string) => boolean;
}

/** A pattern between slashes is a regular expression, any other a glob. */
function createMatcher(settings: LintSettings, kind: Kind): Matcher {
  const pattern = readText(settings, 'naming', kind) ?? defaultPattern;
  const expression = /^\/(.*)\/$/s.exec(pattern)?.[1];
  if (expression === undefined) return { pattern, isMatch: (name) => micromatch.isMatch(name, pattern) };
  const compiled = compileExpression(expression);
  return { pattern, isMatch: (name) => compiled.test(name) };
}

/** @returns for an invalid expression one that every name matches: a mistake there is none of the policy's */
function compileExpression(expression: string): RegExp {
  try {
    return new RegExp(expression, 'u');
  } catch {
    return /^/;
  }
}
