import type { Model } from '../model/model.ts';
import { type BuildGraphOptions, buildGraph } from './build-graph.ts';
import { foldGraph } from './fold-graph.ts';
import { renderDot } from './render-dot.ts';
import { renderSvg } from './render-svg.ts';
import { type Selection, selectView } from './select-view.ts';
import { describeFolding, summarize } from './summary.ts';

export interface DrawOptions extends BuildGraphOptions {
  readonly format: 'svg' | 'dot';
  readonly selection?: Selection;
  /** Subjects, groups, roles and resources together; beyond that, what is alike is folded. At least 8. Default 400. */
  readonly maxNodes?: number;
}

export const defaultMaxNodes = 400;

export interface AccessPicture {
  /** The file. The same model and options give the same bytes. */
  readonly text: string;
  /** What is in the picture, in one line. */
  readonly summary: string;
  /** What is not drawn by itself but counted in the place of others: `37 subjects, 12 resources`. */
  readonly folded?: string;
  /** Whether any rule is in it. */
  readonly isEmpty: boolean;
}

/**
 * Draws who reaches what by a policy set: subjects in groups, roles with their arguments, and permissions on resources that
 * stand as trees. It shows what the rules say; what they come to together, with implied actions and denials, is for the
 * commands that decide.
 *
 * @throws {TooComplexError} if a selected resource cannot be followed
 */
export function drawAccess(model: Model, options: DrawOptions): AccessPicture {
  const { format, selection = {}, maxNodes = defaultMaxNodes } = options;
  const whole = buildGraph(selectView(model, selection), options);
  const { graph, folding } = foldGraph(whole, maxNodes);
  const summary = summarize(whole);
  const folded = describeFolding(folding);
  const caption = folded === undefined ? [summary] : [summary, `Not drawn one by one: ${folded}`];
  const text = format === 'svg' ? renderSvg(graph, caption) : renderDot(graph, caption);
  return {
    ...{ text, summary, isEmpty: whole.permissions.length === 0 },
    ...(folded === undefined ? {} : { folded }),
  };
}
