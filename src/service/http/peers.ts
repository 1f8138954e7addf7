import { BlockList, isIP } from 'node:net';
import { quote } from '../../files/quote.ts';

export type IsPeer = (address: string | undefined) => boolean;

interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** What is wrong with a list of peers, a line each. */
export function faultsOfPeers(setting: string, peers: readonly string[]): string[] {
  return peers
    .filter((peer) => readNetwork(peer) === undefined)
    .map((peer) => `\`${setting}\`: ${quote(peer)} is neither an address nor a network as 10.0.0.0/8`);
}

/**
 * Whether an address is one of these, or in one of these networks. An IPv4 address that comes as IPv6 is the same address;
 * who has none, on a socket of the file system, is no peer.
 *
 * @param peers  without faults
 */
export function createPeerList(peers: readonly string[]): IsPeer {
  const list = new BlockList();
  for (const { address, prefix, family } of peers.flatMap((peer) => readNetwork(peer) ?? []))
    list.addSubnet(address, prefix, family);
  return (address) => {
    const family = isIP(address ?? '');
    return family !== 0 && list.check(address!, family === 6 ? 'ipv6' : 'ipv4');
  };
}

function readNetwork(text: string): Network | undefined {
  const [address = '', prefixText, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return undefined;
  const bits = version === 6 ? 128 : 32;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  return prefix > bits ? undefined : { address, prefix, family: version === 6 ? 'ipv6' : 'ipv4' };
}
