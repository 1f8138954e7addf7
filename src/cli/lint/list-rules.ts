import { type LintRule, presetNames, severityInPreset } from '../../lint.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { readConfiguration } from './read-configuration.ts';
import type { LintOptions } from './run-lint.ts';

/** All rules, those of plugins too: with the presets that they are in, and what they report. */
export async function listRules(options: LintOptions, terminal: Terminal): Promise<ExitCode> {
  const here = process.cwd();
  const { rules } = await readConfiguration(options, { from: here, root: here });
  if (options.format === 'json') await terminal.write(`${JSON.stringify(rules.map(describe), null, 2)}\n`);
  else if (options.format === 'pretty') await terminal.write(renderTable(rules));
  else throw new UsageError('--rules has the formats pretty and json');
  return exitCodes.yes;
}

function describe(rule: LintRule): object {
  const { id, summary, category, codes = [], isProved = false } = rule;
  return { id, category, summary, presets: presetsOf(rule), isProved, codes };
}

function presetsOf(rule: LintRule): Readonly<Record<string, string>> {
  const rows = presetNames.flatMap((preset) => {
    const severity = severityInPreset(rule, preset);
    return severity === undefined ? [] : [[preset, severity] as const];
  });
  return Object.fromEntries(rows);
}

function renderTable(rules: readonly LintRule[]): string {
  const width = Math.max(...rules.map(({ id }) => id.length));
  const groups = Map.groupBy(rules, ({ category }) => category);
  const parts = [...groups].map(([category, ofCategory]) => {
    const rows = ofCategory.map(
      (rule) => `  ${rule.id.padEnd(width)}  ${renderPresets(rule).padEnd(24)}  ${rule.summary}\n`,
    );
    return `${category}\n${rows.join('')}`;
  });
  return parts.join('\n');
}

/** As what `recommended` has it, then other presets that differ from it. */
function renderPresets(rule: LintRule): string {
  const { recommended, ...others } = presetsOf(rule);
  const more = Object.entries(others)
    .filter(([, severity]) => severity !== recommended)
    .map(([preset, severity]) => `${preset}: ${severity}`);
  return [recommended ?? (more.length === 0 ? 'off' : ''), ...more].filter((part) => part !== '').join(', ');
}
