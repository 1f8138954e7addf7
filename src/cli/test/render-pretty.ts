import { escapeText } from '../../files/quote.ts';
import {
  type Coverage,
  type CoveredUnit,
  type ExpectedAnswer,
  type MutantOutcome,
  type MutationReport,
  printTestCase,
  type TestCase,
  type TestResult,
} from '../../index.ts';
import { paintEffect, renderDecisionLine, renderRule } from '../render-decision.ts';
import type { Paint } from '../terminal.ts';
import { failuresOf, renderPercent, shareOf, type TestReport } from './report.ts';

/** For people: each block with its cases, what failed and why, then coverage and mutants if they were asked for. */
export function renderPretty(report: TestReport, paint: Paint): string {
  const sections = [
    renderBlocks(report.results, paint),
    ...failuresOf(report).map((failure) => renderFailure(failure, report, paint)),
    `${renderCounts(report)}\n`,
    ...(report.coverage === undefined ? [] : [renderCoverage(report.coverage, paint)]),
    ...(report.mutation === undefined ? [] : renderMutation(report.mutation, paint)),
  ];
  return sections.join('\n');
}

function renderBlocks(results: readonly TestResult[], paint: Paint): string {
  const files = Map.groupBy(results, (result) => result.case.file);
  const lines = [...files].flatMap(([file, own]) => {
    const blocks = Map.groupBy(own, (result) => result.case.title);
    return [escapeText(file), ...[...blocks].map(([title, cases]) => renderBlock(title, cases, paint))];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function renderBlock(title: string, cases: readonly TestResult[], paint: Paint): string {
  const passed = cases.filter((each) => each.passed).length;
  if (passed === cases.length) return `  ${paint('green', '✓')} ${escapeText(title)} (${cases.length})`;
  return `  ${paint('red', '✗')} ${escapeText(title)} (${passed} of ${cases.length})`;
}

function renderFailure({ case: testCase, actual }: TestResult, report: TestReport, paint: Paint): string {
  const { title, expected } = testCase;
  const lines = [
    `${paint('red', '✗')} ${paint('bold', placeOf(testCase))}: ${escapeText(title)}`,
    `    ${renderCase(testCase)}`,
    `  expected  ${renderExpected(expected, paint)}`,
    `  actual    ${renderDecisionLine(actual, paint)}`,
    ...renderExplanation(testCase, report, paint),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function placeOf({ file, line }: Pick<TestCase, 'file' | 'line'>): string {
  return `${escapeText(file)}:${line}`;
}

/** As a line of a `test` block; a request that none can make, as it was given. */
export function renderCase(testCase: Pick<TestCase, 'request' | 'mode' | 'expected'>): string {
  const { subject, action, resource } = testCase.request;
  const isPlain =
    (subject === undefined || typeof subject === 'string') &&
    typeof action === 'string' &&
    typeof resource === 'string';
  return escapeText(isPlain ? printTestCase(testCase) : JSON.stringify(testCase.request));
}

/** What is asked of the answer, in the words of answers. */
export function renderExpected({ decision, reason, rule, ruleset }: ExpectedAnswer, paint: Paint): string {
  const words = [paintEffect(decision, paint)];
  if (reason !== undefined || rule !== undefined) words.push(reason ?? 'rule');
  if (rule !== undefined) words.push(escapeText(describeRule(rule)));
  if (ruleset !== undefined) words.push(`in ruleset ${escapeText(ruleset)}`);
  return words.join(' ').trimEnd();
}

function describeRule({ id, file, line }: NonNullable<ExpectedAnswer['rule']>): string {
  const place = file === undefined ? undefined : line === undefined ? file : `${file}:${line}`;
  if (place === undefined) return id ?? '';
  return id === undefined || id === place ? place : `${place} (${id})`;
}

const mostRules = 10;

function renderExplanation(testCase: TestCase, report: TestReport, paint: Paint): string[] {
  const { rules, decision } = report.explain(testCase);
  if (decision.reason === 'malformed') return [];
  if (rules.length === 0) return ['  no rule matched or nearly did'];
  const shown = rules.slice(0, mostRules);
  const width = Math.max(...shown.map(({ outcome }) => outcome.length));
  const lines = shown.flatMap(({ rule, effect, outcome }) => {
    const text = lineAt(report.textOf(rule.role?.file ?? rule.file), rule.role?.line ?? rule.line);
    const row = `    ${paintEffect(effect, paint)} ${outcome.padEnd(width)}  ${renderRule(rule)}`;
    return text === undefined ? [row] : [row, `           ${paint('dim', escapeText(text))}`];
  });
  const more = rules.length - shown.length;
  const rest = more === 0 ? [] : [`    and ${more} more: see \`postern check --explain\``];
  return ['  rules that matched or nearly did:', ...lines, ...rest];
}

function lineAt(text: string | undefined, line: number): string | undefined {
  return text?.split(/\r\n|\r|\n/)[line - 1]?.trim();
}

function renderCounts(report: TestReport): string {
  const failed = failuresOf(report).length;
  const parts = [`${report.results.length - failed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (report.notRun > 0) parts.push(`${report.notRun} not run`);
  if (report.leftOut > 0) parts.push(`${report.leftOut} left out`);
  return parts.join(', ');
}

// ---------------------------------------------------------------- coverage

function renderCoverage({ files, covered, total }: Coverage, paint: Paint): string {
  const lines = files.flatMap(({ file, units }) => {
    const own = units.filter(({ decided }) => decided.length > 0).length;
    return [
      `  ${escapeText(file)}: ${own} of ${units.length}`,
      ...units.map((unit) => renderUnit(unit, paint)),
    ];
  });
  const share = renderPercent(shareOf(covered, total));
  return [`rule coverage: ${covered} of ${total}, ${share}`, ...lines].map((line) => `${line}\n`).join('');
}

const mostTitles = 3;

function renderUnit({ kind, rule, text, decided }: CoveredUnit, paint: Paint): string {
  const name =
    kind === 'default'
      ? `${escapeText(rule.file)}:${rule.line} ${text} of ruleset ${escapeText(rule.id)}`
      : renderRule(rule);
  if (decided.length === 0)
    return `    ${paint('red', '✗')} ${name}: decides no test${kind === 'rule' ? `\n        ${paint('dim', escapeText(text))}` : ''}`;
  const titles = [...new Set(decided.map(({ title }) => escapeText(title)))];
  const more = titles.length > mostTitles ? ', …' : '';
  return `    ${paint('green', '✓')} ${name}: ${decided.length} by ${titles.slice(0, mostTitles).join(', ')}${more}`;
}

// ---------------------------------------------------------------- mutants

function renderMutation(report: MutationReport, paint: Paint): string[] {
  const { outcomes, killed, survived, equivalent, score } = report;
  const counts = `${killed} killed, ${survived} survived, ${equivalent} equivalent`;
  const summary = `mutants: ${counts}; score ${renderPercent(score)}\n`;
  return [
    ...outcomes.filter(({ status }) => status === 'survived').map((each) => renderSurvivor(each, paint)),
    summary,
  ];
}

function renderSurvivor(outcome: MutantOutcome, paint: Paint): string {
  const { mutant } = outcome;
  const lines = [
    `${paint('yellow', 'survived')} ${placeOfMutant(outcome)}: ${escapeText(mutant.words)}`,
    ...mutant.before.map((text) => paint('red', `  - ${escapeText(text)}`)),
    ...mutant.after.map((text) => paint('green', `  + ${escapeText(text)}`)),
    outcome.status === 'survived' && outcome.missing !== undefined
      ? `  missing test: ${renderCase(outcome.missing)}`
      : '  no request was found that shows it: both may decide alike',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export function placeOfMutant({ mutant: { place } }: MutantOutcome): string {
  return renderRule(place);
}
