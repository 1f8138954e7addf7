import { faultsOfPeers } from '../http/peers.ts';

/** What is answered in the place of the IAM of DC/OS. */
export interface IamConfig {
  /** Whether the internal decision query is answered. */
  readonly policyQuery: boolean;
  /** Who may ask what has no token: the decision query, and with `trustProxy` the whole permission API. */
  readonly peers: readonly string[];
  /** A PEM file with the RSA key that signs tokens. With it the permission API is answered, which needs a store. */
  readonly signingKeyFile?: string;
  /** How long a token counts, in seconds. Default: five days. */
  readonly tokenLifetimeS?: number;
  /** The proxy in front has asked for the token and decided who may: no token is demanded, and only `peers` are answered. */
  readonly trustProxy?: boolean;
}

export const iamDefaults: Required<Omit<IamConfig, 'signingKeyFile'>> = {
  policyQuery: false,
  peers: ['127.0.0.0/8', '::1'],
  tokenLifetimeS: 5 * 24 * 60 * 60,
  trustProxy: false,
};

/** Part of the schema of the configuration. */
export const iamSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'an object that says what is answered in the place of the IAM of DC/OS',
  properties: {
    policyQuery: {
      type: 'boolean',
      default: iamDefaults.policyQuery,
      title: 'answer the decision query of Admin Router, which has no token',
      description: 'whether the decision query of Admin Router is answered: true or false',
    },
    peers: {
      type: 'array',
      items: { type: 'string', minLength: 1, description: 'an address or a network' },
      minItems: 1,
      default: iamDefaults.peers,
      description: 'a list of addresses and networks that may ask without a token where that is configured',
    },
    signingKeyFile: {
      type: 'string',
      minLength: 1,
      description: 'the path of the private RSA key that signs tokens of the permission API, as PEM',
    },
    tokenLifetimeS: {
      type: 'integer',
      minimum: 60,
      maximum: 366 * 24 * 60 * 60,
      default: iamDefaults.tokenLifetimeS,
      description: 'seconds that a token of the permission API counts, 60 to a year',
    },
    trustProxy: {
      type: 'boolean',
      default: iamDefaults.trustProxy,
      title:
        'answer the permission API without tokens, for the peers only: the proxy in front has asked for them',
      description: 'whether the proxy in front of the permission API has asked for tokens: true or false',
    },
  },
} as const;

/** What of the configuration has to fit to it. */
interface AroundIam {
  readonly iam?: IamConfig;
  readonly store?: string;
  readonly replica?: boolean;
  readonly workers?: number;
}

export function checkIam({ iam = iamDefaults, ...around }: AroundIam): string[] {
  const { peers, signingKeyFile, trustProxy = false } = iam;
  const faults = faultsOfPeers('iam.peers', peers);
  if (signingKeyFile !== undefined) return [...faults, ...checkApi(around)];
  if (!trustProxy) return faults;
  return [...faults, '`iam.trustProxy` is about the permission API, which needs `iam.signingKeyFile`'];
}

/** Where the permission API cannot be, it must not be missing in silence. */
function checkApi({ store, replica = false, workers = 1 }: Omit<AroundIam, 'iam'>): string[] {
  const about = '`iam.signingKeyFile` is for the permission API';
  if (store === undefined) return [`${about}, which needs a store to write to: name it with \`--store\``];
  if (replica) return [`${about}, and a replica never writes: leave one of them out`];
  if (workers > 1) return [`${about}, which one thread answers: leave \`workers\` out`];
  return [];
}
