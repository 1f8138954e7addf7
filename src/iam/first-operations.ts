import type { Operation } from './operation.ts';
import { superuserGroup, superuserRid } from './superuser.ts';

/**
 * What Admin Router asks about, but for services, which have names of their own. Facts: IAM-API.md § 10 says that a fresh cluster
 * has lists for them, and names the first few; the rest are the ids that its routes ask for in the newest version.
 */
const adminRouter = [
  'acs',
  'capabilities',
  'licensing',
  'package',
  'secrets',
  'ops:ca:ro',
  'ops:ca:rw',
  'ops:cluster-link',
  'ops:cockroachdb',
  'ops:exhibitor',
  'ops:mesos',
  'ops:mesos-dns',
  'ops:metadata',
  'ops:networking',
  'ops:slave',
  'ops:system-backup',
  'ops:system-health',
  'ops:system-logs',
  'ops:system-metrics',
  'service:marathon',
  'service:metronome',
  'system:agent',
];

/** The state of a fresh cluster but for its first superuser, whom only a command makes. */
export const firstOperations: readonly Operation[] = [
  {
    kind: 'create-group',
    group: { gid: superuserGroup, description: 'Superuser group', providerType: 'internal' },
  },
  { kind: 'create-acl', rid: superuserRid, description: 'Superuser' },
  {
    kind: 'grant',
    entry: { rid: superuserRid, subjects: 'groups', id: superuserGroup },
    action: 'full',
  },
  ...adminRouter.map((name): Operation => {
    const rid = `dcos:adminrouter:${name}`;
    return { kind: 'create-acl', rid, description: `Admin Router: ${name}` };
  }),
];
