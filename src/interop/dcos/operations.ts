/**
 * What is known of requests to DC/OS beyond their routes: how facts that no route can see make a permission exact, and what
 * Mesos is asked after the components in front of it have agreed. Everything here is data; `chain.ts` reads it.
 */

/** `ACTION on ID`. `{x}` is filled in; `[:{x}]` falls away where x is not known, and the id then stands for every value. */
export type Ask = `${string} on ${string}`;

/** How a requirement of the route is made exact. */
export type Refinement =
  /** The id is in the body, or the answer is a list: with the id, that one instead of all. */
  | 'id'
  /** The same, and the target's existence decides between `create` and `update`. */
  | 'existence'
  /** The query decides between a value and a list of names. */
  | 'listing'
  /** The services that there are decide which part of the path is one. */
  | 'endpoint';

export interface Operation {
  /** Absent: any. */
  readonly methods?: readonly string[];
  /** Of the whole decoded path without a slash at its end. A group `app` is a path without its first slash, `job` is dotted. */
  readonly path: RegExp;
  readonly refinement?: Refinement;
  /** The account under which the component goes to Mesos to launch what was asked for. */
  readonly launcher?: 'user:dcos_marathon' | 'user:dcos_metronome';
  /** What Mesos asks of the sender. */
  readonly asks?: readonly Ask[];
  /** A file of Mesos is read: its path in the query decides between the log and a sandbox. */
  readonly fileOf?: 'master' | 'agent';
  /** Calls of the operator API: what is asked depends on the type in the body. */
  readonly calls?: Readonly<Record<string, readonly Ask[]>>;
}

/** What Mesos asks of the account that launches. The second two with a role, the last two with volumes. */
export const launchAsks = {
  always: ['create on dcos:mesos:master:task:user:{user}', 'create on dcos:mesos:master:task:app_id[:{app}]'],
  withRole: ['create on dcos:mesos:master:framework:role:{role}'],
  withVolumes: [
    'create on dcos:mesos:master:reservation:role[:{role}]',
    'create on dcos:mesos:master:volume:role[:{role}]',
  ],
} as const satisfies Readonly<Record<string, readonly Ask[]>>;

/** Mesos asks this where no id is documented. */
export const superuserAsk: Ask = 'full on dcos:superuser';

export const fileAsks = {
  masterLog: ['read on dcos:mesos:master:log'],
  agentLog: ['read on dcos:mesos:agent:log'],
  sandbox: ['read on dcos:mesos:agent:sandbox:app_id[:{app}]'],
} as const satisfies Readonly<Record<string, readonly Ask[]>>;

// ---------------------------------------------------------------- Marathon and Metronome

/** What Marathon is asked to run, or to run again, it launches as itself: what is killed is replaced. */
const launcher = 'user:dcos_marathon';

function marathon(
  methods: string,
  path: string,
  details: Pick<Operation, 'refinement' | 'launcher'>,
): Operation {
  return {
    methods: methods.split(' '),
    path: new RegExp(`^/(?:service/)?marathon/v2/${path}$`),
    ...details,
  };
}

const marathonOperations: readonly Operation[] = [
  marathon('POST', 'apps(?:/(?<app>.+))?/restart', { launcher }),
  marathon('POST', 'apps', { launcher, refinement: 'id' }),
  marathon('POST', 'apps/(?<app>.+)', { launcher }),
  marathon('PUT PATCH', 'apps', { launcher, refinement: 'existence' }),
  marathon('PUT PATCH', 'apps/(?<app>.+)', { launcher, refinement: 'existence' }),
  marathon('DELETE', 'apps(?:/(?<app>.+))?/tasks(?:/[^/]+)?', { launcher }),
  marathon('POST', 'tasks/delete', { launcher, refinement: 'id' }),
  marathon('DELETE', 'queue(?:/(?<app>.+))?/delay', { launcher }),
  marathon('POST', 'pods', { launcher, refinement: 'id' }),
  marathon('POST PUT', 'pods/(?<app>.+)', { launcher }),
  marathon('POST PUT', 'groups(?:/.+)?', { launcher, refinement: 'id' }),
  // Undoing a deployment deploys what was before.
  marathon('DELETE', 'deployments/[^/]+', { launcher, refinement: 'id' }),
  marathon('GET', '(?:apps|pods|groups)', { refinement: 'id' }),
];

const metronomeOperations: readonly Operation[] = [
  { methods: ['GET', 'POST'], path: /^\/service\/metronome\/v1\/jobs$/, refinement: 'id' },
  {
    methods: ['POST'],
    path: /^\/service\/metronome\/v1\/jobs\/(?<job>[^/]+)\/runs$/,
    launcher: 'user:dcos_metronome',
  },
];

// ---------------------------------------------------------------- Mesos

const seeMaster = {
  frameworks: 'read on dcos:mesos:master:framework:role[:{role}]',
  executors: 'read on dcos:mesos:master:executor:app_id[:{app}]',
  tasks: 'read on dcos:mesos:master:task:app_id[:{app}]',
} as const satisfies Readonly<Record<string, Ask>>;

const seeAgent = {
  frameworks: 'read on dcos:mesos:agent:framework:role[:{role}]',
  executors: 'read on dcos:mesos:agent:executor:app_id[:{app}]',
  tasks: 'read on dcos:mesos:agent:task:app_id[:{app}]',
} as const satisfies Readonly<Record<string, Ask>>;

const masterCalls: Readonly<Record<string, readonly Ask[]>> = {
  GET_STATE: Object.values(seeMaster),
  GET_FRAMEWORKS: [seeMaster.frameworks],
  GET_EXECUTORS: [seeMaster.frameworks, seeMaster.executors],
  GET_TASKS: [seeMaster.frameworks, seeMaster.tasks],
  GET_FLAGS: ['read on dcos:mesos:master:flags'],
  READ_FILE: fileAsks.masterLog,
  LIST_FILES: fileAsks.masterLog,
  GET_ROLES: ['read on dcos:mesos:master:weight:role[:{role}]'],
  GET_WEIGHTS: ['read on dcos:mesos:master:weight:role[:{role}]'],
  UPDATE_WEIGHTS: ['update on dcos:mesos:master:weight:role[:{role}]'],
  GET_QUOTA: ['read on dcos:mesos:master:quota:role[:{role}]'],
  SET_QUOTA: ['update on dcos:mesos:master:quota:role[:{role}]'],
  UPDATE_QUOTA: ['update on dcos:mesos:master:quota:role[:{role}]'],
  REMOVE_QUOTA: ['update on dcos:mesos:master:quota:role[:{role}]'],
  RESERVE_RESOURCES: ['create on dcos:mesos:master:reservation:role[:{role}]'],
  UNRESERVE_RESOURCES: ['delete on dcos:mesos:master:reservation:principal[:{principal}]'],
  CREATE_VOLUMES: ['create on dcos:mesos:master:volume:role[:{role}]'],
  DESTROY_VOLUMES: ['delete on dcos:mesos:master:volume:principal[:{principal}]'],
  TEARDOWN: ['delete on dcos:mesos:master:framework:principal[:{principal}]'],
  DEACTIVATE_AGENT: ['update on dcos:mesos:master:agent'],
  REACTIVATE_AGENT: ['update on dcos:mesos:master:agent'],
  DRAIN_AGENT: ['delete on dcos:mesos:master:agent'],
};

/** Debugging asks by the service's path; with a framework that has none it would be by role, and by the Linux user. */
const agentCalls: Readonly<Record<string, readonly Ask[]>> = {
  GET_STATE: Object.values(seeAgent),
  GET_FRAMEWORKS: [seeAgent.frameworks],
  GET_EXECUTORS: [seeAgent.frameworks, seeAgent.executors],
  GET_TASKS: [seeAgent.frameworks, seeAgent.tasks],
  GET_FLAGS: ['read on dcos:mesos:agent:flags'],
  READ_FILE: [...fileAsks.sandbox, ...fileAsks.agentLog],
  LIST_FILES: [...fileAsks.sandbox, ...fileAsks.agentLog],
  GET_CONTAINERS: ['read on dcos:mesos:agent:container:app_id[:{app}]'],
  LAUNCH_NESTED_CONTAINER_SESSION: ['create on dcos:mesos:agent:nested_container_session:app_id[:{app}]'],
  ATTACH_CONTAINER_INPUT: ['update on dcos:mesos:agent:container:app_id[:{app}]'],
  ATTACH_CONTAINER_OUTPUT: ['read on dcos:mesos:agent:container:app_id[:{app}]'],
  GET_RESOURCE_PROVIDERS: ['read on dcos:mesos:agent:resource_provider'],
  ADD_RESOURCE_PROVIDER_CONFIG: ['create on dcos:mesos:agent:resource_provider_config'],
  UPDATE_RESOURCE_PROVIDER_CONFIG: ['update on dcos:mesos:agent:resource_provider_config'],
  REMOVE_RESOURCE_PROVIDER_CONFIG: ['delete on dcos:mesos:agent:resource_provider_config'],
};

type MesosDetails = Pick<Operation, 'asks' | 'fileOf' | 'calls'>;

function master(methods: string, path: string, details: MesosDetails): Operation {
  return mesos('/mesos(?:/master)?', methods, path, details);
}

function agent(methods: string, path: string, details: MesosDetails): Operation {
  return mesos('/(?:agent|slave)/[^/]+(?:/slave\\(1\\))?', methods, path, details);
}

function mesos(base: string, methods: string, path: string, details: MesosDetails): Operation {
  const pattern = { path: new RegExp(`^${base}${path}$`), ...details };
  return methods === 'any' ? pattern : { methods: methods.split(' '), ...pattern };
}

/** The endpoints that Mesos guards by their own path, as both kinds of node have them. */
const guardedPath = '(?:logging/toggle|metrics/snapshot|files/debug)';
const freePath = '(?:|/(?:assets|app|static)(?:/.*)?|/(?:health|version|redirect))';

const mesosOperations: readonly Operation[] = [
  master('GET', freePath, { asks: [] }),
  master('GET', '/(?:state|state\\.json|state-summary|frameworks)', { asks: Object.values(seeMaster) }),
  master('GET', '/tasks(?:\\.json)?', { asks: [seeMaster.frameworks, seeMaster.tasks] }),
  master('GET', '/flags', { asks: masterCalls.GET_FLAGS! }),
  master('GET', '/files/(?:read|download|browse)(?:\\.json)?', { fileOf: 'master' }),
  master('any', `/(?<endpoint>${guardedPath})`, {
    asks: ['read on dcos:mesos:master:endpoint:path:/{endpoint}'],
  }),
  master('GET', '/(?:weights|roles)(?:\\.json)?', { asks: masterCalls.GET_WEIGHTS! }),
  master('PUT', '/weights', { asks: masterCalls.UPDATE_WEIGHTS! }),
  master('GET', '/quota', { asks: masterCalls.GET_QUOTA! }),
  master('POST PUT', '/quota', { asks: masterCalls.UPDATE_QUOTA! }),
  master('DELETE', '/quota(?:/[^/]+)?', { asks: masterCalls.UPDATE_QUOTA! }),
  master('POST', '/reserve', { asks: masterCalls.RESERVE_RESOURCES! }),
  master('POST', '/unreserve', { asks: masterCalls.UNRESERVE_RESOURCES! }),
  master('POST', '/create-volumes', { asks: masterCalls.CREATE_VOLUMES! }),
  master('POST', '/destroy-volumes', { asks: masterCalls.DESTROY_VOLUMES! }),
  master('POST', '/teardown', { asks: masterCalls.TEARDOWN! }),
  master('POST', '/api/v1', { calls: masterCalls }),
  // What is left: maintenance, the schedulers' API, and whatever nobody documented.
  master('any', '(?:/.*)?', { calls: {} }),
  agent('GET', '(?:|/health|/version)', { asks: [] }),
  agent('GET', '/state(?:\\.json)?', { asks: Object.values(seeAgent) }),
  agent('GET', '/flags', { asks: agentCalls.GET_FLAGS! }),
  agent('GET', '/files/(?:read|download|browse)(?:\\.json)?', { fileOf: 'agent' }),
  agent('any', `/(?<endpoint>${guardedPath}|containers|monitor/statistics)(?:\\.json)?`, {
    asks: ['read on dcos:mesos:agent:endpoint:path:/{endpoint}'],
  }),
  agent('POST', '/api/v1', { calls: agentCalls }),
  agent('any', '(?:/.*)?', { calls: {} }),
  // Logs of tasks lie in their sandboxes; those of components do not concern Mesos. A master only says where the task runs.
  {
    path: /^\/system\/v1\/agent\/[^/]+\/logs\/(?:.*\/)?(?:task|framework)\/.*$/,
    asks: fileAsks.sandbox,
  },
  {
    path: /^\/system\/v1\/logs\/(?:.*\/)?(?:task|framework)\/.*$/,
    asks: Object.values(seeMaster),
  },
];

// ---------------------------------------------------------------- all together

/** The first that fits counts. */
export const operations: readonly Operation[] = [
  ...marathonOperations,
  ...metronomeOperations,
  { methods: ['GET'], path: /^\/secrets\/v1\/secret\/default\/.+$/, refinement: 'listing' },
  { path: /^\/service\/(?!marathon(?:\/|$)|metronome(?:\/|$)).+$/, refinement: 'endpoint' },
  ...mesosOperations,
];
