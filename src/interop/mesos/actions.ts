/**
 * The 54 actions of Apache Mesos 1.12 (c1b42f79): the list that each consults and the steps by which its object entity
 * is derived from the request's object. The first step whose message or text is set gives the value; if none is, ANY is
 * asked.
 */
export interface MesosAction {
  readonly name: string;
  readonly number: number;
  /** What is asked of which list; all must allow. UNKNOWN asks none, and is denied. */
  readonly questions: readonly Question[];
  /** An object, if there is one, must have one field of each of these groups set; without it Mesos aborts. */
  readonly mustHave: readonly (readonly string[])[];
  /** Decides for subjects with claims and without a value; such a subject is denied every other action. */
  readonly claim?: ClaimRule;
}

export interface Question {
  readonly list: string;
  readonly steps: readonly Step[];
  /** The list is consulted only if this field of the object is set. */
  readonly onlyWith?: string;
}

export type Step =
  /** If `when` is set, the text at `path`, or `otherwise` if that is not set. */
  | { readonly kind: 'text'; readonly when: Path; readonly path: Path; readonly otherwise: string }
  /** If `framework_info` is set, its role, or its distinct roles if it has the capability MULTI_ROLE. */
  | { readonly kind: 'framework-roles' };

/** Field names from the object inwards; `last` is the last entry of a repeated field. */
export type Path = readonly string[];
export const last = '[last]';

/**
 * `executor`: the first label `cid` names the root of the container. `resource-provider`: the last label `cid_prefix`
 * begins the container's own id.
 */
export type ClaimRule = 'executor' | 'resource-provider';

/** The text at `path` if it is set. */
function text(path: string): Step {
  return { kind: 'text', when: parsePath(path), path: parsePath(path), otherwise: '' };
}

/** If the message `when` is set: its text at `path`, which may be missing. */
function textIn(when: string, path: string, otherwise: string): Step {
  return { kind: 'text', when: parsePath(when), path: parsePath(path), otherwise };
}

function parsePath(path: string): Path {
  return path.replace(last, `.${last}`).split('.');
}

const plainValue = [text('value')];
const reservationRole = [
  textIn('resource.reservations[last]', 'resource.reservations[last].role', ''),
  textIn('resource', 'resource.role', '*'),
  ...plainValue,
];
const frameworkUser = textIn('framework_info', 'framework_info.user', '');
const taskUser = [text('task_info.command.user'), text('task_info.executor.command.user')];
const executorUser = text('executor_info.command.user');
const containerUser = [executorUser, text('framework_info.user')];
// With no user at hand the container's id is looked up among the users.
const containerUserOrId = [...containerUser, textIn('container_id', 'container_id.value', '')];

export const mesosActions: readonly MesosAction[] = [
  { name: 'UNKNOWN', number: 0, questions: [], mustHave: [] },
  of(1, 'REGISTER_FRAMEWORK', 'register_frameworks', [{ kind: 'framework-roles' }, ...plainValue]),
  of(2, 'RUN_TASK', 'run_tasks', [...taskUser, frameworkUser]),
  of(3, 'TEARDOWN_FRAMEWORK', 'teardown_frameworks', [
    textIn('framework_info', 'framework_info.principal', ''),
    ...plainValue,
  ]),
  of(4, 'RESERVE_RESOURCES', 'reserve_resources', reservationRole),
  of(5, 'UNRESERVE_RESOURCES', 'unreserve_resources', [
    textIn('resource.reservations[last]', 'resource.reservations[last].principal', ''),
    textIn('resource', 'resource.reservation.principal', ''),
    ...plainValue,
  ]),
  of(6, 'CREATE_VOLUME', 'create_volumes', reservationRole),
  of(7, 'DESTROY_VOLUME', 'destroy_volumes', [
    textIn('resource', 'resource.disk.persistence.principal', ''),
    ...plainValue,
  ]),
  of(8, 'GET_ENDPOINT_WITH_PATH', 'get_endpoints', plainValue, ['value']),
  of(9, 'VIEW_ROLE', 'view_roles', plainValue, ['value']),
  of(10, 'UPDATE_WEIGHT', 'update_weights', [textIn('weight_info', 'weight_info.role', ''), ...plainValue]),
  of(11, 'GET_QUOTA', 'get_quotas', plainValue),
  of(12, 'UPDATE_QUOTA', 'update_quotas', [textIn('quota_info', 'quota_info.role', '')], ['quota_info']),
  of(13, 'VIEW_FRAMEWORK', 'view_frameworks', [frameworkUser], ['framework_info']),
  of(
    14,
    'VIEW_TASK',
    'view_tasks',
    [text('task.user'), ...taskUser, frameworkUser],
    ['task or task_info', 'framework_info'],
  ),
  of(
    15,
    'VIEW_EXECUTOR',
    'view_executors',
    [executorUser, frameworkUser],
    ['executor_info', 'framework_info'],
  ),
  of(16, 'ACCESS_SANDBOX', 'access_sandboxes', [executorUser, frameworkUser]),
  of(17, 'ACCESS_MESOS_LOG', 'access_mesos_logs', []),
  of(18, 'VIEW_FLAGS', 'view_flags', []),
  nested(19, 'LAUNCH_NESTED_CONTAINER', 'launch_nested_containers'),
  ofExecutor(20, 'KILL_NESTED_CONTAINER', 'kill_nested_containers'),
  ofExecutor(21, 'WAIT_NESTED_CONTAINER', 'wait_nested_containers'),
  nested(22, 'LAUNCH_NESTED_CONTAINER_SESSION', 'launch_nested_container_sessions'),
  of(23, 'ATTACH_CONTAINER_INPUT', 'attach_containers_input', containerUserOrId),
  ofExecutor(24, 'ATTACH_CONTAINER_OUTPUT', 'attach_containers_output'),
  of(25, 'VIEW_CONTAINER', 'view_containers', containerUser),
  of(26, 'SET_LOG_LEVEL', 'set_log_level', []),
  ofExecutor(27, 'REMOVE_NESTED_CONTAINER', 'remove_nested_containers'),
  of(28, 'REGISTER_AGENT', 'register_agents', []),
  of(29, 'UPDATE_MAINTENANCE_SCHEDULE', 'update_maintenance_schedules', []),
  of(30, 'GET_MAINTENANCE_SCHEDULE', 'get_maintenance_schedules', []),
  of(31, 'START_MAINTENANCE', 'start_maintenances', []),
  of(32, 'STOP_MAINTENANCE', 'stop_maintenances', []),
  of(33, 'GET_MAINTENANCE_STATUS', 'get_maintenance_statuses', []),
  of(34, 'MARK_AGENT_GONE', 'mark_agents_gone', []),
  ofProvider(35, 'LAUNCH_STANDALONE_CONTAINER', 'launch_standalone_containers'),
  ofProvider(36, 'KILL_STANDALONE_CONTAINER', 'kill_standalone_containers'),
  ofProvider(37, 'WAIT_STANDALONE_CONTAINER', 'wait_standalone_containers'),
  ofProvider(38, 'REMOVE_STANDALONE_CONTAINER', 'remove_standalone_containers'),
  of(39, 'MODIFY_RESOURCE_PROVIDER_CONFIG', 'modify_resource_provider_configs', []),
  ofProvider(40, 'VIEW_STANDALONE_CONTAINER', 'view_standalone_containers'),
  of(41, 'PRUNE_IMAGES', 'prune_images', []),
  of(42, 'RESIZE_VOLUME', 'resize_volumes', reservationRole),
  of(43, 'CREATE_BLOCK_DISK', 'create_block_disks', reservationRole),
  of(44, 'DESTROY_BLOCK_DISK', 'destroy_block_disks', reservationRole),
  of(45, 'CREATE_MOUNT_DISK', 'create_mount_disks', reservationRole),
  of(46, 'DESTROY_MOUNT_DISK', 'destroy_mount_disks', reservationRole),
  of(47, 'VIEW_RESOURCE_PROVIDER', 'view_resource_providers', []),
  of(48, 'MARK_RESOURCE_PROVIDER_GONE', 'mark_resource_providers_gone', []),
  of(49, 'DESTROY_RAW_DISK', 'destroy_raw_disks', reservationRole),
  of(50, 'UPDATE_QUOTA_WITH_CONFIG', 'update_quotas', plainValue, ['value']),
  of(51, 'DRAIN_AGENT', 'drain_agents', []),
  of(52, 'DEACTIVATE_AGENT', 'deactivate_agents', []),
  of(53, 'REACTIVATE_AGENT', 'reactivate_agents', []),
];

/** Old names of eight actions. GET_ENDPOINT_WITH_PATH and UPDATE_QUOTA_WITH_CONFIG look like such and are not. */
const aliases: readonly (readonly [string, string])[] = [
  ['REGISTER_FRAMEWORK_WITH_ROLE', 'REGISTER_FRAMEWORK'],
  ['TEARDOWN_FRAMEWORK_WITH_PRINCIPAL', 'TEARDOWN_FRAMEWORK'],
  ['RESERVE_RESOURCES_WITH_ROLE', 'RESERVE_RESOURCES'],
  ['UNRESERVE_RESOURCES_WITH_PRINCIPAL', 'UNRESERVE_RESOURCES'],
  ['CREATE_VOLUME_WITH_ROLE', 'CREATE_VOLUME'],
  ['DESTROY_VOLUME_WITH_PRINCIPAL', 'DESTROY_VOLUME'],
  ['UPDATE_WEIGHT_WITH_ROLE', 'UPDATE_WEIGHT'],
  ['GET_QUOTA_WITH_ROLE', 'GET_QUOTA'],
];

/** By name, by alias and by number. */
export const mesosActionByKey: ReadonlyMap<string | number, MesosAction> = indexActions();

function indexActions(): Map<string | number, MesosAction> {
  const byKey = new Map<string | number, MesosAction>();
  for (const action of mesosActions) byKey.set(action.name, action).set(action.number, action);
  for (const [alias, name] of aliases) byKey.set(alias, byKey.get(name)!);
  return byKey;
}

function of(
  number: number,
  name: string,
  list: string,
  steps: readonly Step[],
  mustHave: readonly string[] = [],
): MesosAction {
  return {
    name,
    number,
    questions: [{ list, steps }],
    mustHave: mustHave.map((fields) => fields.split(' or ')),
  };
}

function ofExecutor(number: number, name: string, list: string): MesosAction {
  return { ...of(number, name, list, containerUserOrId), claim: 'executor' };
}

function ofProvider(number: number, name: string, list: string): MesosAction {
  return { ...of(number, name, list, []), claim: 'resource-provider' };
}

/** A launch asks the parent's list for the user of the executor, and the child's for that of the command, if there is one. */
function nested(number: number, name: string, lists: string): MesosAction {
  const questions: readonly Question[] = [
    { list: `${lists}_under_parent_with_user`, steps: containerUser },
    { list: `${lists}_as_user`, steps: [text('command_info.user')], onlyWith: 'command_info' },
  ];
  return { name, number, questions, mustHave: [], claim: 'executor' };
}
