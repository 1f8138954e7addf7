/**
 * The 54 lists of an `--acls` document, as Apache Mesos 1.12 (c1b42f79) knows them: what the object entity of a list is
 * called, what is compared there, and which check Mesos makes when it loads the list.
 */
export interface AclList {
  readonly name: string;
  /** Key of the object entity in the JSON, e.g. `users`. */
  readonly objectField: ObjectField;
  readonly match: ListMatch;
  readonly check: LoadCheck;
}

/**
 * How asked and listed values are compared: `value` as whole texts; `role` likewise, and a listed value that ends in
 * `/%` covers every role that begins with what stands before the `%`; `any` because only ANY is ever asked.
 */
export type ListMatch = 'value' | 'role' | 'any';

/** `any-or-none`: SOME is refused. `endpoints`: SOME may list authorizable endpoints only. */
export type LoadCheck = 'none' | 'any-or-none' | 'endpoints';

/** The object entities, and the kind of resource that each becomes: `users` with `root` is `mesos:user:root`. */
export const resourceKinds = {
  roles: 'role',
  users: 'user',
  framework_principals: 'framework-principal',
  reserver_principals: 'reserver-principal',
  creator_principals: 'creator-principal',
  paths: 'endpoint',
  logs: 'log',
  flags: 'flag',
  level: 'log-level',
  agents: 'agent',
  machines: 'machine',
  resource_providers: 'resource-provider',
  images: 'image',
} as const;

export type ObjectField = keyof typeof resourceKinds;

/** In the order of their fields in `acls.proto`, which is the order in which Mesos checks them. */
export const aclLists: readonly AclList[] = [
  role('register_frameworks'),
  value('run_tasks', 'users'),
  role('reserve_resources'),
  value('unreserve_resources', 'reserver_principals'),
  role('create_volumes'),
  value('destroy_volumes', 'creator_principals'),
  value('teardown_frameworks', 'framework_principals'),
  role('update_weights'),
  { name: 'get_endpoints', objectField: 'paths', match: 'value', check: 'endpoints' },
  role('get_quotas'),
  role('update_quotas'),
  value('view_frameworks', 'users'),
  value('view_tasks', 'users'),
  value('view_executors', 'users'),
  value('access_sandboxes', 'users'),
  any('access_mesos_logs', 'logs'),
  role('view_roles'),
  any('view_flags', 'flags'),
  value('launch_nested_containers_as_user', 'users'),
  value('launch_nested_containers_under_parent_with_user', 'users'),
  value('kill_nested_containers', 'users'),
  value('wait_nested_containers', 'users'),
  value('launch_nested_container_sessions_as_user', 'users'),
  value('launch_nested_container_sessions_under_parent_with_user', 'users'),
  value('attach_containers_input', 'users'),
  value('attach_containers_output', 'users'),
  value('view_containers', 'users'),
  any('set_log_level', 'level'),
  value('remove_nested_containers', 'users'),
  any('register_agents', 'agents'),
  any('update_maintenance_schedules', 'machines'),
  any('get_maintenance_schedules', 'machines'),
  any('start_maintenances', 'machines'),
  any('stop_maintenances', 'machines'),
  any('get_maintenance_statuses', 'machines'),
  // By nature like its neighbours, but Mesos does not check it: SOME loads, and such a rule never applies.
  { name: 'mark_agents_gone', objectField: 'agents', match: 'any', check: 'none' },
  any('launch_standalone_containers', 'users'),
  any('kill_standalone_containers', 'users'),
  any('wait_standalone_containers', 'users'),
  any('remove_standalone_containers', 'users'),
  any('modify_resource_provider_configs', 'resource_providers'),
  any('view_standalone_containers', 'users'),
  any('prune_images', 'images'),
  role('resize_volumes'),
  role('create_block_disks'),
  role('destroy_block_disks'),
  role('create_mount_disks'),
  role('destroy_mount_disks'),
  any('view_resource_providers', 'resource_providers'),
  any('mark_resource_providers_gone', 'resource_providers'),
  role('destroy_raw_disks'),
  any('drain_agents', 'agents'),
  any('deactivate_agents', 'agents'),
  any('reactivate_agents', 'agents'),
];

export const aclListByName: ReadonlyMap<string, AclList> = new Map(aclLists.map((list) => [list.name, list]));

/** Endpoints that `get_endpoints` may list: exact texts, without an agent's prefix. */
export const authorizableEndpoints: readonly string[] = [
  '/containerizer/debug',
  '/containers',
  '/files/debug',
  '/logging/toggle',
  '/metrics/snapshot',
  '/monitor/statistics',
];

/** Keys that were lists once, or look like one in the documentation; Mesos ignores them like any other unknown key. */
export const lostLists: ReadonlyMap<string, string> = new Map([
  ['shutdown_frameworks', 'it was removed in Mesos 1.3: use `teardown_frameworks`'],
  ['set_quotas', 'it was removed in Mesos 1.3: use `update_quotas`'],
  ['remove_quotas', 'it was removed in Mesos 1.3: use `update_quotas`'],
  ['get_weights', 'Mesos has no such list, though its template of ACLs names it'],
]);

function role(name: string): AclList {
  return { name, objectField: 'roles', match: 'role', check: 'none' };
}

function value(name: string, objectField: ObjectField): AclList {
  return { name, objectField, match: 'value', check: 'none' };
}

function any(name: string, objectField: ObjectField): AclList {
  return { name, objectField, match: 'any', check: 'any-or-none' };
}
