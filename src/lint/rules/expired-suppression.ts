import { defineRule, type SuppressionContext } from '../rule.ts';

export const expiredSuppression = defineRule({
  id: 'expired-suppression',
  summary: 'a `# lint:` comment whose last day is over',
  category: 'style',
  presets: { strict: 'warning' },
  check: { of: 'suppressions', run: findExpired },
});

function findExpired({ suppressions, report }: SuppressionContext): void {
  for (const { file, span, until, isExpired } of suppressions) {
    if (!isExpired) continue;
    report({
      file,
      span,
      message: `suppression ended after ${until}`,
      help: 'mend what it suppressed and delete it, or give it a later day',
    });
  }
}
