export { RequestError } from './decision/errors.ts';
export { PolicyError } from './diagnostics/policy-error.ts';
export type { AclEntity, AclEntry, Acls, EntityType } from './interop/mesos/acls.ts';
export {
  type MesosAnswer,
  type MesosApprover,
  MesosAuthorizer,
  type MesosExplanation,
} from './interop/mesos/authorizer.ts';
export type {
  MesosCommand,
  MesosContainerId,
  MesosLabel,
  MesosObject,
  MesosRequest,
  MesosSubject,
} from './interop/mesos/request.ts';
export { validateMesosAcls } from './interop/mesos/validate.ts';
