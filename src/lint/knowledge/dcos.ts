/**
 * What is known of DC/OS Enterprise beyond its catalogue: what its resources are good for. Out of the permission
 * references of 1.8 to 2.2, of the guides of its services, and of real grants.
 */

/** Ids that a later version no longer knows. */
export interface GoneResource {
  readonly pattern: RegExp;
  /** The last version whose reference lists it. */
  readonly until: string;
  /** What to write, as the end of a help text. */
  readonly instead?: string;
}

export const goneResources: readonly GoneResource[] = [
  { pattern: /^dcos:adminrouter:ops:historyservice$/, until: '1.12' },
  {
    pattern: /^dcos:adminrouter:service:[^:/]+:[^:/]+$/,
    until: '1.10',
    instead: '; group and service are joined by a slash since',
  },
  {
    pattern: /^dcos:service:marathon:[^:]+:services\/./,
    until: '1.7',
    instead: '; the path stands behind `services:/` since',
  },
];

/** The group that a cluster is installed with, and by which superusers are meant to be made. */
export const superuserGroup = 'superusers';
export const superuserId = 'dcos:superuser';

/** Resources by which a holder comes to more than was granted. */
export interface Power {
  readonly id: string;
  readonly action: string;
  /** Says what the holder can do, behind "who may". */
  readonly means: string;
  readonly kind: 'iam' | 'ca' | 'zookeeper';
}

export const powers: readonly Power[] = [
  {
    id: 'dcos:adminrouter:acs',
    action: 'full',
    means: 'change users, groups and permissions, and so grant themselves anything',
    kind: 'iam',
  },
  {
    id: 'dcos:adminrouter:ops:ca:rw',
    action: 'full',
    means: 'have a certificate signed for any name, that of a component among them',
    kind: 'ca',
  },
  {
    id: 'dcos:adminrouter:ops:exhibitor',
    action: 'full',
    means: 'change what ZooKeeper holds, the state of Mesos and of frameworks among it',
    kind: 'zookeeper',
  },
];

/** With the three of them an account does what every service with TLS is documented to need. */
export const certificateReader = 'dcos:adminrouter:ops:ca:ro';
export const secretsPrefix = 'dcos:secrets:default:/';

/** Rows whose value is a Linux user; left out, it is every user. */
export const linuxUserResources: readonly { readonly id: string; readonly actions: readonly string[] }[] = [
  { id: 'dcos:mesos:master:task:user', actions: ['create'] },
];

/** Rows whose value is the account that owns something; left out, it is every account. */
export const ownerResources: readonly {
  readonly id: string;
  readonly action: string;
  readonly what: string;
}[] = [
  {
    id: 'dcos:mesos:master:volume:principal',
    action: 'delete',
    what: 'destroy the volumes of every account',
  },
  {
    id: 'dcos:mesos:master:reservation:principal',
    action: 'delete',
    what: 'give back what every account has reserved',
  },
  {
    id: 'dcos:mesos:master:framework:principal',
    action: 'delete',
    what: 'tear down the frameworks of every account',
  },
];

/** Accounts of components, which exist in every cluster with a security mode. */
export const componentAccounts: readonly string[] = ['dcos_marathon', 'dcos_metronome'];

/** What must be allowed at the front door before anything behind it can be asked for. */
export interface Companion {
  readonly prefix: string;
  readonly door: string;
  readonly what: string;
}

export const companions: readonly Companion[] = [
  {
    prefix: 'dcos:service:marathon:marathon:',
    door: 'dcos:adminrouter:service:marathon',
    what: 'Marathon',
  },
  {
    prefix: 'dcos:service:metronome:metronome:',
    door: 'dcos:adminrouter:service:metronome',
    what: 'Metronome',
  },
  { prefix: 'dcos:cluster:linker:', door: 'dcos:adminrouter:ops:cluster-link', what: 'the cluster linker' },
];

/** What people who come through the front door hold; accounts of services hold of Admin Router the authority alone. */
export const doorPattern = /^dcos:adminrouter:(?!ops:ca:)/;
/** What only the account of a framework holds; such an account speaks to Marathon and Mesos within the cluster. */
export const frameworkPattern =
  /^dcos:mesos:master:(?:framework:role|reservation:|volume:|task:user)|^dcos:service:marathon:[^:]+:admin:events$/;

/** Rows whose value is a Mesos role; the role that Mesos gives frameworks without one is called `*`. */
export const rolePattern = /^dcos:mesos:(?:master|agent):[a-z_]+:role$/;

/** Rows whose path says where services may be put, up to the colon before the path. */
export const servicePattern = /^dcos:service:marathon:[^:]+:services$|^dcos:mesos:master:task:app_id$/;

/** Templates whose path is that of a service, job or group: one string serves for all of them. */
export const servicePaths = /^dcos:(?:service|mesos):/;
