import { inspect } from 'node:util';
import type { Decision } from '../../src/decision/decision.ts';
import { build } from '../../src/index.ts';
import type { Source } from '../../src/source/source.ts';
import { contractOf, isSameDecision, loadImage, reference } from './generators-evaluators.ts';

/** A request that the reference and the image answer differently. */
export interface Disagreement {
  readonly sources: readonly Source[];
  readonly mode: string | undefined;
  readonly request: unknown;
  readonly expected: Decision;
  readonly actual: Decision;
}

/** Undefined if both answer alike, or the text is no policy. */
export function findDisagreement(
  sources: readonly Source[],
  mode: string | undefined,
  request: unknown,
): Disagreement | undefined {
  const built = build(sources);
  if (!built.ok || (mode !== undefined && !built.model.modes.includes(mode))) return undefined;
  const expected = reference.load(built.model, mode).decide(request);
  const actual = loadImage(built.image, mode).decide(request);
  return isSameDecision(expected, actual) ? undefined : { sources, mode, request, expected, actual };
}

/** The same disagreement with as few lines of policy and as small a request as dropping parts can reach. */
export function shrink(disagreement: Disagreement): Disagreement {
  let smallest = disagreement;
  for (let smaller = shrinkOnce(smallest); smaller !== undefined; smaller = shrinkOnce(smallest))
    smallest = smaller;
  return smallest;
}

function shrinkOnce(disagreement: Disagreement): Disagreement | undefined {
  for (const smaller of candidatesOf(disagreement)) {
    if (smaller !== undefined && kindOf(smaller) === kindOf(disagreement)) return smaller;
  }
  return undefined;
}

/** What each of the two says, without the rules it names. */
export function kindOf({ expected, actual }: Pick<Disagreement, 'expected' | 'actual'>): string {
  return [expected, actual].map(({ decision, reason }) => `${decision} ${reason}`).join(' / ');
}

function* candidatesOf({ sources, mode, request }: Disagreement): Generator<Disagreement | undefined> {
  if (mode !== undefined) yield findDisagreement(sources, undefined, request);
  for (const fewer of withoutLines(sources)) yield findDisagreement(fewer, mode, request);
  for (const less of withoutParts(request)) yield findDisagreement(sources, mode, less);
}

/** The sources without a run of lines: long runs first, single lines last. */
function* withoutLines(sources: readonly Source[]): Generator<Source[]> {
  for (const [index, { file, text }] of sources.entries()) {
    const lines = text.split('\n').filter((line) => line !== '');
    for (let length = lines.length; length >= 1; length = Math.min(length - 1, Math.ceil(length / 2))) {
      for (let from = 0; from + length <= lines.length; from++) {
        yield sources.with(index, { file, text: lines.toSpliced(from, length).join('\n') });
      }
    }
  }
}

function* withoutParts(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const copy: Record<string, unknown> | unknown[] = Array.isArray(value) ? [...value] : { ...value };
    if (Array.isArray(copy)) copy.splice(Number(key), 1);
    else delete copy[key];
    yield copy;
    for (const less of withoutParts((value as Record<string, unknown>)[key])) {
      yield Array.isArray(value) ? value.with(Number(key), less) : { ...value, [key]: less };
    }
  }
}

/** In a form that can be pasted into a test. */
export function renderDisagreement({ sources, mode, request, expected, actual }: Disagreement): string {
  return [
    ...sources
      .filter(({ text }) => text.trim() !== '')
      .map(({ file, text }) => `# ${file}\n${text.trim()}\n`),
    `mode      ${mode ?? 'of the policy'}`,
    `request   ${renderValue(request)}`,
    `reference ${renderValue(contractOf(expected))}`,
    `image     ${renderValue(contractOf(actual))}`,
  ].join('\n');
}

export function renderValue(value: unknown): string {
  return inspect(value, {
    depth: null,
    maxArrayLength: null,
    maxStringLength: null,
    breakLength: Number.POSITIVE_INFINITY,
  });
}
