import type { Glob } from '../model/model.ts';
import { Effort } from './effort.ts';
import { TooComplexError } from './too-complex.ts';

/** Texts that the same of some globs match, and one of them. */
export interface TextClass {
  /** Indices into the globs, ascending. */
  readonly matched: readonly number[];
  readonly text: string;
}

const MAX_STATES = 50_000;
/** Places in globs, over all states: one glob of thousands of runs is at thousands of places in each of thousands of states. */
const MAX_PLACES = 2_000_000;

/**
 * Every combination of globs that some segment matches which is none of `taken`, with such a segment each: read unit by
 * unit, where units that stand in no glob and no taken text are all alike. Segments are well formed: neither `.` nor `..`
 * nor what begins like them with `;`, and without `%` and two hexadecimal digits (S2).
 */
export function segmentClasses(
  globs: readonly Glob[],
  taken: ReadonlySet<string>,
  effort: Effort = new Effort(),
): readonly TextClass[] {
  return classesOf(globs, taken, { isSegment: true, effort });
}

/** As `segmentClasses`, of any texts at all, the empty one too. */
export function textClasses(globs: readonly Glob[], taken: ReadonlySet<string>): readonly TextClass[] {
  return classesOf(globs, taken, { isSegment: false, effort: new Effort() });
}

/** Two places and where to go on after the last run: no list of places is kept, and a long text costs no memory. */
export function matchesGlob(glob: Glob, text: string): boolean {
  const program = programOf(glob);
  let [at, place] = [0, 0];
  // Of runs only the last may have to take more: what stands before it has been met as early as can be.
  let [runPlace, runAt] = [-1, 0];
  while (at < text.length) {
    const step = program[place];
    if (step === 'run') {
      [runPlace, runAt] = [place, at];
      place++;
    } else if (step !== undefined && (step === 'any' || step.unit === text[at])) {
      at++;
      place++;
    } else if (runPlace >= 0) {
      at = ++runAt;
      place = runPlace + 1;
    } else return false;
  }
  while (program[place] === 'run') place++;
  return place === program.length;
}

/** A plain text that is not taken. */
function freshText(taken: ReadonlySet<string>): string {
  if (!taken.has('x')) return 'x';
  for (let i = 1; ; i++) if (!taken.has(`x${i}`)) return `x${i}`;
}

/** One unit each: a unit to be met, any unit, or any run of units. */
type Program = readonly ({ readonly unit: string } | 'any' | 'run')[];

const programsOfGlobs = new WeakMap<Glob, Program>();

function programOf(glob: Glob): Program {
  let program = programsOfGlobs.get(glob);
  if (program === undefined) {
    program = glob.flatMap((part): Program => {
      if (part.kind === 'run') return ['run'];
      if (part.kind === 'unit') return ['any'];
      return Array.from({ length: part.text.length }, (_, i) => ({ unit: part.text[i]! }));
    });
    programsOfGlobs.set(glob, program);
  }
  return program;
}

function placesAtStart(program: Program): number[] {
  return closeOverRuns(program, [0]);
}

function placesAfter(program: Program, places: readonly number[], unit: string): number[] {
  const next: number[] = [];
  for (const place of places) {
    const step = program[place];
    if (step === undefined) continue;
    if (step === 'run') next.push(place);
    else if (step === 'any' || step.unit === unit) next.push(place + 1);
  }
  return closeOverRuns(program, next);
}

/** A run may take nothing. */
function closeOverRuns(program: Program, places: readonly number[]): number[] {
  // They are ascending, and stay so: a run leads to the next place alone.
  const closed: number[] = [];
  const add = (place: number): void => {
    if (closed.length === 0 || closed.at(-1)! < place) closed.push(place);
  };
  for (const first of places) {
    add(first);
    for (let place = first; program[place] === 'run'; place++) add(place + 1);
  }
  return closed;
}

interface State {
  readonly places: readonly (readonly number[])[];
  readonly text: string;
  /** Taken texts that begin with `text`. */
  readonly near: readonly string[];
}

function classesOf(
  globs: readonly Glob[],
  taken: ReadonlySet<string>,
  { isSegment, effort }: { readonly isSegment: boolean; readonly effort: Effort },
): readonly TextClass[] {
  if (globs.length === 0) return [{ matched: [], text: freshText(taken) }];
  const programs = globs.map(programOf);
  effort.spend(globs.length * (1 + taken.size));
  const matched = [...taken].filter((text) => globs.some((glob) => matchesGlob(glob, text)));
  const units = unitsOf(programs, matched);
  // Others may be come by too, if they are made of the units that are tried.
  const tried = new Set(units);
  const near = [...taken].filter((text) => text.split('').every((unit) => tried.has(unit)));
  const classes = new Map<string, TextClass>();
  let states: State[] = [{ places: programs.map(placesAtStart), text: '', near }];
  const seen = new Set(states.map(keyOf));
  let placeCount = 0;
  while (states.length > 0) {
    const next: State[] = [];
    for (const state of states) {
      const isWhole = isSegment ? isSegmentText(state.text) : true;
      if (isWhole && !state.near.includes(state.text)) addClass(classes, programs, state);
      for (const unit of units) {
        effort.spend(globs.length);
        const after = stateAfter(programs, state, unit);
        if (isSegment && !mayBecomeSegment(after.text)) continue;
        const key = keyOf(after);
        if (seen.has(key)) continue;
        placeCount += after.places.reduce((sum, places) => sum + places.length, 0);
        if (seen.size >= MAX_STATES || placeCount > MAX_PLACES)
          throw new TooComplexError('too many globs beside one another');
        seen.add(key);
        next.push(after);
      }
    }
    states = next;
  }
  return [...classes.values()];
}

function stateAfter(programs: readonly Program[], { places, text, near }: State, unit: string): State {
  const whole = text + unit;
  return {
    places: places.map((each, i) => placesAfter(programs[i]!, each, unit)),
    text: whole,
    near: near.filter((other) => other.startsWith(whole)),
  };
}

function addClass(
  classes: Map<string, TextClass>,
  programs: readonly Program[],
  { places, text }: State,
): void {
  const matched = [...programs.keys()].filter((i) => places[i]!.includes(programs[i]!.length));
  const key = matched.join();
  if (!classes.has(key)) classes.set(key, { matched, text });
}

/** States of one key have the same future: what has been read counts only as far as the form of segments looks back. */
function keyOf({ places, text, near }: State): string {
  const tail = text.length <= 2 ? text : `…${/%[0-9a-fA-F]?$/.exec(text)?.[0] ?? ''}`;
  return JSON.stringify([places, near.length === 0 ? '' : text, tail]);
}

/** Units that differ in what they do, and two that stand nowhere. */
function unitsOf(programs: readonly Program[], near: readonly string[]): string[] {
  const special = new Set<string>();
  for (const program of programs) {
    for (const step of program) if (typeof step === 'object') special.add(step.unit);
  }
  for (const text of near) for (let i = 0; i < text.length; i++) special.add(text[i]!);
  const free = [...'xyzwvuXYZ_'].filter((unit) => !special.has(unit)).slice(0, 1);
  if (free.length === 0) free.push(firstFreeUnit(special));
  return [...free, ...special];
}

function firstFreeUnit(special: ReadonlySet<string>): string {
  for (let code = 0x3b1; ; code++) {
    const unit = String.fromCharCode(code);
    if (!special.has(unit)) return unit;
  }
}

function mayBecomeSegment(text: string): boolean {
  return !/^\.{1,2};|%[0-9a-fA-F]{2}/.test(text);
}

function isSegmentText(text: string): boolean {
  return text !== '' && text !== '.' && text !== '..' && mayBecomeSegment(text);
}
