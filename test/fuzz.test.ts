import { describe, expect, test } from 'vitest';
import { execute } from '../scripts/fuzz/execute.ts';
import { Fuzzer } from '../scripts/fuzz/fuzzer.ts';
import { minimize } from '../scripts/fuzz/minimize.ts';
import { Broken, type FuzzTarget } from '../scripts/fuzz/target.ts';
import { targets } from '../scripts/fuzz/targets.ts';
import { fixturesOf, inputOf, textOf } from '../scripts/fuzz/texts.ts';
import { seedOfRun } from './support/generators.ts';

/** The same as `npm run fuzz`, for a moment; and all that it has ever found. */

const seed = seedOfRun(process.env.POSTERN_SEED);
const EXECUTIONS = 15;

describe.each(targets.map((target) => [target.name, target] as const))('%s', (name, target) => {
  for (const fixture of fixturesOf(name)) {
    test(`${fixture.name}`, async () => {
      const attack = await target.open();
      const failure = await execute(attack, fixture.input);
      await attack.close?.();
      expect(failure?.text).toBeUndefined();
    });
  }

  test(`holds for ${EXECUTIONS} inputs of seed ${seed}`, async () => {
    const failures: string[] = [];
    const attack = await target.open();
    const fuzzer = new Fuzzer({
      target: withFewSeeds(target),
      attack,
      seed,
      onFailure: ({ text }, input) =>
        failures.push(`${text}\n${JSON.stringify(textOf(input)).slice(0, 2000)}`),
    });
    await fuzzer.run({ untilMs: Number.POSITIVE_INFINITY, executions: EXECUTIONS });
    await attack.close?.();
    expect(failures).toEqual([]);
  });
});

/** Others are for the long run. */
function withFewSeeds(target: FuzzTarget): FuzzTarget {
  return {
    ...target,
    maxLength: Math.min(target.maxLength ?? 2048, target.isBinary === true ? 16 * 1024 : 2048),
    seeds: () =>
      target
        .seeds()
        .filter((input) => input.length < 1024 || target.isBinary)
        .filter((_, i) => i % 13 === seed % 13),
  };
}

describe('the fuzzer', () => {
  const toy: FuzzTarget = {
    name: 'toy',
    title: 'no input holds ab',
    seeds: () => [inputOf('xaxbx')],
    open: () => ({
      run: (input) => {
        if (input.includes('ab')) throw new Broken('ab', 'is there');
      },
    }),
  };

  test('finds what breaks a promise, and makes it small', async () => {
    const found: string[] = [];
    const fuzzer = new Fuzzer({
      target: toy,
      attack: await toy.open(),
      seed,
      onFailure: ({ kind }, input) => found.push(`${kind}: ${textOf(input)}`),
    });
    while (found.length === 0) {
      const executions = fuzzer.executions + 500;
      await fuzzer.run({ untilMs: Number.POSITIVE_INFINITY, executions });
    }
    expect(found).toEqual(['Broken ab: ab']);
  });

  test('leaves out of an input all that it fails without', async () => {
    const input = Buffer.from('the quick brown fox');
    const fails = async (smaller: Buffer): Promise<boolean> => smaller.includes('q') && smaller.includes('x');
    expect(String(await minimize(input, fails, Number.POSITIVE_INFINITY))).toBe('qx');
  });

  test('reads each text that it writes, half surrogate pairs too', () => {
    for (const text of ['', 'a', 'é😀', '\ud800', 'a\udc00b', '\udc00\ud800', '\ufeff\u0000'])
      expect(textOf(inputOf(text))).toBe(text);
  });
});
