import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createImporter } from '../../src/files/importer.ts';
import {
  Authorizer,
  type BuildResult,
  build,
  type Decision,
  type HttpDecision,
  type HttpRequest,
  type Request,
  renderText,
  type Source,
} from '../../src/index.ts';
import { createReference } from '../../src/reference/reference.ts';

/**
 * The table of all tests of decisions: policies with requests and the answers that grammar/semantics.md gives, and the ways
 * to get an answer. `test/decide.test.ts` puts every question to every evaluator; other tests may add their own.
 */

/** The file `<name>.acl`, those beside it called `<name>.<part>.acl`, and `<name>.cases.json`. */
export interface DecideFixture {
  readonly name: string;
  readonly sources: readonly Source[];
  readonly cases: readonly DecideCase[];
}

/** One line of `<name>.cases.json`. */
export interface DecideCase {
  /** A sentence that states the law. */
  readonly title: string;
  /** Number of the rule of grammar/semantics.md that it shows. */
  readonly rule: string;
  readonly mode?: string;
  /** As it comes from outside: often of wrong types. Exactly one of `request` and `http` is there. */
  readonly request?: Readonly<Record<string, unknown>>;
  readonly http?: Readonly<Record<string, unknown>>;
  /** Members of the request that are too long to be written down: `prefix`, then `text` so many `times`, then `suffix`. */
  readonly repeat?: Readonly<Record<string, Repeated>>;
  readonly expected: ExpectedDecision | ExpectedHttpDecision;
}

export interface Repeated {
  readonly prefix?: string;
  readonly text: string;
  readonly times: number;
  readonly suffix?: string;
}

export interface ExpectedDecision {
  readonly decision: Decision['decision'];
  readonly reason: Decision['reason'];
  /** The name of the deciding rule. Absent: the answer must name none. */
  readonly rule?: string;
  /** Where a name does not tell the line: the line of the deciding rule. */
  readonly line?: number;
  /** The role of the deciding rule; not looked at where absent. */
  readonly role?: NonNullable<Decision['rule']>['role'];
  /** Absent: the answer must name none. */
  readonly ruleset?: string;
}

export interface ExpectedHttpDecision {
  readonly decision: HttpDecision['decision'];
  readonly reason: HttpDecision['reason'];
  /** `action resource`, in the order written; not looked at where absent. */
  readonly requires?: readonly string[];
}

export type Answer = Decision | HttpDecision;

/** One way to get an answer. */
export interface Evaluator {
  readonly name: string;
  /** The answers to all cases of a fixture, in order. */
  load(fixture: DecideFixture): readonly Answer[];
}

const decideFolder = fileURLToPath(new URL('../fixtures/decide/', import.meta.url));
const helper = fileURLToPath(new URL('./decide-in-new-process.ts', import.meta.url));

/** Every fixture, sorted by name. */
export const decideFixtures: readonly DecideFixture[] = readDecideFixtures(decideFolder);

export const reference: Evaluator = {
  name: 'the reference evaluator',
  load: (fixture) => {
    const { model } = builtOf(fixture);
    return answersByMode(fixture, (mode) => createReference(model, mode));
  },
};

export const engine: Evaluator = {
  name: 'the engine',
  load: (fixture) => {
    const { image } = builtOf(fixture);
    return answersByMode(fixture, (mode) => Authorizer.fromImage(image, mode));
  },
};

/** Asked once, at the first question; a failure is kept too, or every case would start a process to fail again. */
let newProcess:
  | { readonly answers: ReadonlyMap<string, readonly Answer[]> }
  | { readonly error: unknown }
  | undefined;

export const engineInNewProcess: Evaluator = {
  name: 'the engine on a saved image in a new process',
  load: (fixture) => {
    newProcess ??= tryNewProcess(decideFixtures);
    if ('error' in newProcess) throw newProcess.error;
    return newProcess.answers.get(fixture.name)!;
  },
};

export const evaluators: readonly Evaluator[] = [reference, engine, engineInNewProcess];

// ---------------------------------------------------------------- fixtures

export function readDecideFixtures(folder: string): DecideFixture[] {
  const files = readdirSync(folder).sort();
  return files
    .filter((file) => file.endsWith('.cases.json'))
    .map((file) => {
      const name = file.slice(0, -'.cases.json'.length);
      const cases = JSON.parse(readFileSync(join(folder, file), 'utf8')) as DecideCase[];
      return { name, sources: readSources(folder, name), cases };
    });
}

/** `<name>.acl` and every `<name>.<part>.acl` of the folder. */
export function readSources(folder: string, name: string): Source[] {
  return readdirSync(folder)
    .sort()
    .filter((file) => file.endsWith('.acl') && file.slice(0, file.indexOf('.')) === name)
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
}

/** The request of a case with its long members written out. */
export function requestOf({ request, http, repeat }: DecideCase): Record<string, unknown> {
  const long = Object.entries(repeat ?? {}).map(([name, { prefix = '', text, times, suffix = '' }]) => [
    name,
    prefix + text.repeat(times) + suffix,
  ]);
  return { ...(http ?? request), ...Object.fromEntries(long) };
}

// ---------------------------------------------------------------- building

type Built = BuildResult & { readonly ok: true };
const built = new Map<string, Built>();

/** @throws with the rendered diagnostics where the policy of a fixture does not build */
export function builtOf({ name, sources }: DecideFixture): Built {
  const known = built.get(name);
  if (known !== undefined) return known;
  const result = build(sources, { importer: createImporter(decideFolder) });
  if (!result.ok) throw new Error(renderText(result.diagnostics, result.textOf));
  built.set(name, result);
  return result;
}

// ---------------------------------------------------------------- asking

interface Door {
  decide(request: Request): Decision;
  authorizeHttp(request: HttpRequest): HttpDecision;
}

function answersByMode(
  { cases }: DecideFixture,
  open: (options: { readonly mode?: string }) => Door,
): readonly Answer[] {
  const doors = new Map<string | undefined, Door>();
  return cases.map((each) => {
    const { mode } = each;
    const door = doors.get(mode) ?? open(mode === undefined ? {} : { mode });
    doors.set(mode, door);
    const request: unknown = requestOf(each);
    return each.http === undefined
      ? door.decide(request as Request)
      : door.authorizeHttp(request as HttpRequest);
  });
}

/** What `decide-in-new-process.ts` reads: an image and the questions to it. */
export interface Job {
  readonly imagePath: string;
  readonly questions: readonly {
    readonly mode?: string;
    readonly isHttp: boolean;
    readonly request: Readonly<Record<string, unknown>>;
  }[];
}

function tryNewProcess(fixtures: readonly DecideFixture[]): NonNullable<typeof newProcess> {
  try {
    return { answers: askNewProcess(fixtures) };
  } catch (error) {
    return { error };
  }
}

/** Saves the images of all fixtures that build, and asks one new process for all answers. */
function askNewProcess(fixtures: readonly DecideFixture[]): ReadonlyMap<string, readonly Answer[]> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-decide-'));
  try {
    const jobs = fixtures.map((fixture): Job => {
      const imagePath = join(folder, `${fixture.name}.image`);
      writeFileSync(imagePath, imageOrNothing(fixture));
      const questions = fixture.cases.map((each) => ({
        ...(each.mode === undefined ? {} : { mode: each.mode }),
        isHttp: each.http !== undefined,
        request: requestOf(each),
      }));
      return { imagePath, questions };
    });
    const run = spawnSync(process.execPath, [helper], {
      input: JSON.stringify(jobs),
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (run.status !== 0) throw new Error(`decide-in-new-process: ${run.error?.message ?? run.stderr}`);
    const answers = JSON.parse(run.stdout) as Answer[][];
    return new Map(fixtures.map(({ name }, i) => [name, answers[i]!]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One fixture that does not build fails by itself and leaves the answers to the others. */
function imageOrNothing(fixture: DecideFixture): Uint8Array {
  try {
    return builtOf(fixture).image;
  } catch {
    return new Uint8Array();
  }
}
