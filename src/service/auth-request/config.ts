import { faultsOfPeers } from '../http/peers.ts';

/** How a proxy asks at `/auth-request`. */
export interface AuthRequestConfig {
  /** The header with the method of the request that is asked about. */
  readonly methodHeader: string;
  /** The header with its target as it was sent: the raw path, and the query if it has one. */
  readonly uriHeader: string;
  /** The header in which trusted peers name the caller, whom they have verified. */
  readonly subjectHeader?: string;
  /** The type put before what that header says. */
  readonly subjectType: string;
  /** Addresses and networks whose `subjectHeader` counts. */
  readonly trustedPeers?: readonly string[];
  /** Whether who has no token is asked about as nobody in particular, and turned away only if that is denied. */
  readonly anonymous: boolean;
  /** Whether the answer says why, in `Postern-Reason`. */
  readonly reasons: boolean;
}

export const authRequestDefaults: AuthRequestConfig = {
  methodHeader: 'X-Original-Method',
  uriHeader: 'X-Original-URI',
  subjectType: 'user',
  anonymous: false,
  reasons: false,
};

const header = (what: string) =>
  ({
    type: 'string',
    pattern: '^[A-Za-z0-9-]+$',
    description: `the name of the header with ${what}`,
  }) as const;

/** Part of the schema of the configuration. */
export const authRequestSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'an object that says how a proxy asks',
  properties: {
    methodHeader: { ...header('the method'), default: authRequestDefaults.methodHeader },
    uriHeader: { ...header('the path and query as they were sent'), default: authRequestDefaults.uriHeader },
    subjectHeader: header('the caller, which counts only from `trustedPeers`'),
    subjectType: {
      type: 'string',
      pattern: '^[A-Za-z][A-Za-z0-9_-]*$',
      default: authRequestDefaults.subjectType,
      description: 'the type of who stands in that header, as in `user:cory`',
    },
    trustedPeers: {
      type: 'array',
      items: { type: 'string', minLength: 1, description: 'an address or a network' },
      minItems: 1,
      description: 'a list of addresses and networks of proxies that verify callers',
    },
    anonymous: {
      type: 'boolean',
      default: authRequestDefaults.anonymous,
      title: 'let requests without a token through where the policy lets anyone',
      description: 'whether a request without a token is decided at all: true or false',
    },
    reasons: {
      type: 'boolean',
      default: authRequestDefaults.reasons,
      title: 'say in a header why a proxy is answered so',
      description: 'whether answers to a proxy say why: true or false',
    },
  },
} as const;

/** What these settings ask of each other. */
export function checkAuthRequest(config: AuthRequestConfig = authRequestDefaults): string[] {
  const { methodHeader, uriHeader, subjectHeader, trustedPeers } = config;
  const names = [methodHeader, uriHeader, ...(subjectHeader === undefined ? [] : [subjectHeader])];
  const different = new Set(['authorization', ...names.map((name) => name.toLowerCase())]);
  return [
    ...((subjectHeader === undefined) === (trustedPeers === undefined)
      ? []
      : ['`authRequest.subjectHeader` and `authRequest.trustedPeers` go together']),
    ...(different.size === names.length + 1
      ? []
      : ['the headers of `authRequest` must differ from each other, and none of them is `Authorization`']),
    ...faultsOfPeers('authRequest.trustedPeers', trustedPeers ?? []),
  ];
}
