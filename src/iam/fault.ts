/** The codes of the permission API that say what the state does not admit (facts: IAM-API.md § 3.1). */
export type FaultCode =
  | 'ERR_INVALID_USER_ID'
  | 'ERR_INVALID_GROUP_ID'
  | 'ERR_INVALID_RESOURCE_ID'
  | 'ERR_INVALID_ACTION'
  | 'ERR_INVALID_DATA'
  | 'ERR_UNKNOWN_USER_ID'
  | 'ERR_UNKNOWN_GROUP_ID'
  | 'ERR_UNKNOWN_RESOURCE_ID'
  | 'ERR_USER_EXISTS'
  | 'ERR_GROUP_EXISTS'
  | 'ERR_ACL_EXISTS'
  | 'ERR_PERMISSION_EXISTS'
  | 'ERR_USER_ALREADY_IN_GROUP'
  | 'ERR_USER_NOT_IN_GROUP'
  | 'ERR_USER_NOT_IN_ACL'
  | 'ERR_GROUP_NOT_IN_ACL'
  | 'ERR_ACTION_NOT_YET_STORED'
  | 'ERR_NO_MORE_SUPERUSERS'
  | 'ERR_IS_SUPERUSER_GROUP'
  | 'ERR_IS_SUPERUSER_ACL';

/** Why an operation may not be done. */
export interface OperationFault {
  readonly code: FaultCode;
  /** A sentence for people. */
  readonly description: string;
}

export function fault(code: FaultCode, description: string): OperationFault {
  return { code, description };
}
