import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { formatSource } from '../../../src/index.ts';
import type { SyntaxTree } from '../../../src/syntax/ast.ts';
import { parse } from '../../../src/syntax/parser.ts';
import { printTree } from '../../../src/syntax/print.ts';
import { arbitraryStatements } from '../arbitrary-tree.ts';
import { loadImage } from '../generators-evaluators.ts';
import type { Law } from './law.ts';
import { caseOf } from './law-case.ts';

/** Law 11: parse ∘ print is the identity on trees, and formatting changes no decision. */
export const printingLaws: readonly Law[] = [
  {
    name: '11-trees',
    title: 'every tree is printed so that it parses to itself, and formats to itself',
    requests: 0,
    share: 0.5,
    isOfEach: false,
    check: ({ seed, sources }, watch) => {
      for (const { file, text } of sources) {
        const { tree } = parse({ file, text });
        const fault = faultOfPrinting(tree.statements);
        watch.expect(fault === undefined, undefined, { file, fault });
      }
      for (const statements of fc.sample(arbitraryStatements, { seed: seed | 0, numRuns: 5 })) {
        const fault = faultOfPrinting(statements);
        watch.expect(fault === undefined, undefined, { fault });
      }
    },
  },
  {
    name: '11-decisions',
    title: 'formatting changes no decision',
    requests: 50,
    share: 0.5,
    isOfEach: false,
    check: (given, watch) => {
      const sources = given.sources.map(({ file, text }) => {
        const formatted = formatSource({ file, text });
        return { file, text: formatted.ok ? formatted.text : '' };
      });
      const other = caseOf({ ...given, sources });
      if (other === undefined) return watch.expect(false, undefined, { 'does not build': sources });
      const [before, after] = [given, other].map(({ image, mode }) => loadImage(image, mode));
      for (const request of given.requests) {
        const [expected, actual] = [before!.decide(request), after!.decide(request)];
        // Rules without `@id` are named by their line, which is another.
        const isSame = expected.decision === actual.decision && expected.reason === actual.reason;
        watch.expect(isSame, request, { expected, formatted: actual });
      }
    },
  },
];

/** What is wrong with the printed text of a tree, if anything is. */
export function faultOfPrinting(statements: SyntaxTree['statements']): object | undefined {
  const printed = printTree({ file: 'x.acl', text: '', statements, comments: [] });
  const { tree, diagnostics } = parse({ file: 'x.acl', text: printed });
  if (diagnostics.length > 0) return { printed, diagnostics };
  if (!isDeepStrictEqual(meaningOf(tree.statements), meaningOf(statements))) return { printed, statements };
  if (printTree(tree) !== printed) return { printed, again: printTree(tree) };
  const formatted = formatSource({ file: 'x.acl', text: printed });
  return formatted.ok && formatted.text === printed ? undefined : { printed, formatted };
}

/** The tree without places: what printing must keep. */
function meaningOf(statements: SyntaxTree['statements']): unknown {
  return JSON.parse(
    JSON.stringify(statements, (key, value: unknown) => (key === 'span' ? undefined : value)),
  );
}
