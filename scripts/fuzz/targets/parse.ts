import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { decodeUtf8 } from '../../../src/files/utf8.ts';
import { renderJson, renderText } from '../../../src/index.ts';
import { parseCompact } from '../../../src/syntax/parse-compact.ts';
import { parse } from '../../../src/syntax/parser.ts';
import { generatePolicy, type Random } from '../../../test/support/generators.ts';
import { policyTokens } from '../policy-words.ts';
import { Broken, type FuzzTarget } from '../target.ts';
import { filesIn, fixturesOf, inputOf, textOf } from '../texts.ts';

export const parseTarget: FuzzTarget = {
  name: 'parse',
  title: 'lexer and parser read any text, and show its mistakes where they are',
  seeds: policySeeds('parse'),
  tokens: policyTokens,
  generate: generatePolicyInput,
  open: () => ({ run: (input) => parseOnce(textOf(input), input) }),
};

function parseOnce(text: string, input: Buffer): void {
  decodeUtf8(input);
  const source = { file: 'fuzz.acl', text };
  const compact = parseCompact(source);
  const whole = parse(source);
  if (compact.diagnostics.length !== whole.diagnostics.length)
    throw new Broken('the scanner of plain rules reports other mistakes');
  checkDiagnostics(compact.diagnostics, text);
}

/** Every diagnostic has a place in the text, and can be shown. */
export function checkDiagnostics(diagnostics: readonly Diagnostic[], text: string): void {
  for (const { file, code, span } of diagnostics) {
    if (file !== 'fuzz.acl') continue;
    if (!(0 <= span.start && span.start <= span.end && span.end <= text.length))
      throw new Broken(`${code} stands outside of the text`, JSON.stringify(span));
  }
  const textIn = (file: string): string | undefined => (file === 'fuzz.acl' ? text : undefined);
  const shown = renderText(diagnostics, textIn);
  if (/[\u0000-\u0008\u000b-\u001f\u007f\u0080-\u009f\u202a-\u202e\u2066-\u2069]/.test(shown))
    throw new Broken('a diagnostic holds a control character', JSON.stringify(shown.slice(0, 500)));
  JSON.parse(renderJson(diagnostics, textIn));
}

/** Policies of the repository, and what has been found with them. */
export function policySeeds(name: string, most?: number): () => readonly Uint8Array[] {
  return () => [
    ...filesIn(['policies', 'test/fixtures'], /\.acl$/, most),
    ...fixturesOf(name).map(({ input }) => input),
  ];
}

export function generatePolicyInput(random: Random): Uint8Array {
  return inputOf(
    generatePolicy(random.seed())
      .sources.map(({ text }) => text)
      .join('\n'),
  );
}
