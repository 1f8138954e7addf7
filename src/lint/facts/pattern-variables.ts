import type { PatternNode, PatternPart, SubjectNode } from '../../syntax/ast.ts';

export type VariablePart = Extract<PatternPart, { kind: 'variable' }>;

/** Every `{x}` and `{x**}` of a pattern, those within alternatives too. */
export function variablesOf(node: SubjectNode | PatternNode): readonly VariablePart[] {
  return node.kind === 'pattern' ? node.parts.flatMap(variablesOfPart) : [];
}

function variablesOfPart(part: PatternPart): readonly VariablePart[] {
  if (part.kind === 'variable') return [part];
  return part.kind === 'alternatives' ? part.options.flat().flatMap(variablesOfPart) : [];
}
