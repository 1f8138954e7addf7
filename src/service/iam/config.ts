import { faultsOfPeers } from '../http/peers.ts';

/** What is answered in the place of the IAM of DC/OS. */
export interface IamConfig {
  /** Whether the internal decision query is answered. */
  readonly policyQuery: boolean;
  /** Who may ask it: it has no token. */
  readonly peers: readonly string[];
}

export const iamDefaults: IamConfig = { policyQuery: false, peers: ['127.0.0.0/8', '::1'] };

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
      description: 'a list of addresses and networks that may ask it',
    },
  },
} as const;

export function checkIam({ peers }: IamConfig = iamDefaults): string[] {
  return faultsOfPeers('iam.peers', peers);
}
