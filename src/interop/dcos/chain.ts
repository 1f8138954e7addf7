import type { Decision, Effect } from '../../decision/decision.ts';
import type { HttpDecision, HttpRequest } from '../../decision/http.ts';
import type { Request } from '../../decision/request.ts';
import { readPath } from '../../evaluate/routes.ts';
import { defaultLinuxUser } from './linux-users.ts';
import {
  type Ask,
  fileAsks,
  launchAsks,
  type Operation,
  operations,
  type Refinement,
  superuserAsk,
} from './operations.ts';

/** What answers the single questions: an `Authorizer`, in the mode that is asked about. */
export interface ChainAuthorizer {
  readonly mode: string | undefined;
  decide(request: Request): Decision;
  authorizeHttp(request: HttpRequest): HttpDecision;
}

export interface ChainRequest extends HttpRequest {
  /** What follows the `?` in the request line, empty where there is none; absent where it is not known. */
  readonly query?: string | undefined;
}

/** What neither method nor path tell. Whatever is absent is not known, and then the wider permission is asked for. */
export interface DeploymentFacts {
  /**
   * The service that the request is about, `/prod/web`, or the job, `dev.batch`, where the path does not name it. A request
   * about several is asked about once for each.
   */
  readonly appId?: string;
  /** Whether it exists already. */
  readonly exists?: boolean;
  /** As whom its tasks run; absent: the default of the mode. */
  readonly linuxUser?: string;
  /** The Mesos role of its framework. */
  readonly role?: string;
  /** The account that registered a framework, reserved resources or made volumes. */
  readonly principal?: string;
  /** It keeps data on disks of the agents. */
  readonly volumes?: boolean;
  /** The services behind Admin Router's `/service/`, as its ids name them. */
  readonly endpoints?: readonly string[];
  /** The type of a call to the operator API of Mesos, `ATTACH_CONTAINER_INPUT`. */
  readonly call?: string;
}

export type Component =
  | 'Admin Router'
  | 'Marathon'
  | 'Metronome'
  | 'Secret Store'
  | 'IAM'
  | 'cluster linker'
  | 'Mesos master'
  | 'Mesos agent';

export interface ChainStep {
  /** Who needs the permission; absent for a request without a token. */
  readonly asker?: string;
  /** Whose check it is; absent for resources that are not of DC/OS. */
  readonly asked?: Component;
  readonly action: string;
  readonly resource: string;
  /** With the reason `not-enforced` where the component does not check in this mode. */
  readonly decision: Decision;
}

export interface ChainDecision {
  readonly decision: Effect;
  /** That of the first step that is denied, else of the last. `no-token`: Admin Router lets nobody in without one. */
  readonly reason: HttpDecision['reason'] | 'no-token';
  /** What is malformed: for people, not a contract. */
  readonly detail?: string;
  /** In the order in which they are asked. All are answered, also behind one that is denied. */
  readonly steps: readonly ChainStep[];
}

/**
 * Follows an HTTP request to DC/OS through everything that has a say: Admin Router and the component behind it, by the
 * routes of the policy set (S65 to S67), then Mesos, which Marathon and Metronome ask in their own name and which answers
 * for task state, sandboxes and logs to the sender. The answer is the conjunction. Nothing is granted that `authorizeHttp`
 * denies, unless a fact makes exact what the route had to ask too widely.
 *
 * For requests to anything else it is `authorizeHttp`.
 */
export function decideChain(
  authorizer: ChainAuthorizer,
  request: ChainRequest,
  facts: DeploymentFacts = {},
): ChainDecision {
  const { query, ...http } = request;
  const answer = authorizer.authorizeHttp(http);
  const target = readPath(request.path);
  if (answer.requirements.length === 0 || target === undefined) return withoutSteps(answer, http, authorizer);
  const path = `/${target.segments.join('/')}`;
  const isDcos = answer.requirements.some(({ resource }) => resource.startsWith('dcos:'));
  const found = isDcos ? findOperation(request.method, path) : undefined;
  const context: Context = { authorizer, request, facts, path, query, ...found };
  return conclude(request.subject, [...askOnTheWay(answer, context), ...askMesos(context)]);
}

interface Context {
  readonly authorizer: ChainAuthorizer;
  readonly request: ChainRequest;
  readonly facts: DeploymentFacts;
  readonly path: string;
  readonly query: string | undefined;
  readonly operation?: Operation;
  /** What the pattern of the operation takes from the path. */
  readonly captured?: Readonly<Record<string, string | undefined>>;
}

function findOperation(method: string, path: string): Pick<Context, 'operation' | 'captured'> | undefined {
  for (const operation of operations) {
    if (operation.methods?.includes(method) === false) continue;
    const match = operation.path.exec(path);
    if (match !== null) return { operation, captured: match.groups ?? {} };
  }
  return undefined;
}

function withoutSteps(
  { decision, reason }: HttpDecision,
  { path, subject, groups, attributes, context }: HttpRequest,
  authorizer: ChainAuthorizer,
): ChainDecision {
  // Of the sender the engine says itself what is wrong.
  const sender = authorizer.decide({ subject, groups, attributes, context, action: 'any' });
  const fault = sender.reason === 'malformed' ? sender.detail : describePath(path);
  const detail = reason === 'malformed' ? fault : undefined;
  return { decision, reason, ...(detail === undefined ? {} : { detail }), steps: [] };
}

/** What people most often get wrong, the first that fits (S65, S66). */
const pathFaults: readonly (readonly [RegExp, string])[] = [
  [/^(?!\/)/, 'the path does not begin with `/`'],
  [/[?#]/, 'the path has a query or fragment'],
  [/\\|%5c/i, 'the path has a backslash'],
  [/%2f/i, 'the path has an encoded `/`'],
  [/\/\//, 'the path has an empty segment: write one `/`'],
  [/\/(?:\.|%2e){1,2}(?:\/|;|$)/i, 'the path has a dot segment'],
  [/.\/$/, 'the path ends with `/`, which its route does not take'],
  [/:|%3a|%25(?:2f|5c)/i, 'the path has a `:` or a twice encoded `/` where an id is made of it'],
];

function describePath(path: unknown): string | undefined {
  if (typeof path !== 'string') return undefined;
  return pathFaults.find(([pattern]) => pattern.test(path))?.[1];
}

/** These let nobody in without a token, whatever `anyone` is allowed. */
const needsToken = /^dcos:(?:adminrouter|secrets|superuser|cluster)\b/;

function conclude(subject: string | undefined, steps: readonly ChainStep[]): ChainDecision {
  if (subject === undefined && steps.some(({ resource }) => needsToken.test(resource)))
    return { decision: 'deny', reason: 'no-token', steps };
  const deciding = steps.find(({ decision }) => decision.decision === 'deny') ?? steps.at(-1)!;
  return { decision: deciding.decision.decision, reason: deciding.decision.reason, steps };
}

// ---------------------------------------------------------------- Admin Router and what is behind it

interface Permission {
  readonly action: string;
  readonly resource: string;
}

/** What the route requires, made exact as far as the facts go. */
function askOnTheWay(answer: HttpDecision, context: Context): ChainStep[] {
  const required: readonly Permission[] = answer.requirements;
  const refinement = context.operation?.refinement;
  const exact = refinement === undefined ? required : refinements[refinement](required, context);
  // The same permission keeps the decision that it has.
  return exact.map((permission) => {
    const { request, path } = context;
    const known = answer.requirements.find((each) => isSame(each, permission));
    const decision = known?.decision ?? decideAsSender(permission, context);
    return stepOf(request.subject, ownerOf(permission.resource, path), permission, decision);
  });
}

const refinements: Readonly<
  Record<Refinement, (required: readonly Permission[], context: Context) => readonly Permission[]>
> = {
  id: nameTarget,
  existence: (required, context) => chooseByExistence(nameTarget(required, context), context),
  listing: chooseByQuery,
  endpoint: resolveEndpoint,
};

/** The ids for all services and all jobs, with what joins a single one to them. */
const wholes: Readonly<Record<string, string>> = {
  'dcos:service:marathon:marathon:services:/': 'dcos:service:marathon:marathon:services:',
  'dcos:service:metronome:metronome:jobs': 'dcos:service:metronome:metronome:jobs:',
};

function nameTarget(required: readonly Permission[], { facts }: Context): readonly Permission[] {
  if (facts.appId === undefined) return required;
  return required.map((permission) => {
    const before = Object.hasOwn(wholes, permission.resource) ? wholes[permission.resource] : undefined;
    return before === undefined ? permission : { ...permission, resource: before + facts.appId };
  });
}

/** `create` of what is new; everything else of what is there. A route that asks for neither stays as it is. */
function chooseByExistence(
  required: readonly Permission[],
  { facts: { exists } }: Context,
): readonly Permission[] {
  const isCreate = ({ action }: Permission) => action === 'create';
  const ofService = required.filter(({ resource }) => resource.startsWith('dcos:service:'));
  if (exists === undefined || !ofService.some(isCreate) || ofService.every(isCreate)) return required;
  return required.filter((each) => !ofService.includes(each) || isCreate(each) !== exists);
}

/** `?list=true` asks for names, a query without `list` for a value; with anything else both are asked for. */
function chooseByQuery(required: readonly Permission[], { query }: Context): readonly Permission[] {
  const lists = query === undefined ? undefined : valuesOf(query, 'list');
  if (lists === undefined || lists.length > 1 || (lists.length === 1 && lists[0] !== 'true')) return required;
  const [names, values] = ['dcos:secrets:list:default:/', 'dcos:secrets:default:/'];
  const [kept, dropped] = lists.length === 1 ? [names, values] : [values, names];
  if (!required.some(({ resource }) => resource.startsWith(kept))) return required;
  return required.filter(({ resource }) => !resource.startsWith(dropped));
}

/** Undefined if it may be read in another way than we do: some servers part at `;` too. */
function valuesOf(query: string, name: string): readonly string[] | undefined {
  return query.includes(';') ? undefined : new URLSearchParams(query).getAll(name);
}

/** Admin Router looks at so many segments. */
const mostSegments = 10;

/** The first service from the left; where there is none, nobody but a superuser gets to know that. */
function resolveEndpoint(required: readonly Permission[], { facts, path }: Context): readonly Permission[] {
  const segments = path.split('/').slice(2, 2 + mostSegments);
  const prefix = 'dcos:adminrouter:service:';
  const names = segments.map((_, i) => segments.slice(0, i + 1).join('/'));
  // Only what the shipped routes say: a route of somebody's own knows better.
  const isEveryName =
    required.length === names.length && required.every(({ resource }, i) => resource === prefix + names[i]);
  if (facts.endpoints === undefined || !isEveryName) return required;
  const endpoint = names.find((name) => facts.endpoints!.includes(name));
  return [{ action: 'full', resource: endpoint === undefined ? 'dcos:superuser' : prefix + endpoint }];
}

// ---------------------------------------------------------------- Mesos

function askMesos(context: Context): ChainStep[] {
  const { operation, facts } = context;
  if (operation === undefined) return [];
  if (operation.launcher !== undefined) return askForLaunch(operation.launcher, context);
  const asks = operation.asks ?? asksForFile(context) ?? asksForCall(operation, facts, context);
  return asks.map((ask) => {
    const permission = fillIn(ask, context);
    const asked = ownerOf(permission.resource, context.path);
    return stepOf(context.request.subject, asked, permission, decideAsSender(permission, context));
  });
}

/** The account asks for itself: groups and context are the sender's, and do not come along. */
function askForLaunch(launcher: string, context: Context): ChainStep[] {
  const { facts, authorizer } = context;
  const asks: readonly Ask[] = [
    ...launchAsks.always,
    ...(facts.role === undefined ? [] : launchAsks.withRole),
    ...(facts.volumes === true ? launchAsks.withVolumes : []),
  ];
  return asks.map((ask) => {
    const permission = fillIn(ask, context);
    const decision = authorizer.decide({ subject: launcher, ...permission });
    return stepOf(launcher, 'Mesos master', permission, decision);
  });
}

function asksForFile({ operation, query }: Context): readonly Ask[] | undefined {
  if (operation?.fileOf === undefined) return undefined;
  if (operation.fileOf === 'master') return fileAsks.masterLog;
  const paths = query === undefined ? undefined : valuesOf(query, 'path');
  if (paths?.length === 1 && agentLog.test(paths[0]!)) return fileAsks.agentLog;
  if (paths?.length === 1 && sandbox.test(paths[0]!)) return fileAsks.sandbox;
  return [...fileAsks.sandbox, ...fileAsks.agentLog];
}

const agentLog = /^\/(?:slave|agent)\/log$/;
/** No empty segments and no dots: it is what it looks like. */
const sandbox = /^(?!.*\/(?:\/|\.{1,2}(?:\/|$)))\/(?:.*\/)?frameworks\/./;

function asksForCall({ calls }: Operation, { call }: DeploymentFacts, context: Context): readonly Ask[] {
  if (calls === undefined) return [];
  if (call !== undefined && Object.hasOwn(calls, call)) return calls[call]!;
  // No id is documented for it. Where Mesos does not check at all, it does not check for superusers either.
  return isMesosOpen(context) ? [] : [superuserAsk];
}

function isMesosOpen(context: Context): boolean {
  const permission = { action: 'read', resource: 'dcos:mesos:master:log' };
  return decideAsSender(permission, context).reason === 'not-enforced';
}

/** Without a mode everything is enforced, as in strict. */
function defaultUser(mode: string | undefined): string {
  const known = mode === 'permissive' || mode === 'disabled' ? mode : 'strict';
  return defaultLinuxUser({ containerizer: 'mesos', of: 'task', mode: known });
}

function fillIn(ask: Ask, { facts, captured = {}, authorizer }: Context): Permission {
  const [action, template] = ask.split(' on ') as [string, string];
  const values: Readonly<Record<string, string | undefined>> = {
    app: appOf(captured, facts),
    role: facts.role,
    principal: facts.principal,
    user: facts.linuxUser ?? defaultUser(authorizer.mode),
    endpoint: captured.endpoint,
  };
  const resource = template.replace(
    /\[:\{(\w+)\}\]|\{(\w+)\}/g,
    (_, optional?: string, required?: string) => {
      if (optional === undefined) return values[required!] ?? '';
      return values[optional] === undefined ? '' : `:${values[optional]}`;
    },
  );
  return { action, resource };
}

/** Mesos knows jobs by slashes, as it does services. */
function appOf(
  { app, job }: Readonly<Record<string, string | undefined>>,
  { appId }: DeploymentFacts,
): string | undefined {
  if (job !== undefined) return `/${job.replaceAll('.', '/')}`;
  return app === undefined ? appId : `/${app}`;
}

// ---------------------------------------------------------------- steps

function decideAsSender({ action, resource }: Permission, { authorizer, request }: Context): Decision {
  const { subject, groups, attributes, context } = request;
  return authorizer.decide({ subject, groups, attributes, context, action, resource });
}

function stepOf(
  asker: string | undefined,
  asked: Component | undefined,
  { action, resource }: Permission,
  decision: Decision,
): ChainStep {
  return {
    ...(asker === undefined ? {} : { asker }),
    ...(asked === undefined ? {} : { asked }),
    action,
    resource,
    decision,
  };
}

function isSame(a: Permission, b: Permission): boolean {
  return a.action === b.action && a.resource === b.resource;
}

const owners: readonly (readonly [RegExp, Component])[] = [
  [/^dcos:adminrouter:/, 'Admin Router'],
  [/^dcos:service:marathon:/, 'Marathon'],
  [/^dcos:service:metronome:/, 'Metronome'],
  [/^dcos:secrets:/, 'Secret Store'],
  [/^dcos:cluster:/, 'cluster linker'],
  [/^dcos:mesos:master:/, 'Mesos master'],
  [/^dcos:mesos:agent:/, 'Mesos agent'],
];

/** Who asks for a superuser shows the path alone. */
const superuserOwners: readonly (readonly [RegExp, Component])[] = [
  [/^\/(?:service\/)?marathon\//, 'Marathon'],
  [/^\/service\/metronome\//, 'Metronome'],
  [/^\/secrets\//, 'Secret Store'],
  [/^\/acs\//, 'IAM'],
  [/^\/cluster\//, 'cluster linker'],
  [/^\/mesos(?:\/|$)/, 'Mesos master'],
  [/^\/(?:agent|slave)\//, 'Mesos agent'],
  [/^/, 'Admin Router'],
];

function ownerOf(resource: string, path: string): Component | undefined {
  if (resource === 'dcos:superuser') return superuserOwners.find(([pattern]) => pattern.test(path))?.[1];
  return owners.find(([pattern]) => pattern.test(resource))?.[1];
}
