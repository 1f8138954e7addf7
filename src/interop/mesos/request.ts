import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { RequestError } from '../../decision/errors.ts';
import { nearestName } from '../../diagnostics/nearest.ts';
import { type MesosAction, mesosActionByKey, mesosActions } from './actions.ts';
import { describeJson, isJsonObject } from './read-acls.ts';
import { objectSchema, subjectSchema } from './request-schema.ts';

/** A request to the Mesos authorizer, as plain data. `null` is absent everywhere. */
export interface MesosRequest {
  /** Name, old name or number, e.g. `RUN_TASK`. */
  readonly action: string | number;
  readonly subject?: MesosSubject | null | undefined;
  readonly object?: MesosObject | null | undefined;
}

/** Who asks. An executor or a resource provider has claims and no value. */
export interface MesosSubject {
  readonly value?: string | null;
  readonly claims?: { readonly labels?: readonly (MesosLabel | null)[] | null } | null;
}

export interface MesosLabel {
  readonly key?: string | null;
  readonly value?: string | null;
}

/** What an action is about: the fields that actions read of the protobuf message `authorization.Object`. */
export interface MesosObject {
  readonly value?: string | null;
  readonly framework_info?: {
    readonly user?: string | null;
    readonly principal?: string | null;
    readonly role?: string | null;
    readonly roles?: readonly (string | null)[] | null;
    readonly capabilities?: readonly ({ readonly type?: string | null } | null)[] | null;
  } | null;
  readonly task?: { readonly user?: string | null } | null;
  readonly task_info?: {
    readonly command?: MesosCommand | null;
    readonly executor?: { readonly command?: MesosCommand | null } | null;
  } | null;
  readonly executor_info?: { readonly command?: MesosCommand | null } | null;
  readonly quota_info?: { readonly role?: string | null } | null;
  readonly weight_info?: { readonly role?: string | null } | null;
  readonly resource?: {
    readonly role?: string | null;
    readonly reservation?: { readonly principal?: string | null } | null;
    readonly reservations?:
      | readonly ({ readonly role?: string | null; readonly principal?: string | null } | null)[]
      | null;
    readonly disk?: { readonly persistence?: { readonly principal?: string | null } | null } | null;
  } | null;
  readonly command_info?: MesosCommand | null;
  readonly container_id?: MesosContainerId | null;
  readonly machine_id?: object | null;
}

export interface MesosCommand {
  readonly user?: string | null;
}

export interface MesosContainerId {
  readonly value?: string | null;
  readonly parent?: MesosContainerId | null;
}

/** @throws {RequestError} for a name or number that Mesos does not know, or none */
export function readAction(action: unknown): MesosAction {
  const found = mesosActionByKey.get(action as string | number);
  if (found !== undefined) return found;
  if (!isSet(action)) throw new RequestError('the request has no `action`');
  const names = mesosActions.map(({ name }) => name);
  const meant =
    typeof action === 'string' ? nearestName(action.slice(0, 100).toUpperCase(), names) : undefined;
  const help = meant === undefined ? '' : `; the nearest is \`${meant}\``;
  if (typeof action === 'object')
    throw new RequestError(`\`action\` is ${describeJson(action)}, not a name or a number`);
  const shown = typeof action === 'string' ? `\`${action.slice(0, 80)}\`` : describeJson(action);
  throw new RequestError(`unknown action ${shown}${help}`);
}

/** @throws {RequestError} if it is no message */
export function readSubject(subject: unknown): MesosSubject | undefined {
  return readMessage(subject, 'subject') as MesosSubject | undefined;
}

/** @throws {RequestError} if it is no message */
export function readObject(object: unknown): MesosObject | undefined {
  return readMessage(object, 'object') as MesosObject | undefined;
}

/** Fields of which one must be set where a single decision is asked for (SEMANTICS of Mesos, 10). */
const objectFields = [
  'value',
  'framework_info',
  'task',
  'task_info',
  'executor_info',
  'quota_info',
  'weight_info',
  'container_id',
  'resource',
] as const;

/** @throws {RequestError} if nothing is set that Mesos looks for before it answers a single request */
export function checkObjectIsSet(object: MesosObject | undefined): void {
  if (object === undefined || objectFields.some((field) => isSet(object[field]))) return;
  throw new RequestError(`the object has none of \`${objectFields.join('`, `')}\`: leave it out, or set one`);
}

/** @throws {RequestError} if the object lacks what the action insists on (7.2) */
export function checkObjectHas(action: MesosAction, object: MesosObject | undefined): void {
  if (object === undefined) return;
  const missing = action.mustHave.find((fields) => !fields.some((field) => isSet(object[field as 'value'])));
  if (missing === undefined) return;
  throw new RequestError(
    `${action.name} needs \`${missing.join('` or `')}\` in the object, or no object at all`,
  );
}

/** In the protobuf sense: an empty text is set. */
export function isSet<T>(field: T): field is T & {} {
  return field !== undefined && field !== null;
}

const validators = new Map<string, ValidateFunction>();

function readMessage(value: unknown, name: 'subject' | 'object'): object | undefined {
  if (value === undefined || value === null) return undefined;
  let validator = validators.get(name);
  if (validator === undefined) {
    validator = new Ajv({ allowUnionTypes: true, verbose: true }).compile(
      name === 'subject' ? subjectSchema : objectSchema,
    );
    validators.set(name, validator);
  }
  if (!validate(validator, value)) throw describeFault(name, validator.errors![0]!);
  return value as object;
}

/** A value that holds itself has no end; it cannot come from JSON, but a program can make it. */
function validate(validator: ValidateFunction, value: unknown): boolean {
  try {
    return validator(value);
  } catch (error) {
    if (error instanceof RangeError)
      throw new RequestError('the request is nested too deeply', { cause: error });
    throw error;
  }
}

function describeFault(name: string, { instancePath, data, schema }: ErrorObject): RequestError {
  const expected = (schema as readonly string[])[0];
  const place = `${name}${instancePath.replaceAll('/', '.')}`;
  const article = expected === 'object' || expected === 'array' ? 'an' : 'a';
  return new RequestError(`\`${place}\` is ${describeJson(data)}, not ${article} ${expected}`);
}

/** @throws {RequestError} if it is no JSON object */
export function readRequest(request: unknown): MesosRequest {
  if (isJsonObject(request)) return request as unknown as MesosRequest;
  throw new RequestError('a request is an object with `action`, `subject` and `object`');
}
