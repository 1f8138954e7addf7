/**
 * `npm run demo`: compiles the shipped policies, runs their tests, answers requests and says why. Everything it shows is
 * also expected: if an answer, a test or a diagnostic is not what it should be, the demo says so and exits with 1.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Authorizer,
  type BuildResult,
  build,
  buildFiles,
  type Decision,
  type Effect,
  ImageError,
  type Request,
  type RuleReference,
  renderText,
  runPolicyTests,
} from '../src/index.ts';
import { MesosAuthorizer, type MesosRequest } from '../src/mesos.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const hasColor = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
const unmet: string[] = [];

type Built = Extract<BuildResult, { readonly ok: true }>;

const policySets = [
  { name: 'postern:dcos', files: ['policies/dcos/dcos.tests.acl'] },
  { name: 'postern:dcos/spaces', files: ['policies/dcos/spaces.tests.acl'] },
  { name: 'postern:mesos', files: ['policies/mesos/mesos.tests.acl'] },
  { name: 'two-tenants', files: ['policies/examples/two-tenants/policy.acl'] },
  { name: 'secrets-by-organisation', files: ['policies/examples/secrets-by-organisation/policy.acl'] },
  { name: 'data-service-account', files: ['policies/examples/data-service-account/policy.acl'] },
  { name: 'document-sharing', files: ['policies/examples/document-sharing/policy.acl'] },
  { name: 'approval-window', files: ['policies/examples/approval-window/policy.acl'] },
  { name: 'http-routes', files: ['policies/examples/http-routes/policy.acl'] },
];

const mesosExamples = 'policies/mesos/examples';

interface Scene {
  readonly title: string;
  readonly request: Request;
  readonly expected: Effect;
}

const password = 'dcos:secrets:default:/prod-a/db/password';
const tenantScenes: readonly Scene[] = [
  {
    title: 'cory starts a service of his own group',
    request: {
      subject: 'user:cory',
      action: 'create',
      resource: 'dcos:service:marathon:marathon:services:/prod-a/web',
    },
    expected: 'allow',
  },
  {
    title: 'he looks at the neighbours',
    request: {
      subject: 'user:cory',
      action: 'read',
      resource: 'dcos:service:marathon:marathon:services:/prod-b/web',
    },
    expected: 'deny',
  },
  {
    title: 'he deletes a password that is his to change, but not to delete',
    request: { subject: 'user:cory', action: 'delete', resource: password },
    expected: 'deny',
  },
  {
    title: 'the same, with a token that puts him on the operators’ team',
    request: { subject: 'user:cory', action: 'delete', resource: password, groups: ['ops'] },
    expected: 'allow',
  },
  {
    title: 'he tries to climb out of his group',
    request: {
      subject: 'user:cory',
      action: 'read',
      resource: 'dcos:service:marathon:marathon:services:/prod-a/../prod-b',
    },
    expected: 'deny',
  },
];
const secretScenes: readonly Scene[] = [
  {
    title: 'a service reads a secret on an ancestor’s path',
    request: {
      subject: 'service:/prod/sales/app',
      action: 'read',
      resource: 'dcos:secrets:default:/prod/sales/secret',
    },
    expected: 'allow',
  },
  {
    title: 'on call, but without a ticket',
    request: { subject: 'user:emil', action: 'read', resource: 'dcos:secrets:default:/prod/eng/db/password' },
    expected: 'deny',
  },
];

const brokenPolicy = `import "postern:dcos"

group ops { user:nick }

allow group:opps to read on dcos:secrets:default:/prod/**
allow user:kim to read on dcos:secrets:default:/prod//db
deny anyone to delete dcos:secrets:default:/prod/** unless subject in group:ops
`;
const brokenCodes = ['P1002', 'P1005', 'P0004'];

async function main(): Promise<void> {
  const startMs = performance.now();
  const built = await compileAndTest();
  const tenants = built.get('two-tenants')!;
  answer(tenants, tenantScenes, 'Answers for two tenants of a DC/OS cluster, in strict mode');
  answer(built.get('secrets-by-organisation')!, secretScenes, 'Answers about secrets');
  answerAsMesos();
  await showMistakes();
  saveAndLoad(tenants);
  measure();
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  if (unmet.length === 0) {
    print(`\nEverything was as expected, in ${seconds} s. Next: README.md and docs/guide.md.`);
    return;
  }
  print(`\n${paint('red', 'Not as expected:')}`);
  for (const line of unmet) print(`  ${line}`);
  process.exitCode = 1;
}

/** A row for each policy set: what it is made of, and whether its `test` blocks hold. */
async function compileAndTest(): Promise<Map<string, Built>> {
  heading('Policies, compiled and tested');
  const all = new Map<string, Built>();
  for (const { name, files } of policySets) {
    const startMs = performance.now();
    const result = await buildFiles(
      files.map((file) => join(root, file)),
      { root },
    );
    const builtMs = performance.now() - startMs;
    if (!result.ok) {
      unmet.push(`${name} has errors`);
      print(renderText(result.diagnostics, result.textOf, { color: hasColor }));
      continue;
    }
    all.set(name, result);
    const results = runPolicyTests(result.model, result.image);
    for (const failed of results.filter(({ passed }) => !passed)) {
      unmet.push(
        `${failed.case.location.file}:${failed.case.line}: ${failed.title}: got ${failed.actual.decision}`,
      );
    }
    const passed = results.filter((row) => row.passed).length;
    const mark = passed === results.length ? paint('green', '✓') : paint('red', '✗');
    print(
      `  ${mark} ${name.padEnd(24)} ${count(result.model.rules.length, 'rule')} ${kilobytes(result.image.length)} ` +
        `${`${builtMs.toFixed(0)} ms`.padStart(7)}   ${passed} of ${results.length} expectations hold`,
    );
  }
  return all;
}

/** Each scene with its answer and what the answer rests on. */
function answer(built: Built, scenes: readonly Scene[], title: string): void {
  heading(title);
  const authorizer = Authorizer.fromImage(built.image, { mode: 'strict' });
  for (const [index, scene] of scenes.entries()) {
    const { subject, action, resource, groups } = scene.request;
    const decision = authorizer.decide(scene.request);
    if (decision.decision !== scene.expected) unmet.push(`${scene.title}: got ${decision.decision}`);
    if (index > 0) print('');
    print(`  ${effect(decision.decision)} ${paint('bold', scene.title)}`);
    print(
      `        ${subject} ${action} ${resource}${groups === undefined ? '' : ` groups: ${groups.join(', ')}`}`,
    );
    for (const line of reasonsOf(decision, built, authorizer, scene.request))
      print(`        ${paint('dim', line)}`);
  }
}

function reasonsOf(decision: Decision, built: Built, authorizer: Authorizer, request: Request): string[] {
  const { rule, reason, detail } = decision;
  if (rule !== undefined) return sourceOf(built, rule);
  if (reason !== 'default') return [`${reason}: ${detail}`];
  const allows = authorizer.explain(request).rules.filter((row) => row.effect === 'allow');
  const missed = nearMisses.map(({ outcome }) => allows.find((row) => row.outcome === outcome));
  const nearest = missed.findIndex((row) => row !== undefined);
  if (nearest === -1) return ['no rule allows it'];
  return [
    `no rule allows it; nearest, but ${nearMisses[nearest]!.means}:`,
    ...sourceOf(built, missed[nearest]!.rule),
  ];
}

/** Outcomes of an explanation, the nearest to a match first. */
const nearMisses = [
  { outcome: 'condition-error', means: 'its condition cannot be evaluated' },
  { outcome: 'condition-false', means: 'its condition is false' },
  { outcome: 'other-action', means: 'for another action' },
  { outcome: 'other-subject', means: 'for another subject' },
];

/** The rule, or the grant and the permission of its role, with the lines as they stand in the file. */
function sourceOf(built: Built, rule: RuleReference): string[] {
  const places = rule.role === undefined ? [rule] : [rule, rule.role];
  return places.map((place) => `${placeOf(place)}  ${lineOf(built, place)}`);
}

type Place = Pick<RuleReference, 'file' | 'line'>;

function placeOf({ file, line }: Place): string {
  return `${file}:${line}`;
}

function lineOf({ textOf }: Built, { file, line }: Place): string {
  return textOf(file)?.split('\n')[line - 1]?.trim() ?? '';
}

/** What `postern mesos eval --explain` says, and whether all examples get the answers that they come with. */
function answerAsMesos(): void {
  heading('Access control lists of Apache Mesos, decided as Mesos does');
  const file = `${mesosExamples}/role-for-one-principal/acls.json`;
  const text = readFileSync(join(root, file), 'utf8');
  const request = { action: 'REGISTER_FRAMEWORK', subject: { value: 'storm' }, object: { value: 'science' } };
  const { allowed, asked } = MesosAuthorizer.fromAcls(text, file).explain(request);
  if (allowed) unmet.push('storm registers with the role of spark');
  print(`  ${effect(allowed ? 'allow' : 'deny')} ${paint('bold', 'storm registers with the role of spark')}`);
  print(`        ${JSON.stringify(request)}`);
  const lists = JSON.parse(text) as Readonly<Record<string, readonly unknown[]>>;
  for (const { list, entry } of asked) {
    const reason = entry === undefined ? 'permissive' : JSON.stringify(lists[list]?.[entry.index]);
    print(`        ${paint('dim', `${file} ${entry?.pointer ?? list}  ${reason}`)}`);
  }
  const examples = readdirSync(join(root, mesosExamples));
  const agreed = examples.flatMap((example) => compareWithRecorded(`${mesosExamples}/${example}`));
  print(
    `\n  ${agreed.filter(Boolean).length} of ${agreed.length} requests, in ${examples.length} examples, get the answer that is recorded`,
  );
}

/** @returns for each request of the example whether its answer is the one beside it */
function compareWithRecorded(example: string): boolean[] {
  const file = `${example}/acls.json`;
  const authorizer = MesosAuthorizer.fromAcls(readFileSync(join(root, file), 'utf8'), file);
  const answers = readLines<{ readonly allowed: boolean }>(`${example}/answers.jsonl`);
  return readLines<MesosRequest>(`${example}/requests.jsonl`).map((request, i) => {
    const isAgreed = authorizer.authorized(request) === answers[i]?.allowed;
    if (!isAgreed) unmet.push(`${example}/requests.jsonl:${i + 1}: another answer than recorded`);
    return isAgreed;
  });
}

/** A policy with three mistakes, shown as an author would see them. */
async function showMistakes(): Promise<void> {
  heading('A policy with three mistakes does not load, and one run shows all three');
  const folder = mkdtempSync(join(tmpdir(), 'postern-demo-'));
  try {
    writeFileSync(join(folder, 'broken.acl'), brokenPolicy);
    const result = await buildFiles([join(folder, 'broken.acl')], { root: folder });
    print(indent(renderText(result.diagnostics, result.textOf, { color: hasColor }).trimEnd()));
    const codes = result.diagnostics.map(({ code }) => code);
    if (codes.join() !== brokenCodes.join())
      unmet.push(`the broken policy: expected ${brokenCodes}, got ${codes}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Through a file and back: the same answers, and a damaged file is refused. */
function saveAndLoad({ image }: Built): void {
  heading('An image on disk');
  const folder = mkdtempSync(join(tmpdir(), 'postern-demo-'));
  try {
    const file = join(folder, 'two-tenants.pimg');
    writeFileSync(file, image);
    const bytes = readFileSync(file);
    const startMs = performance.now();
    const loaded = Authorizer.fromImage(bytes, { mode: 'strict' });
    const loadedMs = performance.now() - startMs;
    const fresh = Authorizer.fromImage(image, { mode: 'strict' });
    const requests = readLines<Request>('policies/examples/two-tenants/requests.jsonl');
    const agreed = requests.filter(
      (request) => JSON.stringify(loaded.decide(request)) === JSON.stringify(fresh.decide(request)),
    ).length;
    if (agreed !== requests.length) unmet.push('a loaded image answers otherwise');
    print(`  saved, loaded in ${loadedMs.toFixed(1)} ms, revision ${loaded.revision}`);
    print(`  ${agreed} of ${requests.length} requests get the same answer as before`);
    bytes[bytes.length - 1]! ^= 1;
    print(`  one bit changed: ${refusalOf(bytes)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function refusalOf(bytes: Uint8Array): string {
  try {
    Authorizer.fromImage(bytes);
  } catch (error) {
    if (error instanceof ImageError) return error.message;
    throw error;
  }
  unmet.push('a damaged image was loaded');
  return paint('red', 'loaded');
}

/** A decision costs the same among a thousand rules and among fifty thousand. */
function measure(): void {
  heading('Speed');
  for (const users of [100, 5_000]) {
    const lines: string[] = [];
    for (let user = 0; user < users; user++) {
      for (let space = 0; space < 10; space++)
        lines.push(
          `allow user:u${user} to read on files:/space-${(user * 7 + space) % users}/team-${space}/**`,
        );
    }
    const startMs = performance.now();
    const result = build([{ file: 'generated.acl', text: lines.join('\n') }]);
    const builtMs = performance.now() - startMs;
    if (!result.ok) {
      unmet.push('the generated policy has errors');
      return;
    }
    const nanoseconds = timeDecisions(Authorizer.fromImage(result.image), users);
    print(
      `  ${count(lines.length, 'rule').padStart(13)}: compiled in ${builtMs.toFixed(0).padStart(5)} ms, ` +
        `${nanoseconds.toFixed(0).padStart(4)} ns a decision`,
    );
  }
}

/** Half of the questions are allowed, and say so. */
function timeDecisions(authorizer: Authorizer, users: number): number {
  const questions = Array.from({ length: 1000 }, (_, i) => {
    const user = (i * 7919) % users;
    const space = (user * 7 + (i % 10)) % users;
    return {
      subject: `user:u${user}`,
      resource: `files:/space-${space}/team-${i % 2 === 0 ? i % 10 : 'x'}/report`,
    };
  });
  const rounds = 300;
  let allowed = 0;
  let startMs = 0;
  for (let round = -rounds; round < rounds; round++) {
    if (round === 0) startMs = performance.now();
    for (const { subject, resource } of questions)
      if (authorizer.isAllowed(subject, 'read', resource)) allowed++;
  }
  const expected = questions.length * rounds;
  if (allowed !== expected)
    unmet.push(`expected ${expected} of the measured decisions to allow, got ${allowed}`);
  return ((performance.now() - startMs) * 1e6) / (rounds * questions.length);
}

function readLines<T>(path: string): T[] {
  return readFileSync(join(root, path), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

function heading(text: string): void {
  print(`\n${paint('bold', text)}`);
}

function effect(value: Effect): string {
  return paint(value === 'allow' ? 'green' : 'red', value.padEnd(5));
}

function count(value: number, noun: string): string {
  return `${value.toLocaleString('en')} ${noun}${value === 1 ? ' ' : 's'}`.padStart(9);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`.padStart(9);
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

const styles = { bold: 1, dim: 2, red: 31, green: 32 } as const;

function paint(style: keyof typeof styles, text: string): string {
  return hasColor ? `\u001b[${styles[style]}m${text}\u001b[0m` : text;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
