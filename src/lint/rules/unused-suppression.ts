import { defineRule, type SuppressionContext } from '../rule.ts';
import type { UsedSuppression } from '../suppressions.ts';

export const unusedSuppression = defineRule({
  id: 'unused-suppression',
  summary: 'a `# lint:` comment that suppresses nothing',
  category: 'style',
  presets: { recommended: 'warning' },
  check: { of: 'suppressions', run: findUnused },
});

function findUnused({ suppressions, report }: SuppressionContext): void {
  for (const { file, fault, unused, isExpired } of suppressions) {
    if (fault !== undefined) report({ file, ...fault });
    else
      for (const rule of unused)
        if (!isExpired || rule.why === 'unknown') report({ file, span: rule.span, ...describe(rule) });
  }
}

function describe(rule: UsedSuppression['unused'][number]): { message: string; help: string } {
  const { id } = rule;
  switch (rule.why) {
    case 'nothing-found':
      return { message: `\`${id}\` finds nothing here that could be suppressed`, help: 'delete the comment' };
    case 'unknown':
      return {
        message: `unknown rule \`${id}\``,
        help:
          rule.nearest === undefined
            ? 'see `postern lint --rules` for those that there are'
            : `write \`${rule.nearest}\`, the closest rule`,
      };
    case 'error':
      return { message: `\`${id}\` stands for errors, which cannot be suppressed`, help: 'mend the policy' };
  }
}
