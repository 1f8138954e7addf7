import { registerHooks } from 'node:module';
import type { Check } from './checks.ts';
import { LOADING } from './loading.ts';
import { takeCollected } from './vitest-stand-in.ts';

/**
 * Tests of the normal run as checks, as they are: vitest's place is taken by ./vitest-stand-in.ts. What such a file builds while
 * it is loaded is built once, by the code without a mutant: only what its tests do themselves can kill one.
 */
const FILES: readonly string[] = [
  'ids',
  'evaluate-rule-finder',
  'evaluate-doors',
  'evaluate-explain',
  'evaluate-handles',
  'evaluate-subjects',
  'evaluate-routes',
  'image-golden',
  'model-patterns',
  'compile-invariants',
  'image-views',
  'compile-parts',
  'image-collisions',
  'image-verify-records',
  'image-verify',
  'compile-decisions',
  'overlay',
  'decide',
];
/**
 * They take seconds: what is random is in checks.ts with fixed seeds, so is every fixture, and a star that DC/OS knows is none
 * of the engine's.
 */
const LEFT_OUT =
  /^random |on a star that DC|^(?!the door, )\$name|^the fixtures|^the door, (every way|an explanation|answers)/;

process.env.POSTERN_SEED ??= '20261122';
const standIn = new URL('./vitest-stand-in.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vitest' && context.parentURL !== standIn
      ? { url: standIn, shortCircuit: true }
      : next(specifier, context),
});

async function checksOf(file: string): Promise<Check[]> {
  await import(new URL(`../${file}.test.ts`, import.meta.url).href);
  return takeCollected()
    .filter(({ title }) => !LEFT_OUT.test(title))
    .map(({ title, run }, i) => ({ name: `${file} ${i}: ${title}`, run }));
}

const scope = globalThis as { __stryker__?: { currentTestId?: string | undefined } };
scope.__stryker__ ??= {};
scope.__stryker__.currentTestId = LOADING;
const checks = new Map<string, readonly Check[]>();
for (const file of FILES) checks.set(file, await checksOf(file));
scope.__stryker__.currentTestId = undefined;

/** By file. */
export const checksOfTests: ReadonlyMap<string, readonly Check[]> = checks;
