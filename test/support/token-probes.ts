import type { Operation } from '../../src/iam/operation.ts';
import { makeToken, readToken } from '../../src/store/tokens.ts';
import type { Random } from './generators.ts';
import { newUser, type StoreHand } from './store-hand.ts';

export interface Probes {
  /** Writes to the store; nobody else does. */
  readonly hand: Pick<StoreHand, 'write'>;
  /** Services that follow it, in processes of their own. */
  readonly addresses: readonly string[];
  readonly count: number;
  /** How many are under way at once. */
  readonly lanes: number;
  readonly random: Random;
}

export interface ProbeResult {
  readonly asked: number;
  /** Answers that were not of the revision that they state, or older than was asked for; the first few. */
  readonly wrong: readonly string[];
  /** Answers that came from a later revision than that of the probe's own write. */
  readonly later: number;
}

const rid = 'dcos:secrets:default:/probe';

/**
 * Writes and asks at once for an answer no older than the write (the new-enemy test): each probe grants or revokes an action
 * of a user of its lane, then asks one of the services with the token. What the answer says is held against what was
 * true at the revision that it states.
 */
export async function probeTokens({ hand, addresses, count, lanes, random }: Probes): Promise<ProbeResult> {
  const uids = Array.from({ length: lanes }, (_, lane) => `probe-${lane}`);
  let revision = await hand.write({ kind: 'create-acl', rid, description: '' }, ...uids.map(newUser));
  const { storeId, epoch } = await pointOf(addresses[0]!);
  /** For each user the revisions at which it was granted and revoked, in turns. */
  const turns = new Map<string, number[]>(uids.map((uid) => [uid, []]));
  const wrong: string[] = [];
  let asked = 0;
  let later = 0;
  const run = async (uid: string): Promise<void> => {
    const own = turns.get(uid)!;
    while (asked < count && wrong.length < 10) {
      asked++;
      const kind = own.length % 2 === 0 ? 'grant' : 'revoke';
      const change: Operation = { kind, entry: { rid, subjects: 'users', id: uid }, action: 'read' };
      const written = await hand.write(change);
      own.push(written);
      revision = Math.max(revision, written);
      const token = makeToken({ storeId, epoch, revision: written });
      const about = random.pick(uids);
      const address = random.pick(addresses);
      const response = await fetch(`${address}/v1/check`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'postern-consistency': `at-least ${token}` },
        body: JSON.stringify({ subject: `user:${about}`, action: 'read', resource: rid }),
      });
      const body = (await response.json()) as { readonly decision?: string };
      const answered = response.ok ? readToken(response.headers.get('postern-token')!).revision : -1;
      const changes = turns.get(about)!.filter((turn) => turn <= answered).length;
      // A write of another lane may be in the answer before it is known here.
      const isKnown = answered <= revision;
      const expected = changes % 2 === 1 ? 'allow' : 'deny';
      if (answered > written) later++;
      if (answered < written || (isKnown && body.decision !== expected))
        wrong.push(
          `${about} at ${address}: ${response.status} ${body.decision ?? ''} at revision ${answered}, asked for ${written}, expected ${expected}`,
        );
    }
  };
  await Promise.all(uids.map(run));
  return { asked, wrong, later };
}

async function pointOf(address: string): Promise<ReturnType<typeof readToken>> {
  const response = await fetch(`${address}/v1/policy`);
  await response.arrayBuffer();
  return readToken(response.headers.get('postern-token')!);
}
