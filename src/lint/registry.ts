import type { LintRule } from './rule.ts';
import { allowDenyConflict } from './rules/allow-deny-conflict.ts';
import { allowUnderPermissive } from './rules/allow-under-permissive.ts';
import { anyIncludesUnauthenticated } from './rules/any-includes-unauthenticated.ts';
import { confusableName } from './rules/confusable-name.ts';
import { constantCondition } from './rules/constant-condition.ts';
import { cyclicGroup } from './rules/cyclic-group.ts';
import { deadDeny } from './rules/dead-deny.ts';
import { denyMayError } from './rules/deny-may-error.ts';
import { denyReachesDown } from './rules/deny-reaches-down.ts';
import { deprecatedResource } from './rules/deprecated-resource.ts';
import { duplicateDefinition } from './rules/duplicate-definition.ts';
import { emptyGroup } from './rules/empty-group.ts';
import { escalationPath } from './rules/escalation-path.ts';
import { expiredSuppression } from './rules/expired-suppression.ts';
import { format } from './rules/format.ts';
import { freeVariable } from './rules/free-variable.ts';
import { literalStar } from './rules/literal-star.ts';
import { malformedId } from './rules/malformed-id.ts';
import { missingCompanion } from './rules/missing-companion.ts';
import { missingOwner } from './rules/missing-owner.ts';
import { naming } from './rules/naming.ts';
import { noEffectAction } from './rules/no-effect-action.ts';
import { nonePrincipalDeniesAll } from './rules/none-principal-denies-all.ts';
import { notEnforcedInMode } from './rules/not-enforced-in-mode.ts';
import { overBroad } from './rules/over-broad.ts';
import { permissiveDefault } from './rules/permissive-default.ts';
import { preferGroup } from './rules/prefer-group.ts';
import { prefixBoundary } from './rules/prefix-boundary.ts';
import { runAsRoot } from './rules/run-as-root.ts';
import { secretSpaceMismatch } from './rules/secret-space-mismatch.ts';
import { secretWithoutPath } from './rules/secret-without-path.ts';
import { shadowedRule } from './rules/shadowed-rule.ts';
import { sortedGrants } from './rules/sorted-grants.ts';
import { subsumedByAncestor } from './rules/subsumed-by-ancestor.ts';
import { subsumedByFull } from './rules/subsumed-by-full.ts';
import { superuserGrant } from './rules/superuser-grant.ts';
import { suppressionWithoutReason } from './rules/suppression-without-reason.ts';
import { syntax } from './rules/syntax.ts';
import { targetCannotExpress } from './rules/target-cannot-express.ts';
import { todoComment } from './rules/todo-comment.ts';
import { uncoveredRule } from './rules/uncovered-rule.ts';
import { undefinedSubject } from './rules/undefined-subject.ts';
import { unknownResource } from './rules/unknown-resource.ts';
import { unreachableAfterAny } from './rules/unreachable-after-any.ts';
import { unresolvedImport } from './rules/unresolved-import.ts';
import { unscopedOwner } from './rules/unscoped-owner.ts';
import { unsupportedAction } from './rules/unsupported-action.ts';
import { unusedDefinition } from './rules/unused-definition.ts';
import { unusedGrant } from './rules/unused-grant.ts';
import { unusedSuppression } from './rules/unused-suppression.ts';

/** Every rule, by category and within it by id. */
export const rules: readonly LintRule[] = [
  // correctness
  constantCondition,
  cyclicGroup,
  denyMayError,
  denyReachesDown,
  duplicateDefinition,
  freeVariable,
  malformedId,
  noEffectAction,
  nonePrincipalDeniesAll,
  syntax,
  targetCannotExpress,
  undefinedSubject,
  unknownResource,
  unresolvedImport,
  unsupportedAction,
  // security
  anyIncludesUnauthenticated,
  confusableName,
  escalationPath,
  literalStar,
  notEnforcedInMode,
  overBroad,
  permissiveDefault,
  prefixBoundary,
  runAsRoot,
  secretSpaceMismatch,
  secretWithoutPath,
  superuserGrant,
  unscopedOwner,
  // redundancy
  allowDenyConflict,
  allowUnderPermissive,
  deadDeny,
  emptyGroup,
  missingCompanion,
  shadowedRule,
  subsumedByAncestor,
  subsumedByFull,
  unreachableAfterAny,
  unusedDefinition,
  unusedGrant,
  // style
  deprecatedResource,
  expiredSuppression,
  format,
  missingOwner,
  naming,
  preferGroup,
  sortedGrants,
  suppressionWithoutReason,
  todoComment,
  uncoveredRule,
  unusedSuppression,
];
