export { Authorizer } from './authorizer.ts';
export {
  type Builder,
  type BuildFilesOptions,
  type BuildOptions,
  type BuildProgress,
  type BuildResult,
  build,
  buildFiles,
  buildModel,
  buildModelFiles,
  createBuilder,
  type ModelResult,
} from './build.ts';
export { compile as compileModel } from './compile/compile.ts';
export {
  dumpSchema,
  type ExportFormat,
  type ExportGrantsOptions,
  exportDcosGrants,
  exportFormats,
  type Grant,
  type Grantee,
  type GrantFormat,
  type GrantsExport,
  type GrantsImport,
  grantFormats,
  type ImportGrantsOptions,
  importDcosGrants,
} from './dcos-grants.ts';
export type { Decision, Effect, Reason, RuleReference } from './decision/decision.ts';
export { ConfigurationError, RequestError } from './decision/errors.ts';
export type { HttpDecision, HttpRequest } from './decision/http.ts';
export { renderDecisionJson, renderRuleJson } from './decision/render-decision.ts';
export type { Request, RequestAttributes } from './decision/request.ts';
export { decompile as readModel } from './decompile/decompile.ts';
export type { Diagnostic } from './diagnostics/diagnostic.ts';
export { PolicyError } from './diagnostics/policy-error.ts';
export { renderJson } from './diagnostics/render-json.ts';
export { renderText } from './diagnostics/render-text.ts';
export { diffModels } from './diff/diff-models.ts';
export type { AccessChange, PolicyDifference } from './diff/policy-difference.ts';
export type { Approver, AuthorizerOptions } from './evaluate/authorizer.ts';
export type { EntryOutcome, Explanation } from './evaluate/explain.ts';
export { FileError } from './files/file-error.ts';
export { type FormatResult, formatSource } from './format.ts';
export { type Image, type ImageSource, looksLikeImage, readImage } from './image/image.ts';
export { ImageError } from './image/image-error.ts';
export { type ImageSummary, inspectImage } from './image/inspect.ts';
export { type KnownIds, knownIds } from './image/known-ids.ts';
export { openVerifiedImage } from './image/open-verified-image.ts';
export { printTrie } from './image/print-trie.ts';
export type { WhatCan } from './listing/what-can.ts';
export type { WhoCan } from './listing/who-can.ts';
export { exportMesosAcls, importMesosAcls, type Translation } from './mesos-policies.ts';
export type { Model } from './model/model.ts';
export type { Importer, ImportResult } from './source/importer.ts';
export { InvariantError } from './source/invariant.ts';
export type { Source } from './source/source.ts';
export { FilterError, type FilterErrorCode } from './sql/filter-error.ts';
export type { FilterSqlOptions, SqlDialect, SqlFilter } from './sql/filter-sql.ts';
export { type Coverage, type CoveredUnit, coverageOf } from './testing/coverage.ts';
export { isForBlock, missingTests, printMissingLines, printMissingTests } from './testing/missing-tests.ts';
export type { Mutant, MutantKind } from './testing/mutant.ts';
export {
  type MissingTest,
  type MutantOutcome,
  type MutateOptions,
  type MutationReport,
  mutate,
} from './testing/mutate.ts';
export { printTestCase } from './testing/print-test.ts';
export { readTestTable, type TableFault, type TestTable } from './testing/read-test-table.ts';
export {
  type PolicyTestResult,
  type RunTestsOptions,
  runPolicyTests,
  runTests,
  type TestResult,
  TestRunner,
} from './testing/run-tests.ts';
export {
  type ExpectedAnswer,
  type ExpectedRule,
  policyTestCases,
  type TestCase,
} from './testing/test-case.ts';
export type { Why } from './why/answer.ts';
export type { WhyOptions } from './why/explain-why.ts';
