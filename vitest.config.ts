import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Many files wait for processes that they start: on two cores one worker would leave one of them idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
