import { readFileSync } from 'node:fs';
import { format } from 'node:util';
import { chai, expect } from 'vitest';

/**
 * What takes vitest's place while checks-of-tests.ts loads a test file: the same `expect`, and a `describe` and a `test` that
 * collect, to run tests where Stryker's switches are: in one process that stays, with nothing between a mutant and its test.
 */
export interface CollectedTest {
  readonly title: string;
  readonly run: () => unknown;
}

type Body = (...args: readonly unknown[]) => unknown;

let collected: CollectedTest[] = [];
let titles: readonly string[] = [];

/** The tests that were collected since the last call. */
export function takeCollected(): readonly CollectedTest[] {
  const taken = collected;
  collected = [];
  return taken;
}

/** Collects a test; between title and body vitest takes options, which say nothing here. */
export const test = withEach((title, ...args) => {
  const run = args.at(-1) as Body;
  collected.push({ title: [...titles, title].join(', '), run: () => run() });
});

export const describe = withEach((title, ...args) => {
  const outer = titles;
  titles = [...titles, title];
  (args.at(-1) as Body)();
  titles = outer;
});

type Collect = (title: string, ...args: readonly unknown[]) => void;

/** `each` gives a body the members of a row, or the row itself if it is no list; they fill the places of the title. */
function withEach(collect: Collect): Collect & {
  each(rows: readonly unknown[]): (title: string, ...args: readonly unknown[]) => void;
} {
  const each =
    (rows: readonly unknown[]) =>
    (title: string, ...args: readonly unknown[]): void => {
      const body = args.at(-1) as Body;
      for (const row of rows) {
        const members: readonly unknown[] = Array.isArray(row) ? row : [row];
        const places = title.match(/%[sdij]/g)?.length ?? 0;
        collect(format(title, ...members.slice(0, places)), () => body(...members));
      }
    };
  return Object.assign(collect, { each });
}

// Only vitest's own runner knows where it would write one.
chai.Assertion.overwriteMethod('toMatchFileSnapshot', () => {
  return function (this: { readonly _obj: unknown }, path: string): void {
    expect(this._obj).toBe(readFileSync(path, 'utf8'));
  };
});

export { expect };
