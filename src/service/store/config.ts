/** Grants that change while the service runs, and how they are followed. */
export interface StoreConfig {
  /** The path of a SQLite file, or the address of a PostgreSQL database. Without it there are the policies alone. */
  readonly store?: string;
  /** Follows the store and never writes to it. */
  readonly replica: boolean;
  /** Where the policy is kept that was verified last, for a start while the store is away. */
  readonly storeCache?: string;
  /** How often the store is asked for what it has not reported. */
  readonly storePollMs: number;
  /** How old an answer may be before the service is not ready any more. */
  readonly maxStaleMs: number;
  /** How long a request waits at most for the revision that it asks for. */
  readonly consistencyWaitMs: number;
  /** Changes beside the image from which on they are built into a new one. */
  readonly foldAfter: number;
}

export const storeDefaults = {
  replica: false,
  storePollMs: 200,
  maxStaleMs: 10_000,
  consistencyWaitMs: 1000,
  foldAfter: 2000,
} as const;

const count = (what: string, byDefault: number) =>
  ({ type: 'integer', minimum: 1, default: byDefault, description: what }) as const;

/** Part of the schema of the configuration. */
export const storeSchema = {
  store: {
    type: 'string',
    minLength: 1,
    description: 'a store of grants: a file, or postgres://…',
  },
  replica: {
    type: 'boolean',
    default: storeDefaults.replica,
    title: 'follow the store and never write to it',
    description: 'whether the store is only followed: true or false',
  },
  storeCache: {
    type: 'string',
    minLength: 1,
    description: 'the path of a file with the last policy, for a start while the store is away',
  },
  storePollMs: count('milliseconds between two looks at the store', storeDefaults.storePollMs),
  maxStaleMs: count(
    'milliseconds without news of the store after which it is not ready',
    storeDefaults.maxStaleMs,
  ),
  consistencyWaitMs: count(
    'milliseconds that a request waits at most for the revision that it asks for',
    storeDefaults.consistencyWaitMs,
  ),
  foldAfter: count('changes beside the image after which a new one is built', storeDefaults.foldAfter),
} as const;

interface AroundStore extends Partial<StoreConfig> {
  readonly workers?: number;
  readonly iam?: { readonly signingKeyFile?: string };
}

export function checkStore({ store, replica, storeCache, workers = 1, iam }: AroundStore): string[] {
  const isWritten = iam?.signingKeyFile !== undefined;
  if (store !== undefined) {
    if (!isWritten) return [];
    if (replica)
      return ['a replica writes nothing: the permission API (`iam.signingKeyFile`) is for another process'];
    if (workers === 1) return [];
    return [
      'the permission API (`iam.signingKeyFile`) is answered by one worker: leave `workers` out, and let replicas decide beside it',
    ];
  }
  if (replica) return ['`replica` needs a store to follow: name it with `--store`'];
  if (storeCache !== undefined) return ['`storeCache` goes with `--store`'];
  return [];
}
