import { BlockList, isIP } from 'node:net';
import { quote } from '../../files/quote.ts';
import { checkAuthRequest } from '../auth-request/config.ts';
import { checkIam } from '../iam/config.ts';
import { checkStore } from '../store/config.ts';
import type { ServiceConfig, TokenConfig } from './config.ts';

/** What settings ask of each other. Half a configuration is a check that nobody makes, so it does not start. */
export function checkConfig(config: ServiceConfig): string[] {
  return [
    ...(config.policy === undefined && config.store === undefined
      ? ['no policy: name files with `-p`, or with `policy` in the configuration']
      : []),
    ...checkStore(config),
    ...checkAuthentication(config),
    ...(config.token === undefined ? [] : checkToken(config.token)),
    ...checkTls(config),
    ...checkDecisionLog(config),
    ...checkAuthRequest(config.authRequest),
    ...checkIam(config),
  ];
}

function checkAuthentication({ auth, token, host, allowNoAuthOn }: ServiceConfig): string[] {
  if (auth) {
    if (allowNoAuthOn !== undefined) return ['`allowNoAuthOn` goes with `--no-auth`'];
    if (token !== undefined) return [];
    return [
      'nothing says how callers prove who they are: name a key with `--token-key-file`, `--token-jwks-url` or `--token-secret-file`, or let everybody ask with `--no-auth`',
    ];
  }
  if (token !== undefined) return ['`--no-auth` and settings of `token` exclude each other: leave one out'];
  if (allowNoAuthOn !== undefined && allowNoAuthOn !== host)
    return [`\`allowNoAuthOn\` names ${quote(allowNoAuthOn)}, and \`host\` is ${quote(host)}`];
  if (allowNoAuthOn !== undefined || isLoopback(host)) return [];
  return [
    `everybody who reaches ${quote(host)} could ask without a token: if that is meant, add \`--allow-no-auth-on ${host}\``,
  ];
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return host === 'localhost' || (family !== 0 && loopback.check(host, family === 6 ? 'ipv6' : 'ipv4'));
}

function checkToken({ keyFile, jwksUrl, secretFile, algorithms }: TokenConfig): string[] {
  const named = [keyFile, jwksUrl, secretFile].filter((source) => source !== undefined);
  if (named.length === 0)
    return ['settings of `token` without a key: one of `keyFile`, `jwksUrl` and `secretFile` is needed'];
  if (named.length > 1)
    return ['`token` has more than one key: leave all but one of `keyFile`, `jwksUrl` and `secretFile` out'];
  return [
    ...checkAlgorithms(algorithms, secretFile),
    ...(jwksUrl === undefined ? [] : checkJwksUrl(jwksUrl)),
  ];
}

/** A shared secret only where somebody wrote both words; and never beside public keys, one of which could pass for it. */
function checkAlgorithms(algorithms: TokenConfig['algorithms'], secretFile: string | undefined): string[] {
  const namesSecret = algorithms?.includes('HS256') ?? false;
  if (secretFile === undefined)
    return namesSecret ? ['HS256 needs its secret: name it with `token.secretFile`'] : [];
  if (!namesSecret) return ['`token.secretFile` is for HS256: name it in `token.algorithms` too'];
  if (algorithms!.length === 1) return [];
  return ['HS256 stands alone: a public key must never pass for its secret'];
}

function checkJwksUrl(text: string): string[] {
  const url = URL.parse(text);
  if (url === null) return [`\`token.jwksUrl\`: ${quote(text)} is no address`];
  if (url.username !== '' || url.password !== '') return ['`token.jwksUrl` must not hold a password'];
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(host))) return [];
  return ['`token.jwksUrl` needs https: whoever changes the keys on their way is every caller'];
}

function checkTls({ tls }: ServiceConfig): string[] {
  if (tls === undefined || (tls.certificateFile !== undefined && tls.keyFile !== undefined)) return [];
  return ['`tls` needs both `certificateFile` and `keyFile`'];
}

function checkDecisionLog({ decisionLog }: ServiceConfig): string[] {
  const { to, whenFull, spillFile, hash = [], saltFile } = decisionLog;
  if (hash.length > 0 !== (saltFile !== undefined))
    return [
      '`decisionLog.hash` and `decisionLog.saltFile` go together: without a key anybody can compute the hashes',
    ];
  if ((whenFull === 'spill') !== (spillFile !== undefined))
    return ['`decisionLog.whenFull` of `spill` and `decisionLog.spillFile` go together'];
  if (spillFile !== undefined && spillFile === to)
    return ['`decisionLog.spillFile` is the file of the decision log itself'];
  return [];
}
