import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createImporter } from '../../files/importer.ts';
import { quote } from '../../files/quote.ts';
import { type LintRule, lintFixture } from '../../lint.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { unifiedDiff } from '../unified-diff.ts';
import { UsageError } from '../usage-error.ts';
import { readConfiguration } from './read-configuration.ts';
import type { LintOptions } from './run-lint.ts';

/**
 * Tests the rules of plugins over fixtures, laid out as those of postern are: `FOLDER/<rule>/<law>.acl`, and what the rule
 * finds there in `<law>.expected`, which is empty for a law by which nothing is found. A rule needs one of either kind.
 */
export async function testRules(
  patterns: readonly string[],
  options: LintOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const folder = oneFolder(patterns);
  const here = process.cwd();
  const { ownRules } = await readConfiguration(options, { from: here, root: here });
  if (ownRules.length === 0) throw new UsageError('no rules to test: the configuration names no `plugins`');
  const outcomes = ownRules.flatMap((rule) => testRule(rule, join(folder, rule.id)));
  for (const { title, fault } of outcomes) {
    if (fault !== undefined) await terminal.write(`failed  ${title}\n${indent(fault)}`);
    else if (!options.quiet) await terminal.write(`passed  ${title}\n`);
  }
  const failed = outcomes.filter(({ fault }) => fault !== undefined).length;
  if (!options.quiet) terminal.talk(`postern: ${outcomes.length - failed} passed, ${failed} failed`);
  return failed === 0 ? exitCodes.yes : exitCodes.no;
}

function oneFolder(patterns: readonly string[]): string {
  const [folder] = patterns;
  if (folder === undefined || patterns.length > 1)
    throw new UsageError('name the folder of the fixtures: `postern lint --test-rules FOLDER`');
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  throw new UsageError(`${quote(folder)} is no folder`);
}

interface Outcome {
  readonly title: string;
  /** Undefined if all is well. */
  readonly fault?: string;
}

function testRule(rule: LintRule, folder: string): Outcome[] {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const laws = names.filter((name) => /^[^.]+\.acl$/.test(name)).map((name) => name.slice(0, -'.acl'.length));
  const results = laws.map((law) => testLaw(rule, folder, law, names));
  const counts = results.map(({ findings }) => findings);
  const title = `${rule.id} has a fixture in which it finds something, and one in which it finds nothing`;
  const isComplete = counts.some((count) => count > 0) && counts.includes(0);
  return [
    ...results.map(({ outcome }) => outcome),
    isComplete ? { title } : { title, fault: `fixtures are looked for in ${folder}\n` },
  ];
}

function testLaw(
  rule: LintRule,
  folder: string,
  law: string,
  names: readonly string[],
): { readonly outcome: Outcome; readonly findings: number } {
  const sources = names
    .filter((name) => name.endsWith('.acl') && name.slice(0, name.indexOf('.')) === law)
    .map((name) => ({ file: name, text: readFileSync(join(folder, name), 'utf8') }));
  const { report, text } = lintFixture(rule, sources, createImporter(folder));
  const path = join(folder, `${law}.expected`);
  const title = `${rule.id}: ${law.replaceAll('-', ' ')}`;
  const findings = report.findings.length;
  const expected = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  if (expected === text) return { outcome: { title }, findings };
  const fault =
    expected === undefined
      ? `there is no ${path}; it would hold\n${text}`
      : unifiedDiff(path, expected, text);
  return { outcome: { title, fault }, findings };
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}
