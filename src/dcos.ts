export { RequestError } from './decision/errors.ts';
export {
  type ChainAuthorizer,
  type ChainDecision,
  type ChainRequest,
  type ChainStep,
  type Component,
  type DeploymentFacts,
  decideChain,
} from './interop/dcos/chain.ts';
export {
  type Containerizer,
  type DefaultLinuxUser,
  type DefaultLinuxUserQuestion,
  defaultLinuxUser,
  type LinuxUserNote,
  type LinuxUserOverride,
  type LinuxUserPermission,
  type LinuxUserRequirements,
  type LinuxUserTarget,
  linuxUserOverride,
  type SecurityMode,
} from './interop/dcos/linux-users.ts';
export {
  findSpaceIdFault,
  mayRead,
  renderSpaceIdFault,
  type SpaceIdFault,
  serviceOfJob,
} from './interop/dcos/spaces/ids.ts';
export {
  type IndirectGrant,
  type IndirectOptions,
  type IndirectSecrets,
  indirectSecrets,
  knownSubjects,
} from './interop/dcos/spaces/indirect.ts';
export type { SpaceIdKind } from './interop/dcos/spaces/path-reader.ts';
export { type ListOptions, type RefusedId, Spaces, type SpacesInput } from './interop/dcos/spaces/spaces.ts';
