import { Locator, type TextOf } from '../../diagnostics/locate.ts';
import {
  type RenderedDiagnostic,
  type RenderTextOptions,
  renderText,
} from '../../diagnostics/render-text.ts';
import type { Finding } from '../rule.ts';
import { describeProof } from './proof.ts';

/** Findings for people: the line, an underline, the proof and the fix of each. Empty if there are none. */
export function renderPretty(
  findings: readonly Finding[],
  textOf: TextOf,
  options?: RenderTextOptions,
): string {
  const locator = new Locator(textOf);
  return renderText(
    findings.map((finding) => renderedFinding(finding, locator)),
    textOf,
    options,
  );
}

/** A numbered error shows its number beside the id of the rule that owns it: both can be looked up. */
function renderedFinding({ rule, code, proof, ...finding }: Finding, locator: Locator): RenderedDiagnostic {
  return {
    ...finding,
    code: code === undefined ? rule : `${code} ${rule}`,
    ...(proof === undefined ? {} : { proofs: describeProof(proof, locator) }),
  };
}
