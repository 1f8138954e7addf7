/** The normal tests that run the engine in their own process and take few seconds: what is measured here is measured with them. */
export const engineTests: readonly string[] = [
  'test/build.test.ts',
  'test/compile-*.test.ts',
  'test/decide.test.ts',
  'test/evaluate-*.test.ts',
  'test/fuzz.test.ts',
  'test/ids.test.ts',
  'test/image*.test.ts',
  'test/live-authorizer.test.ts',
  'test/model-*.test.ts',
  'test/overlay.test.ts',
  'test/patterns.test.ts',
  'test/resolve.test.ts',
];
