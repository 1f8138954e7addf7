import type { AnnotationNode, SyntaxTree } from '../../syntax/ast.ts';
import { ruleStatementsOf } from '../facts/rule-statements.ts';
import { defineRule, type ReportedInFile } from '../rule.ts';
import { readNames } from '../rule-options.ts';

const defaultAnnotations: readonly string[] = ['owner', 'reason', 'ticket'];

export const missingOwner = defineRule({
  id: 'missing-owner',
  summary: 'a rule that does not say whose it is, nor why',
  category: 'style',
  presets: {},
  check: {
    of: 'tree',
    run({ tree, settings, report }) {
      const wanted = readNames(settings, 'missing-owner', 'annotations') ?? defaultAnnotations;
      if (wanted.length > 0) reportUnowned(tree, wanted, report);
    },
  },
});

/** In a block every permission has an annotation of its own, or the block has one for all. */
function reportUnowned(
  tree: SyntaxTree,
  wanted: readonly string[],
  report: (finding: ReportedInFile) => void,
): void {
  const isOwned = (annotations: readonly AnnotationNode[]): boolean =>
    annotations.some(({ name }) => wanted.includes(name.text));
  const names = wanted.map((name) => `\`@${name}\``).join(', ');
  for (const { statement, ruleset } of ruleStatementsOf(tree)) {
    if (isOwned(statement.annotations) || isOwned(ruleset?.annotations ?? [])) continue;
    const { start, end } = statement.span;
    if (statement.kind === 'rule' && statement.permissions.every(({ annotations }) => isOwned(annotations)))
      continue;
    report({
      span: firstLine(tree.text, start, end),
      message: `this ${statement.kind} has none of the annotations ${names}`,
      help: `write \`@${wanted[0]}("…")\` before it`,
    });
  }
}

/** A block is underlined at its head alone. */
function firstLine(text: string, start: number, end: number): { start: number; end: number } {
  const length = text.slice(start, end).search(/[\r\n]/);
  return { start, end: length < 0 ? end : start + text.slice(start, start + length).trimEnd().length };
}
