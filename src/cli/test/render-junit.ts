import type { MutantOutcome, TestResult } from '../../index.ts';
import { renderDecisionLine, renderDecisionWords, renderRule } from '../render-decision.ts';
import { renderCase, renderExpected } from './render-pretty.ts';
import { failuresOf, type TestReport } from './report.ts';

/** JUnit's XML: a suite for each file, a case for each line; rules that decide nothing and surviving mutants are skipped ones. */
export function renderJunit(report: TestReport): string {
  const files = Map.groupBy(report.results, (result) => result.case.file);
  const suites = [...files].map(([file, results]) =>
    renderSuite(
      file,
      results.map((result) => renderResult(result, report)),
      results.filter(({ passed }) => !passed).length,
    ),
  );
  const all = [...suites, ...coverageSuite(report), ...mutationSuite(report)];
  const failures = failuresOf(report).length;
  const head = `<testsuites name="postern test" tests="${report.results.length}" failures="${failures}" errors="0">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${head}\n${all.join('')}</testsuites>\n`;
}

function renderSuite(name: string, cases: readonly string[], failures: number): string {
  const head = `<testsuite name="${escapeXml(name)}" tests="${cases.length}" failures="${failures}" errors="0">`;
  return `  ${head}\n${cases.join('')}  </testsuite>\n`;
}

function renderResult({ case: testCase, actual, passed }: TestResult, report: TestReport): string {
  const { title, file, line, expected } = testCase;
  const name = `${title}: ${renderCase(testCase)}`;
  const open = `    <testcase classname="${escapeXml(file)}" name="${escapeXml(name)}" file="${escapeXml(file)}" line="${line}"`;
  if (passed) return `${open}/>\n`;
  const wanted = renderExpected(expected, (_, words) => words.trimEnd());
  const message = `expected ${wanted}, got ${actual.decision} ${renderDecisionWords(actual)}`;
  const rules = report
    .explain(testCase)
    .rules.map(({ rule, effect, outcome }) => `${effect} ${outcome} ${renderRule(rule)}`);
  const text = [`${file}:${line}`, renderDecisionLine(actual, (_, words) => words), ...rules].join('\n');
  return `${open}>\n      <failure message="${escapeXml(message)}">${escapeXml(text)}</failure>\n    </testcase>\n`;
}

function coverageSuite({ coverage }: TestReport): string[] {
  if (coverage === undefined) return [];
  const cases = coverage.files.flatMap(({ units }) =>
    units.map(({ rule, text, decided }) =>
      renderSkippable(`${renderRule(rule)}: ${text}`, decided.length > 0 ? undefined : 'decides no test'),
    ),
  );
  return [renderSuite('rule coverage', cases, 0)];
}

function mutationSuite({ mutation }: TestReport): string[] {
  if (mutation === undefined) return [];
  return [renderSuite('mutants', mutation.outcomes.map(renderMutant), 0)];
}

function renderMutant(outcome: MutantOutcome): string {
  const { place, words, before, after } = outcome.mutant;
  const name = `${renderRule(place)}: ${words}: ${before.join('; ')} → ${after.join('; ')}`;
  if (outcome.status !== 'survived') return renderSkippable(name, undefined);
  const missing = outcome.missing === undefined ? '' : `: missing test: ${renderCase(outcome.missing)}`;
  return renderSkippable(name, `survived${missing}`);
}

function renderSkippable(name: string, reason: string | undefined): string {
  const open = `    <testcase classname="postern" name="${escapeXml(name)}"`;
  return reason === undefined
    ? `${open}/>\n`
    : `${open}>\n      <skipped message="${escapeXml(reason)}"/>\n    </testcase>\n`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** XML 1.0 has no way to write most controls: they are shown as in messages. */
function escapeXml(text: string): string {
  return text
    .replace(/[&<>"\n]/g, (unit) => entities[unit]!)
    .replace(
      /[^\t\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu,
      (unit) => `\\u{${unit.codePointAt(0)!.toString(16)}}`,
    );
}
