/**
 * A process of its own: loads the image whose path it is given, a few times, and prints as JSON what each took. The first is
 * that of a process that starts; for the others the platform has compiled the verification.
 */
import { readFileSync } from 'node:fs';
import { Authorizer } from '../../src/runtime.ts';

export interface Loads {
  readonly readMs: number;
  readonly loadMs: readonly number[];
  readonly revision: string;
}

const LOADS = 5;
const start = performance.now();
const bytes = readFileSync(process.argv[2]!);
const readMs = performance.now() - start;
let revision = '';
const loadMs = Array.from({ length: LOADS }, () => {
  const before = performance.now();
  revision = new Authorizer(bytes).revision;
  return performance.now() - before;
});
const loads: Loads = { readMs, loadMs, revision };
process.stdout.write(JSON.stringify(loads));
