/** What is known of the lists of Apache Mesos beyond the catalogue: what they are good for. */

export const mesosRole = 'mesos:role';
export const mesosUser = 'mesos:user';

/** Lists by which a principal starts something as a Linux user. */
export const launchActions: readonly string[] = [
  'run_tasks',
  'launch_nested_containers_as_user',
  'launch_nested_container_sessions_as_user',
];

/** Lists whose object is the principal that owns something; left out, it is every principal. */
export const ownerLists: readonly {
  readonly id: string;
  readonly action: string;
  readonly what: string;
}[] = [
  {
    id: 'mesos:creator-principal',
    action: 'destroy_volumes',
    what: 'destroy the volumes of every principal',
  },
  {
    id: 'mesos:reserver-principal',
    action: 'unreserve_resources',
    what: 'give back what every principal has reserved',
  },
  {
    id: 'mesos:framework-principal',
    action: 'teardown_frameworks',
    what: 'tear down the frameworks of every principal',
  },
];

/** One value of a kind of thing that Mesos is asked about, or all of them. */
export const resourceKindPattern =
  /^mesos:(?:role|user|framework-principal|reserver-principal|creator-principal|endpoint)(?::.+)?$|^mesos:(?:log|flag|log-level|agent|machine|resource-provider|image)$/;
