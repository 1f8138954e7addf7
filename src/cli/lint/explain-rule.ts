import { readFileSync } from 'node:fs';
import { rules as ownRules } from '../../lint.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { describeUnknownRule, readConfiguration } from './read-configuration.ts';
import type { LintOptions } from './run-lint.ts';

/** Prints the page of a rule, or of the rule that shows a numbered error. A rule of a plugin has its summary. */
export async function explainRule(name: string, options: LintOptions, terminal: Terminal): Promise<ExitCode> {
  const own = ownRules.find(({ id, codes = [] }) => id === name || codes.some((code) => code === name));
  if (own !== undefined) {
    await terminal.write(renderPlainly(readPage(own.id)));
    return exitCodes.yes;
  }
  const here = process.cwd();
  const { rules } = await readConfiguration(options, { from: here, root: here });
  const rule = rules.find(({ id }) => id === name);
  if (rule === undefined)
    throw new UsageError(
      describeUnknownRule(
        name,
        rules.map(({ id }) => id),
      ),
    );
  await terminal.write(`${rule.id}\n\n${rule.summary}\n`);
  return exitCodes.yes;
}

/** Pages lie in the package, three folders up both from `src/cli/lint` and from `dist/cli/lint`. */
function readPage(id: string): string {
  return readFileSync(new URL(`../../../docs/rules/${id}.md`, import.meta.url), 'utf8');
}

/** Markdown as plain text: headings stand alone, code is indented, links are their text. */
function renderPlainly(page: string): string {
  let isCode = false;
  const lines: string[] = [];
  for (const line of page.split('\n')) {
    if (line.startsWith('```')) isCode = !isCode;
    else if (isCode) lines.push(line === '' ? '' : `    ${line}`);
    else lines.push(line.replace(/^#+ /, '').replace(/\[([^\]]+)\]\([^)]+\)/g, '$1'));
  }
  return lines.join('\n');
}
