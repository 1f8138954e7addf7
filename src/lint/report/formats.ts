import { renderCompact } from './compact.ts';
import { renderGithub } from './github.ts';
import { renderGitlab } from './gitlab.ts';
import { renderLintJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import { renderPretty } from './pretty.ts';
import type { RenderReport } from './report-context.ts';
import { renderSarif } from './sarif.ts';

/** What a report can be written as, by the name of the format. */
export const reportFormats = {
  pretty: ({ findings, textOf }, { color }) => renderPretty(findings, textOf, { color }),
  compact: renderCompact,
  json: renderLintJson,
  sarif: renderSarif,
  junit: renderJunit,
  github: renderGithub,
  gitlab: renderGitlab,
  markdown: renderMarkdown,
} as const satisfies Readonly<Record<string, RenderReport>>;
