export { type Comparison, compareModels } from './analysis/compare-models.ts';
export { checkCommand } from './diff/check-command.ts';
export { type DiffOptions, diffModels } from './diff/diff-models.ts';
export { type Gate, gates, isHeld } from './diff/gate.ts';
export type {
  AccessChange,
  ChangeCondition,
  GuardState,
  Mode,
  PolicyDifference,
  Requests,
  ResourceTerm,
  SubjectTerm,
  UndecidedPart,
} from './diff/policy-difference.ts';
export { renderDifferenceJson } from './diff/render-json.ts';
export { renderDifferenceMarkdown } from './diff/render-markdown.ts';
export { renderDifferenceSarif } from './diff/render-sarif.ts';
export { type RenderTextOptions, renderCounts, renderDifferenceText } from './diff/render-text.ts';
export { renderDifferenceHtml } from './diff/report/render-html.ts';
export type { ReportSide } from './diff/report/report-side.ts';
