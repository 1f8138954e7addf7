import { type DiagnosticCode, diagnosticCodes } from '../../diagnostics/codes.ts';
import { defineRule } from '../rule.ts';

/** Codes about policies that other rules show; those about foreign formats (P4) never come up in a policy. */
const shownElsewhere: ReadonlySet<DiagnosticCode> = new Set([
  'P1001',
  'P1002',
  'P1004',
  'P1005',
  'P1007',
  'P1010',
  'P1011',
  'P2001',
  'P2002',
  'P2003',
]);

export const syntax = defineRule({
  id: 'syntax',
  summary: 'text that is no policy: unreadable, beyond a limit, or without a meaning',
  category: 'correctness',
  presets: { recommended: 'error' },
  codes: (Object.keys(diagnosticCodes) as DiagnosticCode[]).filter(
    (code) => !code.startsWith('P4') && !shownElsewhere.has(code),
  ),
});
