import type { AuthRequestConfig } from '../auth-request/config.ts';
import type { AuthZenConfig } from '../authzen/config.ts';
import type { IamConfig } from '../iam/config.ts';
import type { StoreConfig } from '../store/config.ts';

/** The algorithms that a token may be signed with. */
export type TokenAlgorithm = 'RS256' | 'EdDSA' | 'HS256';

/** How tokens are verified and what is read from them. Exactly one of the three sources of keys is there. */
export interface TokenConfig {
  /** A PEM file with a public key or certificate, or a JSON file with a JWK or a set of them. */
  readonly keyFile?: string;
  /** Where a set of public keys is fetched from. */
  readonly jwksUrl?: string;
  /** A file with the secret of HS256. */
  readonly secretFile?: string;
  readonly algorithms?: readonly TokenAlgorithm[];
  /** Accepted values of `iss`; without it `iss` is not looked at. */
  readonly issuer?: readonly string[];
  /** Values of `aud`, one of which the token must have; without it `aud` is not looked at. */
  readonly audience?: readonly string[];
  /** The claim with the name of the caller. */
  readonly subjectClaim: string;
  /** The type put before it: `user` makes `user:<claim>`. */
  readonly subjectType: string;
  /** The claim with a list of names of groups. */
  readonly groupsClaim?: string;
  /** A cookie that may carry the token of a request without an `Authorization` header. */
  readonly cookie?: string;
  readonly clockToleranceSeconds: number;
}

export interface TlsConfig {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Certificates of the authorities that clients must have theirs from; with it a client without one is turned away. */
  readonly clientAuthorityFile?: string;
}

export interface DecisionLogConfig {
  /** `off`, `stdout`, or the path of a file. */
  readonly to: string;
  /** The share of allows that is kept, 0 to 1. */
  readonly sampleAllows: number;
  /** The same for denials; without it all are kept. */
  readonly sampleDenials?: number;
  /** JSON pointers of members of an entry whose values are replaced: `/context/password`, `/groups`. */
  readonly mask: readonly string[];
  /** The same, for values of which a keyed hash is written; needs `saltFile`. */
  readonly hash?: readonly string[];
  /** A file with the key of the hashes. */
  readonly saltFile?: string;
  /** What happens while more is decided than can be written. */
  readonly whenFull: 'wait' | 'spill' | 'drop';
  /** How much waits in memory to be written before that happens. Default: 8 MiB. */
  readonly bufferBytes?: number;
  /** Where entries go for `spill`. */
  readonly spillFile?: string;
  /** How large the spill file may become. Default: 1 GiB. */
  readonly spillBytes?: number;
  /** When what is written is forced to the device: never, once a second, or with every write. Default: `never`. */
  readonly sync?: 'never' | 'second' | 'always';
}

export interface Limits {
  readonly bodyBytes: number;
  readonly batchSize: number;
  readonly headerBytes: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/** The configuration of the service, complete and checked. */
export interface ServiceConfig extends StoreConfig {
  /** Files, folders and globs of policies, or one image; beside a store none, for the shipped catalogue of DC/OS. */
  readonly policy: readonly string[];
  readonly root?: string;
  readonly mode?: string;
  /** Whether a changed file is loaded while the service runs. */
  readonly watch: boolean;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly workers: number;
  /** How long answers under way have to be finished when the service stops. */
  readonly shutdownMs: number;
  /** False lets everybody ask. */
  readonly auth: boolean;
  /** The address other than the loopback ones on which that is meant. */
  readonly allowNoAuthOn?: string;
  readonly token?: TokenConfig;
  readonly tls?: TlsConfig;
  readonly log: { readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent' };
  readonly decisionLog: DecisionLogConfig;
  readonly limits: Limits;
  readonly authzen?: AuthZenConfig;
  readonly authRequest?: AuthRequestConfig;
  readonly iam?: IamConfig;
}
