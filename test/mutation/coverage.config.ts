import { defineConfig } from 'vitest/config';
import { engineTests } from './engine-tests.ts';

// `npm run coverage`: what the tests of the engine run of it, to the last branch. Node's cache of compiled code, which the
// normal configuration turns on, makes V8 count less exactly.

export default defineConfig({
  test: {
    include: [...engineTests],
    testTimeout: 120_000,
    maxWorkers: 2,
    coverage: {
      enabled: true,
      provider: 'v8',
      include: ['src/compile/**', 'src/evaluate/**', 'src/id/**', 'src/image/**', 'src/model/**'],
      reporter: ['text', 'json-summary', 'json'],
      thresholds: { lines: 100, branches: 100 },
    },
  },
});
