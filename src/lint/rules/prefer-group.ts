import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Model, Rule } from '../../model/model.ts';
import type { RuleStatement, SyntaxTree } from '../../syntax/ast.ts';
import { placeOf } from '../facts/name-rule.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';
import { readCount } from '../rule-options.ts';
import { spanOfLines } from '../rule-sources.ts';

export const preferGroup = defineRule({
  id: 'prefer-group',
  summary: 'the same grants written again and again for several users',
  category: 'style',
  presets: { strict: 'info' },
  check: {
    of: 'policy',
    run(context) {
      const least = readCount(context.settings, 'prefer-group', 'users', 2) ?? 3;
      for (const users of findAlike(context.model)) {
        if (users.length < least) continue;
        const finding = findingOf(context, users);
        if (finding !== undefined) context.report(finding);
      }
    },
  },
});

/** One user with the rules that grant something to that user by name, in source order. */
interface User {
  readonly id: string;
  readonly rules: readonly Rule[];
}

/** Users who are granted the same outside of rulesets, by name and without a role, however it is divided into rules. */
function findAlike({ rules }: Model): readonly (readonly User[])[] {
  const rulesOf = new Map<string, Rule[]>();
  for (const rule of rules) {
    if (rule.effect !== 'allow' || rule.ruleset !== undefined || rule.role !== undefined) continue;
    for (const subject of rule.subjects) {
      if (subject.kind !== 'subject' || !subject.id.startsWith('user:')) continue;
      const known = rulesOf.get(subject.id);
      if (known === undefined) rulesOf.set(subject.id, [rule]);
      else known.push(rule);
    }
  }
  const alike = new Map<string, User[]>();
  const permissionOf = createKeys();
  for (const [id, own] of rulesOf) {
    const key = [...new Set(own.map(permissionOf))].sort().join('\n');
    const users = alike.get(key);
    if (users === undefined) alike.set(key, [{ id, rules: own }]);
    else users.push({ id, rules: own });
  }
  return [...alike.values()];
}

/** What a rule grants, as a text; made once for a rule with many subjects. */
function createKeys(): (rule: Rule) => string {
  const keys = new Map<Rule, string>();
  return (rule) => {
    let key = keys.get(rule);
    if (key === undefined) {
      key = JSON.stringify([rule.actions.toSorted(), rule.resources, rule.condition]);
      keys.set(rule, key);
    }
    return key;
  };
}

function findingOf({ model, sources }: PolicyContext, users: readonly User[]): Reported | undefined {
  const statements = new Map<RuleStatement, SyntaxTree>();
  for (const rule of users.flatMap(({ rules }) => rules)) {
    const source = sources.of(rule);
    if (source?.kind === 'rule') statements.set(source.statement, source.tree);
  }
  // One statement for all of them repeats nothing.
  if (statements.size < 2) return undefined;
  const [first, ...others] = users;
  const source = sources.of(first!.rules[0]!);
  if (source === undefined) return undefined;
  const shown = users
    .slice(0, 3)
    .map(({ id }) => `\`${id}\``)
    .join(', ');
  const rest = users.length > 3 ? ` and ${users.length - 3} more` : '';
  const fix = fixOf(model, users, statements);
  return {
    file: source.tree.file,
    span: source.statement.subjects[0]!.span,
    message: `${shown}${rest} are granted the same, each by name`,
    related: others
      .filter(({ rules }) => rules[0] !== first!.rules[0])
      .slice(0, 3)
      .map(({ id, rules }) => placeOf(rules[0]!, `the same for \`${id}\``)),
    help: 'declare a group with them as members, and grant it to the group',
    ...(fix === undefined ? {} : { fix }),
  };
}

/** The first user's statements become those of a new group and the others' go; only where each speaks of one user alone. */
function fixOf(
  { groups }: Model,
  users: readonly User[],
  statements: ReadonlyMap<RuleStatement, SyntaxTree>,
): Fix | undefined {
  const [tree, ...otherTrees] = new Set(statements.values());
  const isPlain = [...statements.keys()].every(
    ({ subjects, annotations, doc }) =>
      subjects.length === 1 && annotations.length === 0 && doc === undefined,
  );
  if (tree === undefined || otherTrees.length > 0 || !isPlain) return undefined;
  const textOf = ({ subjects: [subject] }: RuleStatement): string =>
    tree.text.slice(subject!.span.start, subject!.span.end);
  const [head] = statements.keys();
  const kept = textOf(head!);
  const name = nameFor(users[0]!.id, new Set(groups.map((group) => group.name)));
  const members = [...new Set([...statements.keys()].map(textOf))];
  const edits = [
    { span: startOf(head!), newText: `group ${name} { ${members.join(', ')} }\n` },
    ...[...statements.keys()].map((statement) =>
      textOf(statement) === kept
        ? { span: statement.subjects[0]!.span, newText: `group:${name}` }
        : { span: spanOfLines(tree, statement), newText: '' },
    ),
  ];
  return { safety: 'review', edits };
}

function startOf({ span: { start } }: RuleStatement): { start: number; end: number } {
  return { start, end: start };
}

/** A name to begin with, that no group has. */
function nameFor(user: string, taken: ReadonlySet<string>): string {
  const stem = user.slice('user:'.length).replace(/[^A-Za-z0-9]+/g, '-');
  const base = `like-${stem.replace(/^-|-$/g, '') || 'user'}`;
  let name = base;
  for (let i = 2; taken.has(name); i++) name = `${base}-${i}`;
  return name;
}
