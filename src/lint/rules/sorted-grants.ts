import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Span } from '../../source/span.ts';
import type { PermissionNode, SyntaxTree } from '../../syntax/ast.ts';
import { ruleStatementsOf } from '../facts/rule-statements.ts';
import { defineRule, type ReportedInFile } from '../rule.ts';

export const sortedGrants = defineRule({
  id: 'sorted-grants',
  summary: 'permissions of a block, or members of a group, that are not in alphabetical order',
  category: 'style',
  presets: {},
  check: {
    of: 'tree',
    run({ tree, report }) {
      for (const items of listsOf(tree)) {
        const finding = findDisorder(tree, items);
        if (finding !== undefined) report(finding);
      }
    },
  },
});

interface Item {
  readonly span: Span;
  /** What it is sorted by. */
  readonly key: string;
}

/** Where a ruleset takes the first rule that applies, the order is the meaning, and nothing is sorted. */
function* listsOf(tree: SyntaxTree): Generator<readonly Item[]> {
  const keyOf = ({ span }: { readonly span: Span }): string => tree.text.slice(span.start, span.end);
  for (const { statement, ruleset } of ruleStatementsOf(tree)) {
    if (statement.kind === 'rule' && ruleset?.combining !== 'first-applicable')
      yield statement.permissions.map((permission) => itemOf(tree, permission));
  }
  for (const statement of tree.statements) {
    if (statement.kind === 'role') yield statement.permissions.map((permission) => itemOf(tree, permission));
    if (statement.kind === 'group')
      yield statement.members.map((member) => ({ span: member.span, key: keyOf(member) }));
  }
}

/** Permissions are sorted by what they are about. */
function itemOf({ text }: SyntaxTree, { span, resource, actions }: PermissionNode): Item {
  const id = text.slice(resource.span.start, resource.span.end);
  return { span, key: `${id} ${actions.map((action) => action.text).join(' ')}` };
}

/** A comment between two items or an empty line begins a part of its own, which is sorted by itself. */
function findDisorder(tree: SyntaxTree, items: readonly Item[]): ReportedInFile | undefined {
  const parts = splitAtBreaks(tree, items);
  const sorted = parts.map((part) => part.toSorted((a, b) => compareTexts(a.key, b.key)));
  for (const [i, part] of parts.entries()) {
    const at = part.findIndex((item, index) => index > 0 && compareTexts(item.key, part[index - 1]!.key) < 0);
    if (at < 0) continue;
    const target = sorted[i]!.find((item) => compareTexts(item.key, part[at]!.key) > 0)!;
    return {
      span: part[at]!.span,
      message: `\`${part[at]!.key}\` stands after \`${part[at - 1]!.key}\``,
      help: `move it before \`${target.key}\``,
      fix: fixOf(tree, parts, sorted),
    };
  }
  return undefined;
}

function splitAtBreaks({ text }: SyntaxTree, items: readonly Item[]): readonly (readonly Item[])[] {
  const parts: Item[][] = [];
  for (const [i, item] of items.entries()) {
    const between = i === 0 ? '' : text.slice(items[i - 1]!.span.end, item.span.start);
    const isBreak = i === 0 || /[#@]|(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)/.test(between);
    if (isBreak) parts.push([item]);
    else parts.at(-1)!.push(item);
  }
  return parts;
}

function fixOf(
  { text }: SyntaxTree,
  parts: readonly (readonly Item[])[],
  sorted: readonly (readonly Item[])[],
): Fix {
  const edits = parts.flatMap((part, i) =>
    part.flatMap(({ span }, at) => {
      const other = sorted[i]![at]!.span;
      return other === span ? [] : [{ span, newText: text.slice(other.start, other.end) }];
    }),
  );
  return { safety: 'safe', edits };
}

/** By code unit, as files are. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
