import type { Ruleset } from '../../model/model.ts';
import type { RulesetStatement, SyntaxTree } from '../../syntax/ast.ts';
import { isAboutMesos } from '../facts/first-segment.ts';
import { defineRule, type Reported } from '../rule.ts';

export const permissiveDefault = defineRule({
  id: 'permissive-default',
  summary: 'lists of Mesos that allow whatever none of their rules decides',
  category: 'security',
  presets: { recommended: 'warning', strict: 'warning', mesos: 'warning' },
  check: {
    of: 'policy',
    run({ trees, model, report }) {
      const permissive = new Set(model.rulesets.filter(isPermissive).map(({ name }) => name));
      if (permissive.size === 0) return;
      for (const tree of trees) {
        const found = tree.statements.filter(
          (statement) => statement.kind === 'ruleset' && permissive.has(statement.name.text),
        );
        if (found.length > 0) report(findingOf(tree, found as RulesetStatement[]));
      }
    },
  },
});

function isPermissive(ruleset: Ruleset): boolean {
  return ruleset.default === 'allow' && isAboutMesos(ruleset.scopes.flatMap(({ resources }) => resources));
}

/** An import of one document makes up to 55 such rulesets, of which the flag of the document is the one cause. */
function findingOf({ file }: SyntaxTree, rulesets: readonly RulesetStatement[]): Reported {
  const [first, ...others] = rulesets;
  const more =
    others.length === 0 ? '' : `, and ${others.length} more ${others.length === 1 ? 'does' : 'do'} so`;
  return {
    file,
    span: first!.default?.span ?? first!.name.span,
    message: `ruleset \`${first!.name.text}\` allows whatever no rule in it decides${more}`,
    related: others.slice(0, 3).map(({ name, default: byDefault }) => ({
      file,
      span: byDefault?.span ?? name.span,
      text: `\`${name.text}\` does so too`,
    })),
    help: 'write `default deny` and allow what is needed, as `"permissive": false` does in a document of Mesos',
  };
}
