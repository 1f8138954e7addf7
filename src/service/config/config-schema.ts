import { authRequestSchema } from '../auth-request/config.ts';
import { defaultBufferBytes, defaultSpillBytes } from '../decision-log/control.ts';
import { defaultLimits } from '../http/limits.ts';
import { iamSchema } from '../iam/config.ts';
import { storeSchema } from '../store/config.ts';

const path = (what: string) =>
  ({ type: 'string', minLength: 1, description: `the path of ${what}` }) as const;
const texts = (what: string) =>
  ({
    type: 'array',
    items: { type: 'string', minLength: 1, description: 'a text that is not empty' },
    minItems: 1,
    description: `a list of ${what}`,
  }) as const;
const count = (what: string, byDefault: number, minimum = 1) =>
  ({ type: 'integer', minimum, default: byDefault, description: what }) as const;

/**
 * The configuration, for files, environment and command line alike: each setting is a leaf. Descriptions say what is
 * expected, in the words that messages and help use, and titles what a switch does; a default is there where a setting may be left out but is never
 * missing. What settings ask of each other is checked in `check-config.ts`.
 */
export const configSchema = {
  type: 'object',
  description: 'an object',
  additionalProperties: false,
  properties: {
    policy: texts('files, folders and globs of policies, or one image'),
    root: path('the policy root: imports may not leave it'),
    mode: { type: 'string', minLength: 1, description: 'the mode to decide in, whatever the policies say' },
    watch: {
      type: 'boolean',
      default: true,
      title: 'do not load policies that change',
      description: 'whether policies that change are loaded: true or false',
    },
    host: { type: 'string', minLength: 1, default: '127.0.0.1', description: 'an address to listen on' },
    port: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      default: 8181,
      description: 'a port, 1 to 65535, or 0 for any that is free',
    },
    workers: {
      type: 'integer',
      minimum: 1,
      maximum: 256,
      default: 1,
      description: 'a number of workers, 1 to 256',
    },
    shutdownMs: count('milliseconds that answers under way get when the service stops', 10_000, 0),
    auth: {
      type: 'boolean',
      default: true,
      title: 'answer everybody, without a token',
      description: 'whether a token is needed: true or false',
    },
    allowNoAuthOn: {
      type: 'string',
      minLength: 1,
      description:
        'the address, the same as `host`, on which requests without a token are meant to be answered',
    },
    token: {
      type: 'object',
      additionalProperties: false,
      description: 'an object that says how tokens are verified',
      properties: {
        keyFile: path('a public key: PEM, JWK or a set of JWKs'),
        jwksUrl: { type: 'string', minLength: 1, description: 'the address of a JSON Web Key Set' },
        secretFile: path('the secret of HS256'),
        algorithms: {
          type: 'array',
          items: { type: 'string', enum: ['RS256', 'EdDSA', 'HS256'], description: 'RS256, EdDSA or HS256' },
          minItems: 1,
          uniqueItems: true,
          description: 'a list of RS256, EdDSA, or HS256',
        },
        issuer: texts('accepted issuers'),
        audience: texts('audiences, one of which a token has to name'),
        subjectClaim: {
          type: 'string',
          minLength: 1,
          default: 'sub',
          description: 'the claim that names the caller',
        },
        subjectType: {
          type: 'string',
          pattern: '^[A-Za-z][A-Za-z0-9_-]*$',
          default: 'user',
          description: 'the type of the caller, as in `user:cory`',
        },
        groupsClaim: {
          type: 'string',
          minLength: 1,
          description: 'the claim that lists groups of the caller',
        },
        cookie: {
          type: 'string',
          pattern: '^[A-Za-z0-9_.-]+$',
          description: 'the name of a cookie that may carry the token',
        },
        clockToleranceSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 300,
          default: 0,
          description: 'seconds that clocks may differ by, 0 to 300',
        },
      },
    },
    tls: {
      type: 'object',
      additionalProperties: false,
      description: 'an object with the files of TLS',
      properties: {
        certificateFile: path('the certificate and those that vouch for it, as PEM'),
        keyFile: path('the private key of the certificate, as PEM'),
        clientAuthorityFile: path('the authorities that clients need a certificate from, as PEM'),
      },
    },
    log: {
      type: 'object',
      additionalProperties: false,
      description: 'an object with the `level` of the log',
      properties: {
        level: {
          type: 'string',
          enum: ['fatal', 'error', 'warn', 'info', 'debug', 'silent'],
          default: 'info',
          description: 'fatal, error, warn, info, debug or silent',
        },
      },
    },
    decisionLog: {
      type: 'object',
      additionalProperties: false,
      description: 'an object that says where decisions are written down',
      properties: {
        to: {
          type: 'string',
          minLength: 1,
          default: 'off',
          description: '`off`, `stdout`, or the path of a file',
        },
        sampleAllows: {
          type: 'number',
          minimum: 0,
          maximum: 1,
          default: 1,
          description: 'the share of allows that is kept, 0 to 1',
        },
        sampleDenials: {
          type: 'number',
          minimum: 0,
          maximum: 1,
          default: 1,
          description: 'the share of denials that is kept, 0 to 1',
        },
        mask: {
          type: 'array',
          items: { type: 'string', pattern: '^/', description: 'a JSON pointer, which begins with a slash' },
          default: [],
          description: 'a list of JSON pointers to values of an entry that are replaced',
        },
        hash: {
          type: 'array',
          items: { type: 'string', pattern: '^/', description: 'a JSON pointer, which begins with a slash' },
          default: [],
          description: 'a list of JSON pointers to values of an entry of which a keyed hash is written',
        },
        saltFile: path('the key of these hashes'),
        whenFull: {
          type: 'string',
          enum: ['wait', 'spill', 'drop'],
          default: 'wait',
          description: 'wait, spill or drop: what happens while more is decided than can be written',
        },
        bufferBytes: count('bytes that wait in memory to be written before that', defaultBufferBytes),
        spillFile: path('the file for entries that are spilled'),
        spillBytes: count('bytes of that file at most', defaultSpillBytes),
        sync: {
          type: 'string',
          enum: ['never', 'second', 'always'],
          default: 'never',
          description: 'never, second or always: when what is written is forced to the device',
        },
      },
    },
    authzen: {
      type: 'object',
      additionalProperties: false,
      description: 'an object with settings of the AuthZEN API',
      properties: {
        publicUrl: {
          type: 'string',
          pattern: '^https://',
          description: 'the https address that clients know the service by',
        },
        pageKey: {
          type: 'string',
          minLength: 32,
          description: 'a text of 32 characters or more that signs tokens of pages',
        },
        properties: {
          type: 'array',
          items: {
            type: 'string',
            enum: ['subject', 'action', 'resource'],
            description: 'subject, action or resource',
          },
          description: 'a list of subject, action and resource: whose properties requests may send',
        },
        reasons: {
          type: 'boolean',
          title: 'say why a request is denied',
          description: 'whether a denial says why: true or false',
        },
      },
    },
    authRequest: authRequestSchema,
    ...storeSchema,
    iam: iamSchema,
    limits: {
      type: 'object',
      additionalProperties: false,
      description: 'an object with limits',
      properties: {
        bodyBytes: count('bytes of a body at most', defaultLimits.bodyBytes),
        batchSize: count('requests of a batch at most', defaultLimits.batchSize),
        headerBytes: count('bytes of a header section at most', defaultLimits.headerBytes, 1024),
        headersTimeoutMs: count('milliseconds for the headers to arrive', defaultLimits.headersTimeoutMs),
        requestTimeoutMs: count('milliseconds for a whole request to arrive', defaultLimits.requestTimeoutMs),
      },
    },
  },
} as const;
