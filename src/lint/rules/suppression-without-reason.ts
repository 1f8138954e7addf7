import { defineRule, type SuppressionContext } from '../rule.ts';

export const suppressionWithoutReason = defineRule({
  id: 'suppression-without-reason',
  summary: 'a `# lint:` comment that does not say why',
  category: 'style',
  presets: { strict: 'warning' },
  check: { of: 'suppressions', run: findWithoutReason },
});

function findWithoutReason({ suppressions, report }: SuppressionContext): void {
  for (const { file, span, reason, fault } of suppressions) {
    if (reason !== undefined || fault !== undefined) continue;
    report({
      file,
      span,
      message: 'suppression without a reason',
      help: 'write the reason behind two dashes, `-- like this`',
    });
  }
}
