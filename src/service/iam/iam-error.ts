import { STATUS_CODES } from 'node:http';
import type { OperationFault } from '../../iam/fault.ts';

export interface IamErrorOptions {
  /** What clients branch on; absent for purely technical refusals. */
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal of the API, in the shape that its clients know. */
export class IamError extends Error {
  override readonly name = 'IamError';
  readonly statusCode: number;
  readonly code: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(statusCode: number, description: string, { code, headers = {} }: IamErrorOptions = {}) {
    super(description);
    this.statusCode = statusCode;
    this.code = code;
    this.headers = headers;
  }
}

/** The body of an answer that is an error. */
export interface IamErrorBody {
  readonly title: string;
  readonly description: string;
  readonly code?: string;
}

export function iamErrorBody(status: number, description: string, code: string | undefined): IamErrorBody {
  const title = `${status} ${STATUS_CODES[status] ?? 'Error'}`;
  return { title, description, ...(code === undefined ? {} : { code }) };
}

/** Of what is there already. Everything else that a state does not admit is 400: 404 means that there is no such route. */
const conflicts: ReadonlySet<string> = new Set([
  'ERR_USER_EXISTS',
  'ERR_GROUP_EXISTS',
  'ERR_ACL_EXISTS',
  'ERR_PERMISSION_EXISTS',
  'ERR_USER_ALREADY_IN_GROUP',
]);

export function errorOfFault({ code, description }: OperationFault): IamError {
  return new IamError(conflicts.has(code) ? 409 : 400, description, { code });
}

/** The refusal of a value that a body holds. */
export function invalidData(description: string): IamError {
  return new IamError(400, description, { code: 'ERR_INVALID_DATA' });
}
