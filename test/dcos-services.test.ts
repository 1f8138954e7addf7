// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of shell scripts, as the fixture has them
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createShippedImporter } from '../src/files/importer.ts';
import { Authorizer, type BuildResult, build, type Importer } from '../src/index.ts';
import type { Template, TemplateElement } from '../src/model/model.ts';
import { createReference } from '../src/reference/reference.ts';
import type { RoleStatement } from '../src/syntax/ast.ts';
import { parse } from '../src/syntax/parser.ts';

/**
 * The roles of `postern:dcos/services`, held against what guides, installers and tests of DC/OS really grant. A row of the
 * table names roles and the place where such grants are written down. The roles must allow all of them, and must name
 * nothing that is not among them, unless the row says why. No grant of the fixture is left out without a reason either.
 */

/** A permission as `<action> <resource>`. */
type Permission = string;
type Reasons = Readonly<Record<string, readonly Permission[]>>;

interface Row {
  /** Roles with their arguments, all granted to the account of the guide. */
  readonly roles: readonly string[];
  /** `context` of the grants in the fixture. */
  readonly from: readonly string[];
  /** As written there; the empty text where the guide names none. */
  readonly principal: string;
  /** How many grants that are. */
  readonly count: number;
  /** What the roles name although no unflagged grant does, by reason. */
  readonly extras?: Reasons;
  /** Grants that the roles leave out, by reason. */
  readonly without?: Reasons;
}

/** One line of the fixture. */
interface RecordedGrant {
  readonly principal: string;
  readonly resource: string;
  readonly action: string;
  readonly context: string;
  readonly suspect?: string;
}

const flaggedRead = 'recorded, but flagged: at most the reference of 1.10 lists reading there';
const flaggedFull = 'recorded as `full` and flagged: this is what there is to be done with it';
const flaggedElse = 'recorded, but flagged: the line has another flaw';
/** These are held against the fixture: each with the action that the flagged line has, if it is always the same. */
const flaggedReasons = [
  [flaggedRead, 'read'],
  [flaggedFull, 'full'],
  [flaggedElse, undefined],
] as const;
const forStrict = 'the guide stops at permissive mode; strict wants it';
const elsewhere = 'the same guide grants it in another place';
const wholeFolder = 'the folder, where the guide names one secret in it';
const wholeService = 'the way to it, which goes without saying in the guide';
const noSuperuser = 'no role makes a superuser';
const tooWide = 'every service of the cluster, which the account has no use for';
const gone = 'the id is gone since 1.13';

const sdk = 'sdk include templates';
const ably = 'github ably77/dcos-se';
const training = 'github djannot/dcos-kubernetes-training';
const alvarc = 'github alvarc1/dcos_k8s_deployment';
const spark = 'github mesosphere/spark-build';
const gui = 'gui-permissions / gui-permissions';
const nested = 'marathon-on-marathon / marathon-on-marathon';
const groups = 'service-groups access';

const rows: readonly Row[] = [
  // ------------------------------------------------------------------------------------------- Stateful services
  dataService('kafka / kafka-auth', '<service-account-id>', 'kafka-role'),
  dataService('kafka / security', 'kafka', 'service-role'),
  dataService('kafka / service-auth/kafka-auth', 'kafka-principal', 'kafka-role'),
  dataService('cassandra / cass-auth', '<service-account-id>', 'cassandra-role'),
  dataService('cassandra / security', 'cassandra', 'service-role'),
  dataService('cassandra / service-auth/cass-auth', 'cassandra-principal', 'cassandra-role'),
  dataService(
    'confluent-zookeeper / confluent-zookeeper-auth',
    '<service-account-id>',
    'confluent-zookeeper-role',
  ),
  dataService('confluent-zookeeper / security', 'confluent-zookeeper', 'service-role'),
  dataService('kafka-zookeeper / kafka-zookeeper-auth', '<service-account-id>', 'kafka-zookeeper-role'),
  dataService('kafka-zookeeper / security', 'kafka-zookeeper', 'service-role'),
  dataService('elastic / elastic-auth', '<service-account-id>', 'elastic-role'),
  dataService('nifi / security', 'nifi', 'service-role'),
  dataService(`${sdk} / security-create-permissions.tmpl`, '<packageName>', 'service-role'),
  dataService(`${sdk} / security-create-permissions.tmpl`, '<service-account-id>', 'packagename-role'),
  dataService(
    'sdk test harness / old setup_permissions script',
    '${SERVICE_ACCOUNT_NAME}',
    'role',
    'linux-user',
  ),
  dataService(
    'sdk test harness / sdk_security default permissions',
    '<service-account>',
    'role',
    'linux-user',
  ),
  {
    roles: ['data-service(service-account, folder-role, user)', 'service-tls(service-name)'],
    from: ['nifi / security'],
    principal: '${SERVICE_ACCOUNT}',
    count: 10,
  },
  ...[
    'kafka / security',
    'cassandra / security',
    'nifi / security',
    'elastic / security',
    'couchbase / security',
  ]
    .concat('dse / security', `${sdk} / security-configure-transport-encryption.tmpl`)
    .map((context) => ({
      roles: ['service-tls(service-name)'],
      from: [context],
      principal: '',
      count: 5,
      without: { [noSuperuser]: ['full dcos:superuser'] },
    })),
  {
    roles: ['service-tls(service)'],
    from: ['sdk test harness / transport encryption setup'],
    principal: '<service>-service-account',
    count: 4,
  },
  ...['configure-dcos-access <packageName>', 'install <serviceName>'].map((place) => {
    const [page, name] = place.split(' ') as [string, string];
    const service = plain(name);
    return {
      roles: monitoring(`${service}-principal`, service),
      from: [`dcos-monitoring / ${page}`],
      principal: `${name}-principal`,
      count: 14,
      extras: { [flaggedRead]: publicReads(`${service}-role`) },
    };
  }),
  {
    roles: [
      ...monitoring('dcos-monitoring-principal', 'dcos-monitoring'),
      'catalogue-user',
      'service-client(dcos-monitoring)',
    ],
    from: ['dcos-monitoring / install'],
    principal: 'dcos-monitoring-principal',
    count: 18,
    extras: {
      [flaggedRead]: publicReads('dcos-monitoring-role'),
      [wholeService]: ['read dcos:service:marathon:marathon:services:/dcos-monitoring'],
    },
    without: { [tooWide]: ['full dcos:service:marathon:marathon:services:/'] },
  },

  // -------------------------------------------------------------------------------------------------- Kubernetes
  kubernetesCluster('kubernetes / creating-clusters', 'kubernetes-cluster1'),
  kubernetesCluster('kubernetes / creating-clusters', 'kubernetes-cluster2'),
  kubernetesCluster(`${ably} / Kubernetes/mke/README`, 'kubernetes-cluster1'),
  kubernetesCluster(`${ably} / Kubernetes/mke/README`, 'kubernetes-cluster2'),
  kubernetesCluster(`${ably} / hybridcloud/hybrid-k8s/permissions-awseast`, 'kubernetes-awseast'),
  kubernetesCluster(`${ably} / hybridcloud/hybrid-k8s/permissions-awswest`, 'kubernetes-awswest'),
  kubernetesCluster(`${alvarc} / permissions-kubernetes-cluster`, '$SERVICE_ACCOUNT'),
  { ...kubernetesCluster('kubernetes / operations/customizing-install', '<service name>'), principal: '' },
  {
    ...kubernetesCluster(`${ably} / Kubernetes/1.10.3-Kubernetes/kubernetes-proxy/permissions`, 'kubernetes'),
    count: 16,
    without: {
      [tooWide]: ['create', 'delete'].map((action) => `${action} dcos:service:marathon:marathon:services:/`),
    },
  },
  {
    roles: ['service-name', 'kubernetes-cluster'].map(
      (name) => `kubernetes-cluster(${name}, ${name}-role, ${name})`,
    ),
    from: ['kubernetes / provision-install/installing-clusters'],
    principal: 'kubernetes',
    count: 20,
    extras: {
      [flaggedRead]: [
        ...publicReads('service-name-role'),
        ...publicReads('kubernetes-cluster-role').slice(1),
      ],
      // Granted there to the account `kubernetes`, whom it does not help.
      [flaggedElse]: ['service-name', 'kubernetes-cluster'].flatMap((name) => [
        `delete dcos:mesos:master:reservation:principal:${name}`,
        `delete dcos:mesos:master:volume:principal:${name}`,
      ]),
    },
  },
  {
    roles: ['dev', 'dev__kubernetes-cluster-role', 'slave_public/dev'].map(
      (role) => `reserve-resources(service-account, ${role})`,
    ),
    from: ['kubernetes / operations/quota-support'],
    principal: '<service-account>',
    count: 3,
    extras: { [elsewhere]: ['delete dcos:mesos:master:reservation:principal:service-account'] },
  },
  {
    roles: ['kubernetes-cluster(serviceaccount, role, clusterpath)', 'run-tasks-as(nobody)'],
    from: [`${training} / labs/windows_WIP/lab1_deploying_kubernetes`],
    principal: '%serviceaccount%',
    count: 14,
    extras: {
      [flaggedRead]: publicReads('role'),
      [flaggedFull]: ['read dcos:secrets:list:default:/clusterpath'],
    },
  },
  {
    roles: ['kubernetes-cluster(serviceaccount, role, clusterpath)', 'run-tasks-as(nobody)'],
    from: [`${training} / scripts/deploy-kubernetes-cluster`],
    principal: '${serviceaccount}',
    count: 12,
    extras: {
      [flaggedRead]: publicReads('role'),
      [flaggedFull]: ['read dcos:secrets:list:default:/clusterpath'],
      [elsewhere]: ['full dcos:adminrouter:ops:ca:ro', 'full dcos:adminrouter:ops:ca:rw'],
    },
  },
  {
    roles: ['data-service(serviceaccount, role, nobody)', 'service-tls(servicepath)'],
    from: [`${training} / scripts/grant-permissions`],
    principal: '${SERVICEACCOUNT}',
    count: 9,
    extras: { [flaggedFull]: ['read dcos:secrets:list:default:/servicepath'] },
  },
  {
    roles: ['use-public-agents(role)', 'run-tasks-as(root)'],
    from: [`${training} / student/setup-kubernetes-cluster-permissions`],
    principal: '${SERVICEACCOUNT}',
    count: 5,
    extras: { [flaggedRead]: publicReads('role') },
  },
  {
    roles: ['kubernetes-manager(kubernetes, kubernetes-role)'],
    from: ['kubernetes / installing-mke'],
    principal: 'kubernetes',
    count: 4,
  },
  ...[`${alvarc} / permissions-mke`, `${training} / scripts/deploy-kubernetes-mke`].map((context) => ({
    roles: ['kubernetes-manager(kubernetes, kubernetes-role)'],
    from: [context],
    principal: 'kubernetes',
    count: 3,
    extras: {
      'the guide of the package has it: without it nothing reserved is ever given back': [
        'delete dcos:mesos:master:reservation:principal:kubernetes',
      ],
    },
  })),

  // ------------------------------------------------------------------------------------------------------ Edge-LB
  {
    roles: ['edge-lb(edge-lb-principal, dcos-edgelb)', 'edge-lb-pool(dcos-edgelb, pool-name)'],
    from: ['edge-lb / installing'],
    principal: 'edge-lb-principal',
    count: 10,
    extras: {
      [flaggedFull]: edgeLbOnMesos('edge-lb-principal'),
      [flaggedElse]: ['read dcos:secrets:list:default:/dcos-edgelb'],
      'the service of the group `dcos-edgelb`, which covers it': [
        'full dcos:service:marathon:marathon:services:/dcos-edgelb/pools/pool-name',
      ],
    },
  },
  {
    roles: ['edge-lb(edge-lb-principal, dcos-edgelb)'],
    from: ['edge-lb / reference/permissions'],
    principal: '',
    count: 4,
    extras: {
      [flaggedFull]: edgeLbOnMesos('edge-lb-principal'),
      [flaggedElse]: ['read dcos:secrets:list:default:/dcos-edgelb'],
      [elsewhere]: ['package', 'service:marathon', 'service:edgelb', 'service:dcos-edgelb/pools'].map(
        (id) => `full dcos:adminrouter:${id}`,
      ),
    },
  },
  {
    roles: [
      'edge-lb(serviceaccount, path)',
      'edge-lb-pool(path, all)',
      'edge-lb-pool(path, dklb)',
      'secret-administrator(path/pools)',
    ],
    from: [`${training} / scripts/deploy-edgelb`],
    principal: '${serviceaccount}',
    count: 9,
    extras: {
      [flaggedFull]: edgeLbOnMesos('serviceaccount'),
      [flaggedElse]: ['read dcos:secrets:list:default:/path/pools'],
      'the service of the group, which covers it': [
        'full dcos:service:marathon:marathon:services:/path/pools/all',
        'full dcos:service:marathon:marathon:services:/path/pools/dklb',
      ],
      'the guide of the package has it; this one puts its secrets one folder deeper': [
        'full dcos:adminrouter:service:path/pools',
        'full dcos:secrets:default:/path/*',
        'read dcos:secrets:list:default:/path',
      ],
    },
  },
  ...[
    {
      context: `${training} / instructor_automated`,
      principal: 'dcos-edgelb',
      path: 'edgelb',
      pool: 'dklbi',
    },
    {
      context: 'dcos-monitoring / configuring-edge-lb',
      principal: 'edge-lb-principal',
      path: 'dcos-edgelb',
      pool: 'grafana-lb',
    },
  ].map(({ context, principal, path, pool }) => ({
    roles: [`edge-lb-pool(${path}, ${pool})`],
    from: [context],
    principal,
    count: 1,
    extras: { [elsewhere]: [`full dcos:service:marathon:marathon:services:/${path}/pools/${pool}`] },
  })),
  {
    roles: ['edge-lb-user', 'edge-lb-pool(dcos-edgelb, pool-name)'],
    from: ['', '/dcos-edgelb-cleanup', '/dcos-edgelb-update'].map(
      (page) => `edge-lb / reference/cli-reference${page}`,
    ),
    principal: '',
    count: 5,
    extras: { [elsewhere]: ['full dcos:adminrouter:service:dcos-edgelb/pools/pool-name'] },
  },
  {
    roles: ['catalogue-user'],
    from: ['edge-lb / reference/permissions'],
    principal: 'patsmith',
    count: 1,
  },
  {
    roles: ['marathon-follower'],
    from: ['edge-lb / edge-lb/auth'],
    principal: 'edgelb-principal',
    count: 2,
  },
  {
    roles: ['marathon-follower'],
    from: ['sdk test harness / backup test marathon-lb'],
    principal: 'marathon-lb-sa',
    count: 2,
  },

  // -------------------------------------------------------------------------- Spark, and frameworks that keep nothing
  ...['spark / install', `${spark} / docs/install`].map((context) => ({
    roles: ['spark-service(spark-service-role, user, service-name)'],
    from: [context],
    principal: '<service-account>',
    count: 3,
  })),
  {
    roles: ['spark-service("*", root, spark)', 'run-tasks-as(nobody)'],
    from: ['spark / install'],
    principal: 'spark-principal',
    count: 4,
  },
  {
    roles: ['spark-service("*", root, spark)'],
    from: [`${spark} / docs/install`],
    principal: 'spark-principal',
    count: 3,
  },
  {
    roles: ['spark-service("*", nobody, spark)'],
    from: ['spark / spark-auth'],
    principal: '<service-account-id>',
    count: 3,
  },
  {
    roles: ['run-tasks-under(service-name)'],
    from: [`${spark} / spark_utils launch permission`],
    principal: '<spark-service-account>',
    count: 1,
  },
  {
    roles: ['stateless-framework(role, root)'],
    from: ['spark / security'],
    principal: '${SERVICE_ACCOUNT_NAME}',
    count: 2,
  },
  { roles: ['service-client(spark)'], from: ['spark / spark-auth'], principal: '', count: 3 },

  // ------------------------------------------------------------------------------------------ Single building blocks
  ...[
    ['spark / install', 'dcos_marathon', 'nobody'],
    ['spark / spark-auth', 'dcos_marathon', 'root'],
    [`${spark} / docs/install`, 'dcos_marathon', 'root'],
    ['sdk test harness / sdk_security default permissions', 'dcos_marathon', 'root'],
    ['marathon system tests / marathon-on-marathon EE', 'dcos_marathon', 'root'],
    [`${training} / scripts/deploy-portworx`, 'dcos_marathon', 'root'],
    [`${alvarc} / kubectl_config`, 'kubernetes-cluster1', 'root'],
    [`${ably} / hybridcloud/hybrid-k8s/permissions-mke`, 'kubernetes', 'nobody'],
  ].map(([context, principal, user]) => ({
    roles: [`run-tasks-as(${user})`],
    from: [context!],
    principal: principal!,
    count: 1,
  })),
  ...[
    ['package-registry / package-registry', 'registry-account'],
    [`${ably} / dcos_packaging/Install_Registry`, 'registry-account'],
    ['sdk test harness / package registry', 'pkg-reg-uid-<random>'],
    ['sdk test harness / tls developer guide', ''],
  ].map(([context, principal]) => ({
    roles: ['sign-certificates'],
    from: [context!],
    principal: principal!,
    count: 1,
  })),

  // ----------------------------------------------------------------------------------------- Marathon on Marathon
  ...[
    { context: `${nested}/advanced`, principal: '${SERVICE_ACCOUNT_ID}', role: 'mesos-role' },
    { context: `${nested}/advanced`, principal: '${SERVICE_ACCOUNT}', role: 'mesos-role' },
    { context: `${nested}/advanced`, principal: '<service-account-id>', role: 'myrole' },
    { context: `${nested}/basic`, principal: '<uid>', role: 'myrole' },
    { context: `${nested}/basic`, principal: '<user-name>', role: 'myrole' },
  ].map(({ context, principal, role }) => ({
    roles: [`nested-marathon(${plain(principal)}, ${role}, nobody)`],
    from: [context],
    principal,
    count: 7,
  })),
  ...[
    {
      page: 'advanced',
      principal: '${USER_ACCOUNT}',
      names: ['marathon-instance-name', 'mesos-role', 'child-service-name'] as const,
      isWithRoot: true,
    },
    {
      page: 'basic',
      principal: '',
      names: ['service-name', 'myrole', 'service-or-group'] as const,
      isWithRoot: false,
    },
  ].flatMap(({ page, principal, names: [instance, role, path], isWithRoot }) => [
    {
      roles: [`nested-marathon-administrator(${instance}, ${role})`],
      from: [`${nested}/${page}`],
      principal,
      count: 16,
      extras: {
        [flaggedRead]: [
          `read dcos:mesos:master:framework:role:${role}`,
          'read dcos:mesos:master:task:app_id:/',
        ],
        'the longer guide has them': isWithRoot ? [] : instanceInRoot(instance),
      },
    },
    {
      roles: [`nested-marathon-tenant(${instance}, ${role}, ${path})`],
      from: [`${nested}/${page}`],
      principal,
      count: 16,
      extras: {
        [flaggedRead]: [
          `read dcos:mesos:master:framework:role:${role}`,
          `read dcos:mesos:master:task:app_id:/${path}`,
        ],
      },
      without: {
        'for all of the instance, and the instance itself, there is `nested-marathon-administrator`': [
          ...(isWithRoot ? instanceInRoot(instance) : []),
          `full dcos:service:marathon:${instance}:services:/`,
          ...['master:executor', 'agent:executor', 'agent:task', 'agent:sandbox'].map(
            (row) => `read dcos:mesos:${row}:app_id:/`,
          ),
        ],
      },
    },
  ]),

  // ----------------------------------------------------------------------------------------- Tenants and operators
  {
    roles: ['service-installer(testing)'],
    from: [
      ...[
        'kafka',
        'nifi',
        'elastic',
        'couchbase',
        'dse',
        'confluent-zookeeper',
        'kafka-zookeeper',
        'prometheus',
      ].map((name) => `${name} / configuration`),
      ...['kafka', 'nifi', 'elastic', 'dse'].map((name) => `${name} / install`),
      'cassandra / index',
      'prometheus / version_tbd/overview',
      'ops-guide / overview',
      'sdk test harness / multi-tenant install doc',
      `${sdk} / configuration-install-with-options.tmpl`,
      `${sdk} / install2.tmpl`,
      'secrets pages / secrets/use-secrets',
    ],
    principal: '',
    count: 48,
  },
  {
    roles: ['service-tenant(core-dev)'],
    from: [`${groups} / permissions/service-groups`],
    principal: 'alice',
    count: 9,
    extras: { [flaggedRead]: tenantReads('core-dev') },
  },
  {
    roles: ['service-tenant(core-dev)'],
    from: [`${groups} / permissions/service-groups`],
    principal: '',
    count: 5,
    extras: {
      [flaggedRead]: tenantReads('core-dev').slice(1),
      [elsewhere]: [
        ...['service:marathon', 'ops:mesos', 'ops:slave'].map((id) => `full dcos:adminrouter:${id}`),
        'read dcos:mesos:master:framework:role:slave_public',
        'read dcos:mesos:agent:framework:role:slave_public',
      ],
    },
  },
  ...[
    {
      principal: '',
      count: 30,
      paths: ['gid', 'gid/service-name', 'group-name', 'group-name/service-name', 'service-name'],
    },
    { principal: '<uid>', count: 19, paths: ['group', 'group/service-name', 'service-name'] },
    { principal: '<user-name>', count: 19, paths: ['group', 'group/service-name', 'service-name'] },
  ].map(({ principal, count, paths }) => ({
    roles: paths.map((path) => `service-tenant(${path})`),
    from: [`${groups} / service-groups`],
    principal,
    count,
    extras: { [flaggedRead]: tenantReads(...paths) },
  })),
  ...['', '<user-name>'].map((principal) => ({
    roles: ['job-tenant(job-group.job-name, job-group/job-name)'],
    from: [`${nested}/advanced`],
    principal,
    count: principal === '' ? 6 : 8,
    extras: {
      [flaggedRead]: [
        'read dcos:mesos:master:framework:role:*',
        'read dcos:mesos:master:task:app_id:/job-group/job-name',
      ],
      'recorded with a slash in the id of the job, which is written with dots': [
        'full dcos:service:metronome:metronome:jobs:job-group.job-name',
      ],
      ...(principal === ''
        ? { [elsewhere]: ['full dcos:adminrouter:ops:mesos', 'full dcos:adminrouter:ops:slave'] }
        : {}),
    },
  })),
  ...['', '<uid>', '<user-name>'].map((principal) => ({
    roles: ['job-administrator'],
    from: [`${gui}/jobs-tab`],
    principal,
    count: 9,
    extras: {
      [flaggedRead]: ['read dcos:mesos:master:framework:role:*', 'read dcos:mesos:master:task:app_id'],
    },
  })),
  ...['', '<uid>', '<user-name>'].map((principal) => ({
    roles: ['service-administrator', 'job-administrator'],
    // The rest of what services take stands on the page about jobs.
    from: ['services-tab', 'marathon-ui', 'jobs-tab'].map((page) => `${gui}/${page}`),
    principal,
    count: 12,
    extras: {
      [flaggedRead]: [
        'read dcos:mesos:master:framework:role:slave_public',
        'read dcos:mesos:master:framework:role:*',
        'read dcos:mesos:master:task:app_id',
      ],
    },
  })),
  {
    roles: [
      'service-administrator',
      'job-administrator',
      'catalogue-user',
      'health-viewer',
      'network-viewer',
    ],
    from: ['gui-permissions / permissions/quickstart'],
    principal: 'alice',
    count: 15,
    extras: {
      [flaggedRead]: [
        'read dcos:mesos:master:framework:role:slave_public',
        'read dcos:mesos:master:framework:role:*',
        'read dcos:mesos:master:task:app_id',
      ],
    },
  },
  {
    roles: ['service-administrator'],
    from: ['marathon system tests / user_billy fixture'],
    principal: 'billy',
    count: 2,
    extras: {
      [forStrict]: [
        'full dcos:adminrouter:ops:mesos',
        'full dcos:adminrouter:ops:slave',
        'read dcos:mesos:master:framework:role:slave_public',
        'read dcos:mesos:agent:framework:role:slave_public',
        ...['master:executor', 'master:task', 'agent:executor', 'agent:task', 'agent:sandbox'].map(
          (row) => `read dcos:mesos:${row}:app_id`,
        ),
      ],
    },
  },
  {
    roles: ['service-installer(example-secure)'],
    from: ['marathon system tests / shakedown API doc'],
    principal: 'billy',
    count: 1,
    extras: {
      [wholeService]: ['service:marathon', 'ops:mesos', 'ops:slave'].map(
        (id) => `full dcos:adminrouter:${id}`,
      ),
    },
  },
  ...['sales', 'custsvc'].map((group) => ({
    roles: [`service-installer(${group})`, 'catalogue-user', `service-client(marathon-${group})`],
    from: ['github csestuit/dcos-config-backup demo / iam export'],
    principal: group,
    count: group === 'sales' ? 6 : 9,
    extras: {
      [wholeService]: [`read dcos:service:marathon:marathon:services:/marathon-${group}`],
      ...(group === 'sales'
        ? {}
        : {
            'the group holds the four, and so cannot make groups of services': [
              'full dcos:service:marathon:marathon:services:/custsvc',
            ],
          }),
    },
  })),
  ...['dev', 'infra', 'datascience', 'prod'].map((team) => ({
    roles: [
      `service-tenant(${team})`,
      `job-tenant(${team}, ${team})`,
      `secret-administrator(${team})`,
      'secret-lister',
      'catalogue-user',
      ...(team === 'prod' ? ['network-viewer'] : []),
    ],
    from: [`${ably} / RBAC/RBAC`],
    principal: team,
    count: team === 'prod' ? 8 : 7,
    extras: {
      'recorded without the slash before the group': [
        `full dcos:service:marathon:marathon:services:/${team}`,
      ],
      [flaggedFull]: [`read dcos:secrets:list:default:/${team}`],
      'the guide opens the way to jobs and forgets the jobs': [
        `full dcos:service:metronome:metronome:jobs:${team}`,
      ],
      'the door to the screen for secrets, harmless': ['full dcos:adminrouter:secrets'],
      [forStrict]: [
        ...['slave_public', '*'].flatMap((role) => [
          `read dcos:mesos:master:framework:role:${role}`,
          `read dcos:mesos:agent:framework:role:${role}`,
        ]),
        ...['master:executor', 'master:task', 'agent:executor', 'agent:task', 'agent:sandbox'].map(
          (row) => `read dcos:mesos:${row}:app_id:/${team}`,
        ),
      ],
    },
  })),

  // ------------------------------------------------------------------------------------------ Secrets, and screens
  {
    roles: ['secret-administrator(developer)'],
    from: ['secrets pages / secrets/create-secrets'],
    principal: '',
    count: 3,
    extras: {
      [wholeFolder]: ['full dcos:secrets:default:/developer/*', 'read dcos:secrets:list:default:/developer'],
    },
    without: { [noSuperuser]: ['full dcos:superuser'] },
  },
  {
    roles: ['secret-administrator(service-account-name)'],
    from: [`${training} / scripts/create-dklb-secret`],
    principal: 'dklb-principal',
    count: 2,
  },
  {
    roles: ['secret-administrator(infra/storage/portworx/secrets)'],
    from: [`${training} / scripts/deploy-portworx`],
    principal: 'portworx',
    count: 1,
    extras: {
      'a service that keeps secrets can do without their names; people cannot': [
        'read dcos:secrets:list:default:/infra/storage/portworx/secrets',
      ],
    },
  },
  ...['', '<uid>', '<user-name>'].map((principal) => ({
    roles: ['secret-lister'],
    from: [`${gui}/secrets-tab`],
    principal,
    count: principal === '' ? 2 : 1,
    extras: principal === '' ? {} : { [elsewhere]: ['read dcos:secrets:list:default:/'] },
  })),
  ...['', '<uid>', '<user-name>'].flatMap((principal) => [
    screen('catalogue-user', 'catalog-tab', principal),
    screen('network-viewer', 'network-tab', principal),
    screen('permission-administrator', 'settings-organization-tab', principal),
    {
      ...screen('health-viewer', 'components-tab', principal),
      count: 2,
      without: { [gone]: ['full dcos:adminrouter:ops:historyservice'] },
    },
  ]),
  { roles: ['node-lister'], from: ['cli node page / dcos-node/dcos-node-list'], principal: '', count: 3 },
];

/** Places of the fixture that no role stands for, and why. */
const unrepresented: Readonly<Record<string, string>> = {
  'github csestuit/dcos-config-backup demo / iam export superusers': noSuperuser,
  'kubernetes / advanced-install ': tooWide,
  'security overview / security/ent ': 'a single id of Admin Router, which `read-only-operator` has',
};

/** Roles that are the sum of others: parameters are the same word on both sides. */
const sums: readonly { readonly whole: string; readonly parts: readonly string[] }[] = [
  {
    whole: 'data-service(account, role, user)',
    parts: [
      'register-framework(role)',
      'reserve-resources(account, role)',
      'keep-volumes(account, role)',
      'run-tasks-as(user)',
    ],
  },
  { whole: 'service-tls(path)', parts: ['make-certificates', 'secret-administrator(path)'] },
  { whole: 'stateless-framework(role, user)', parts: ['register-framework(role)', 'run-tasks-as(user)'] },
  {
    whole: 'spark-service(role, user, path)',
    parts: ['stateless-framework(role, user)', 'run-tasks-under(path)'],
  },
  {
    whole: 'kubernetes-manager(account, role)',
    parts: ['register-framework(role)', 'reserve-resources(account, role)', 'run-tasks-as(nobody)'],
  },
  {
    whole: 'kubernetes-cluster(account, role, path)',
    parts: ['data-service(account, role, root)', 'use-public-agents(role)', 'service-tls(path)'],
  },
  {
    whole: 'nested-marathon(account, role, user)',
    parts: ['data-service(account, role, user)', 'run-tasks-anywhere'],
  },
];

/** No grant on record says what these are made of: each has a test of its own. */
const withoutRecord = ['service-viewer', 'read-only-operator'];

const recorded = readGrants();
const importer = createShippedImporter();

describe('the roles for DC/OS services', () => {
  test.each(rows.map((row) => ({ ...row, title: titleOf(row) })))('$title', (row) => {
    const { model, image } = grantToService(row.roles);
    const authorizer = Authorizer.fromImage(image);
    const reference = createReference(model);
    const selected = select(row).filter(({ suspect }) => suspect === undefined);
    expect(selected).toHaveLength(row.count);

    const left = Object.values(row.without ?? {}).flat();
    const granted = new Set(selected.flatMap(permissionsOf));
    expect(left.filter((permission) => !granted.has(permission))).toEqual([]);
    for (const permission of granted) {
      const [action, resource] = split(permission);
      // A star at the end of a secret stands for a name; nobody asks for the star.
      const asked = resource.replace(/^(dcos:secrets:default:.*)\/\*$/, '$1/x');
      const request = { subject: 'user:svc', action, resource: asked };
      const expected = left.includes(permission) ? 'deny' : 'allow';
      expect(authorizer.decide(request).decision, permission).toBe(expected);
      expect(reference.decide(request).decision, permission).toBe(expected);
    }

    const unrecorded = permissionsNamed(model).filter((permission) => !granted.has(permission));
    expect(unrecorded.sort()).toEqual(
      Object.values(row.extras ?? {})
        .flat()
        .sort(),
    );
  });

  test('a permission that is said to stand on a flagged line does stand there', () => {
    for (const row of rows) {
      const flagged = select(row).filter(({ suspect }) => suspect !== undefined);
      const standsThere = (resource: string, action?: string) =>
        flagged.some((grant) => {
          const isSame = plain(grant.resource).replace(/\/\*$/, '') === resource;
          return isSame && (action === undefined || grant.action === action);
        });
      for (const [reason, action] of flaggedReasons) {
        for (const permission of row.extras?.[reason] ?? []) {
          expect(standsThere(split(permission)[1], action), permission).toBe(true);
        }
      }
    }
  });

  test('no recorded grant is passed over without a reason', () => {
    const stoodFor = new Set(rows.flatMap(select));
    const passedOver = recorded.filter((grant) => grant.suspect === undefined && !stoodFor.has(grant));
    const places = passedOver.map(({ context, principal }) => `${context} ${principal}`);
    expect([...new Set(places)].sort()).toEqual(Object.keys(unrepresented).sort());
    expect(passedOver).toHaveLength(4);
  });

  test('every role stands for something, is a part of one that does, or has a test of its own', () => {
    const uses = [...rows.flatMap(({ roles }) => roles), ...sums.flatMap(({ parts }) => parts)];
    const used = new Set([...uses.map((use) => use.replace(/\(.*/, '')), ...withoutRecord]);
    expect(
      roleStatements()
        .map(({ name }) => name.text)
        .filter((name) => !used.has(name)),
    ).toEqual([]);
    expect(roleStatements().filter(({ doc }) => doc === undefined)).toEqual([]);
  });

  test.each(sums)('$whole is the sum of its parts', ({ whole, parts }) => {
    const named = (roles: readonly string[]) => new Set(permissionsNamed(grantToService(roles).model));
    expect(named([whole])).toEqual(named(parts));
  });

  test('they name what the catalogue knows, with its actions', () => {
    const closing: Importer = {
      resolveImport(specifier, fromFile) {
        const result = importer.resolveImport(specifier, fromFile);
        if (!result.ok || specifier !== 'postern:dcos') return result;
        const text = result.source.text.replace(/^namespace dcos/m, 'closed namespace dcos');
        expect(text).not.toBe(result.source.text);
        return { ok: true, source: { ...result.source, text } };
      },
    };
    const roles = roleStatements().map(({ name, parameters }) =>
      parameters.length === 0 ? name.text : `${name.text}(${parameters.map(({ text }) => text).join(', ')})`,
    );
    const result = build([sourceOf(roles)], { importer: closing });
    expect(result.diagnostics).toEqual([]);
  });
});

describe('the viewer of a group', () => {
  test('is its tenant with `read` in the place of `full`', () => {
    const tenant = permissionsNamed(grantToService(['service-tenant(dev)']).model);
    const viewer = permissionsNamed(grantToService(['service-viewer(dev)']).model);
    const reading = tenant.map((permission) => permission.replace(/^full (dcos:service:)/, 'read $1'));
    expect(viewer).toEqual(reading);
  });
});

describe('the read-only operator', () => {
  const { model, image } = grantToService(['read-only-operator']);
  const resources = model.namespaces.flatMap(({ templates }) => templates).flatMap(samplesOf);
  const strict = Authorizer.fromImage(image, { mode: 'strict' });
  const allowed = resources.flatMap(({ resource, actions }) =>
    actions
      .filter((action) => strict.decide({ subject: 'user:svc', action, resource }).decision === 'allow')
      .map((action) => `${action} ${resource}`),
  );

  test('reads, and holds `full` at the front door alone', () => {
    const more = allowed.filter((permission) => !permission.startsWith('read '));
    expect(more.filter((permission) => !permission.startsWith('full dcos:adminrouter:'))).toEqual([]);
    expect(more).toHaveLength(11);
  });

  test('reads every kind of thing but secrets, links, sandboxes, what other Marathons run, and endpoints it does not name', () => {
    const readable = resources
      .filter(({ actions }) => actions.includes('read'))
      .map(({ resource }) => resource);
    const hidden = readable.filter((resource) => !allowed.includes(`read ${resource}`));
    expect(hidden.sort()).toEqual([
      'dcos:cluster:linker:*',
      'dcos:cluster:linker:x',
      'dcos:mesos:agent:endpoint:path',
      'dcos:mesos:agent:endpoint:path:x',
      'dcos:mesos:agent:sandbox:app_id',
      'dcos:mesos:agent:sandbox:app_id:/',
      'dcos:mesos:agent:sandbox:app_id:/x',
      'dcos:mesos:master:endpoint:path',
      'dcos:mesos:master:endpoint:path:x',
      'dcos:secrets:default:/x',
      'dcos:secrets:list:default:/',
      'dcos:secrets:list:default:/x',
      'dcos:service:marathon:x:services:/',
      'dcos:service:marathon:x:services:/x',
      'dcos:superuser',
    ]);
  });
});

function titleOf({ roles, from, principal }: Row): string {
  const more = from.length === 1 ? '' : ` and ${from.length - 1} more`;
  return `${roles.join(' + ')}: what ${from[0]}${more} grants to ${principal === '' ? 'whom it does not name' : principal}`;
}

function dataService(context: string, principal: string, role: string, user = 'nobody'): Row {
  return {
    roles: [`data-service(${plain(principal)}, ${role}, ${user})`],
    from: [context],
    principal,
    count: 6,
  };
}

function monitoring(account: string, service: string): string[] {
  return [
    `data-service(${account}, ${service}-role, nobody)`,
    `use-public-agents(${service}-role)`,
    `service-tls(${service})`,
  ];
}

function kubernetesCluster(context: string, name: string): Row {
  const service = plain(name);
  return {
    roles: [`kubernetes-cluster(${service}, ${service}-role, ${service})`],
    from: [context],
    principal: name,
    count: 14,
    extras: { [flaggedRead]: publicReads(`${service}-role`) },
  };
}

function screen(role: string, page: string, principal: string): Row {
  return { roles: [role], from: [`${gui}/${page}`], principal, count: 1 };
}

function publicReads(role: string): Permission[] {
  return ['slave_public', `slave_public/${role}`].map(
    (name) => `read dcos:mesos:master:framework:role:${name}`,
  );
}

function tenantReads(...paths: readonly string[]): Permission[] {
  return [
    'read dcos:mesos:master:framework:role:slave_public',
    ...paths.map((path) => `read dcos:mesos:master:task:app_id:/${path}`),
  ];
}

/** Another Marathon as a service of the root one. */
function instanceInRoot(instance: string): Permission[] {
  return [
    'full dcos:adminrouter:service:marathon',
    `full dcos:service:marathon:marathon:services:/${instance}`,
  ];
}

function edgeLbOnMesos(account: string): Permission[] {
  return [
    'read dcos:mesos:master:endpoint:path:/api/v1',
    'read dcos:mesos:master:endpoint:path:/api/v1/scheduler',
    'create dcos:mesos:master:framework:role',
    `delete dcos:mesos:master:framework:principal:${account}`,
    'create dcos:mesos:master:reservation:role',
    `delete dcos:mesos:master:reservation:principal:${account}`,
    'create dcos:mesos:master:volume:role',
    `delete dcos:mesos:master:volume:principal:${account}`,
    'create dcos:mesos:master:task:user:root',
    'create dcos:mesos:master:task:app_id',
  ];
}

function readGrants(): RecordedGrant[] {
  const file = fileURLToPath(new URL('fixtures/dcos/grants-public.jsonl', import.meta.url));
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as RecordedGrant);
}

function select({ from, principal }: Row): RecordedGrant[] {
  return recorded.filter((grant) => from.includes(grant.context) && grant.principal === principal);
}

/** `<service name>`, `${SERVICE_NAME}`, `$SERVICE_NAME` and `%service_name%` all become `service-name`. */
function plain(text: string): string {
  return text.replace(/<([^<>]+)>|\$\{(\w+)\}|\$([A-Z_]+)|%(\w+)%/g, (_, ...names) => {
    const name = names.slice(0, 4).find((each) => each !== undefined) as string;
    return name.toLowerCase().replaceAll(/[ _]/g, '-');
  });
}

/** `<action>` leaves the choice to the reader: each is to be possible. */
function permissionsOf({ action, resource }: RecordedGrant): Permission[] {
  const actions = action === '<action>' ? 'create,read,update,delete,full' : action;
  return actions.split(',').map((each) => `${each} ${plain(resource)}`);
}

function split(permission: Permission): [action: string, resource: string] {
  const blank = permission.indexOf(' ');
  return [permission.slice(0, blank), permission.slice(blank + 1)];
}

function sourceOf(roles: readonly string[]) {
  const grants = roles.map((role) => `grant ${role} to user:svc`);
  return {
    file: 'a.acl',
    text: ['import "postern:dcos"', 'import "postern:dcos/services"', ...grants].join('\n'),
  };
}

function grantToService(roles: readonly string[]): Extract<BuildResult, { readonly ok: true }> {
  const result = build([sourceOf(roles)], { importer });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result;
}

/** What the rules name, each once, in their order. */
function permissionsNamed({ rules }: Extract<BuildResult, { readonly ok: true }>['model']): Permission[] {
  const named = rules.flatMap(({ actions, resources }) =>
    resources.flatMap((resource) => {
      const id = resource.kind === 'literal' ? resource.id : resource.text;
      return actions.map((action) => `${action} ${id}`);
    }),
  );
  return [...new Set(named)];
}

function roleStatements(): RoleStatement[] {
  const imported = importer.resolveImport('postern:dcos/services', 'a.acl');
  if (!imported.ok) throw new Error(imported.message);
  const { tree } = parse(imported.source);
  return tree.statements.filter((statement): statement is RoleStatement => statement.kind === 'role');
}

/** An id for each way to fill in a template: values are `x`, and what may be absent is so once. */
function samplesOf({ parts, actions = [] }: Template): { resource: string; actions: readonly string[] }[] {
  return fill(parts).map((resource) => ({ resource, actions }));
}

function fill(parts: readonly TemplateElement[]): string[] {
  return parts.reduce<string[]>(
    (texts, part) => texts.flatMap((text) => endings(part).map((ending) => text + ending)),
    [''],
  );
}

function endings(part: TemplateElement): string[] {
  if (part.kind === 'text') return [part.text];
  return part.kind === 'optional' ? ['', ...fill(part.parts)] : ['x'];
}
