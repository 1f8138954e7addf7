import { compile } from '../../../src/compile/compile.ts';
import { createShippedImporter } from '../../../src/files/importer.ts';
import type { BuildResult } from '../../../src/index.ts';
import { build, formatSource } from '../../../src/index.ts';
import { fixAll, Linter, lintSources, reportFormats } from '../../../src/lint.ts';
import {
  isSameDecision,
  isSameHttpDecision,
  loadImage,
  reference,
} from '../../../test/support/generators-evaluators.ts';
import { pathsAbout, policyTokens, requestsAbout } from '../policy-words.ts';
import { Broken, type FuzzTarget } from '../target.ts';
import { textOf } from '../texts.ts';
import { checkDiagnostics, generatePolicyInput, policySeeds } from './parse.ts';

/** What becomes of a policy text. */

const REQUESTS = 24;

export const buildTarget: FuzzTarget = {
  name: 'build',
  title: 'what builds is decided by the engine as by the reference evaluator',
  seeds: policySeeds('build'),
  tokens: policyTokens,
  generate: generatePolicyInput,
  open: () => ({ run: (input) => buildOnce(textOf(input)) }),
};

function buildOnce(text: string): void {
  const result = built(text);
  checkDiagnostics(result.diagnostics, text);
  if (!result.ok) return;
  const { model, image } = result;
  if (!Buffer.from(compile(model)).equals(image)) throw new Broken('compiling twice gives other bytes');
  for (const mode of [undefined, ...model.modes.slice(0, 2)]) compareEvaluators(result, text, mode);
}

function compareEvaluators(
  { model, image }: Extract<BuildResult, { ok: true }>,
  text: string,
  mode: string | undefined,
): void {
  const [engine, judge] = [loadImage(image, mode), reference.load(model, mode)];
  for (const request of requestsAbout(text, REQUESTS)) {
    const [actual, expected] = [engine.decide(request), judge.decide(request)];
    if (!isSameDecision(actual, expected))
      throw new Broken('engine and reference disagree', JSON.stringify({ request, mode, actual, expected }));
    if ('groups' in request || 'context' in request || 'attributes' in request) continue;
    for (const [i, ask] of engine.shortcuts.entries()) {
      const { subject, action, resource } = request;
      if (ask(subject, action, resource) !== (expected.decision === 'allow'))
        throw new Broken(`shortcut ${i} disagrees`, JSON.stringify({ request, mode, expected }));
    }
  }
  for (const path of pathsAbout(text)) {
    const request = { method: 'GET', path, subject: 'user:a' };
    const [actual, expected] = [engine.authorizeHttp(request), judge.authorizeHttp(request)];
    if (!isSameHttpDecision(actual, expected))
      throw new Broken('routes disagree', JSON.stringify({ request, mode, actual, expected }));
  }
}

export const formatTarget: FuzzTarget = {
  name: 'format',
  title: 'formatting twice is formatting once, and changes no decision',
  seeds: policySeeds('format'),
  tokens: policyTokens,
  generate: generatePolicyInput,
  open: () => ({ run: (input) => formatOnce(textOf(input)) }),
};

function formatOnce(text: string): void {
  const result = formatSource({ file: 'fuzz.acl', text });
  checkDiagnostics(result.ok ? [] : result.diagnostics, text);
  if (!result.ok) return;
  const again = formatSource({ file: 'fuzz.acl', text: result.text });
  if (!again.ok || again.text !== result.text)
    throw new Broken('formatting is not idempotent', JSON.stringify([result.text, again]).slice(0, 2000));
  const [before, after] = [built(text), built(result.text)];
  if (before.ok !== after.ok) throw new Broken('what is formatted builds otherwise');
  if (!before.ok || !after.ok) return;
  const [left, right] = [loadImage(before.image), loadImage(after.image)];
  for (const request of requestsAbout(text, REQUESTS)) {
    const [first, second] = [left.decide(request), right.decide(request)];
    if (first.decision !== second.decision || first.reason !== second.reason)
      throw new Broken('what is formatted decides otherwise', JSON.stringify({ request, first, second }));
  }
}

export const lintTarget: FuzzTarget = {
  name: 'lint',
  title: 'the linter takes any text, reports in every format, and its safe fixes change no decision',
  seeds: policySeeds('lint', 40),
  tokens: policyTokens,
  generate: generatePolicyInput,
  maxLength: 8 * 1024,
  open: () => ({ run: (input) => lintOnce(textOf(input)) }),
};

const options = { importer: createShippedImporter(), today: '2026-01-01' };
const reporting = { version: '0.0.0', color: false, pathOf: (file: string) => file };

function lintOnce(text: string): void {
  const sources = [{ file: 'fuzz.acl', text }];
  const report = lintSources(sources, options);
  for (const render of Object.values(reportFormats)) render(report, reporting);
  const { changes } = fixAll(new Linter(sources, options), { includesReview: false, adjust: (same) => same });
  const [change] = changes;
  const before = built(text);
  if (change === undefined || !before.ok) return;
  const after = built(change.after);
  if (!after.ok) throw new Broken('a safe fix makes an error', change.after.slice(0, 2000));
  const [left, right] = [loadImage(before.image), loadImage(after.image)];
  for (const request of requestsAbout(text, REQUESTS)) {
    const [first, second] = [left.decide(request), right.decide(request)];
    if (first.decision !== second.decision)
      throw new Broken('a safe fix changes a decision', JSON.stringify({ request, first, second }));
  }
}

export function built(text: string): BuildResult {
  return build([{ file: 'fuzz.acl', text }]);
}
