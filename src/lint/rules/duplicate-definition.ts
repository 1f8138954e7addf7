import type { Rule } from '../../model/model.ts';
import { RuleMeanings } from '../facts/same-rule.ts';
import { defineRule, type PolicyContext } from '../rule.ts';
import { spanOfLines } from '../rule-sources.ts';

export const duplicateDefinition = defineRule({
  id: 'duplicate-definition',
  summary: 'one name declared twice, or one rule written twice',
  category: 'correctness',
  presets: { recommended: 'warning' },
  codes: ['P1001', 'P1010'],
  check: {
    of: 'policy',
    run(context) {
      findRepeated('rule', rulesWithMeanings(context), context);
      findRepeated('grant', grantsWithMeanings(context), context);
    },
  },
});

interface Meant {
  readonly rule: Rule;
  readonly meaning: string;
}

function rulesWithMeanings({ model: { rules } }: PolicyContext): Meant[] {
  const meanings = new RuleMeanings();
  return rules.filter(({ role }) => role === undefined).map((rule) => ({ rule, meaning: meanings.of(rule) }));
}

/** A grant says what all of its rules say; that two roles have a permission in common is nobody's mistake. */
function grantsWithMeanings({ model: { rules } }: PolicyContext): Meant[] {
  const meanings = new RuleMeanings();
  const grants = new Map<string, { readonly rule: Rule; meaning: string }>();
  for (const rule of rules) {
    if (rule.role === undefined) continue;
    const { file, span } = rule.location;
    const grant = grants.get(`${file}:${span.start}`);
    const meaning = `${rule.role.name} ${meanings.of(rule)}\n`;
    if (grant === undefined) grants.set(`${file}:${span.start}`, { rule, meaning });
    else grant.meaning += meaning;
  }
  return [...grants.values()];
}

function findRepeated(
  what: 'rule' | 'grant',
  all: readonly Meant[],
  { sources, report }: PolicyContext,
): void {
  const firsts = new Map<string, Rule>();
  for (const { rule, meaning } of all) {
    const first = firsts.get(meaning);
    if (first === undefined) {
      firsts.set(meaning, rule);
      continue;
    }
    const source = sources.of(rule);
    const span =
      source?.kind === 'grant' ? spanOfLines(source.tree, source.statement) : sources.spanToDelete(rule);
    // Without the rule that has an id, decisions would be attributed to one that has none.
    const hasFix = span !== undefined && rule.id === undefined;
    report({
      ...rule.location,
      message: `${what} is written twice`,
      related: [{ ...first.location, text: `the same ${what}` }],
      help: 'delete one of the two',
      ...(hasFix ? { fix: { safety: 'safe', edits: [{ span, newText: '' }] } } : {}),
    });
  }
}
