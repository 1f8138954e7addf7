import { RequestError } from '../../../decision/errors.ts';
import { checkSpaceId, findSpaceIdFault, type SpaceIdFault } from './ids.ts';
import { PathReader, type SpaceIdKind } from './path-reader.ts';
import { IS_JOB, IS_SECRET, IS_SERVICE, PathTree } from './path-tree.ts';
import { buildSpaceIndex, childOf, NONE, type PlacedIds, type SpaceIndex } from './space-index.ts';

/** Ids in any order; one that comes twice counts once. */
export interface SpacesInput {
  /** `/group/web` */
  readonly services?: Iterable<string>;
  /** Jobs of Metronome, `group.nightly`: they read what the service `/group/nightly` would. */
  readonly jobs?: Iterable<string>;
  /** `group/password` */
  readonly secrets?: Iterable<string>;
}

/** An id of the input that was left out. */
export interface RefusedId extends SpaceIdFault {
  readonly kind: SpaceIdKind;
  /** Its place in its part of the input, from 0. */
  readonly index: number;
  readonly id: unknown;
}

export interface ListOptions {
  /** How many to list at most: the first ones. Default: all. */
  readonly limit?: number | undefined;
}

/** `Spaces.refused` holds no more than this many. */
const maxRefused = 1000;

/**
 * Which services may read which secrets, for a whole cluster at once: `mayRead` over every pair, without looking at every
 * pair. Paths alone count. Immutable.
 *
 * An answer costs one search for each segment of the id that is asked about, and then its own length; counting costs the
 * search alone.
 */
export class Spaces {
  /** The ids that were left out because they are malformed: the first 1,000. */
  readonly refused: readonly RefusedId[];
  readonly refusedCount: number;
  readonly #index: SpaceIndex;
  readonly #reader = new PathReader();

  private constructor(index: SpaceIndex, refused: readonly RefusedId[], refusedCount: number) {
    this.#index = index;
    this.refused = refused;
    this.refusedCount = refusedCount;
  }

  /** Reads every id once. A malformed one is left out and reported in `refused`: look there before trusting an answer. */
  static from(input: SpacesInput): Spaces {
    const builder = new SpacesBuilder();
    const services = builder.place('service', input.services ?? []);
    const jobs = builder.place('job', input.jobs ?? []);
    const secrets = builder.place('secret', input.secrets ?? []);
    const index = buildSpaceIndex(builder.tree, { services, jobs, secrets });
    return new Spaces(index, builder.refused, builder.refusedCount);
  }

  /** For what stands beside this file: the tree itself. */
  static indexOf(spaces: Spaces): SpaceIndex {
    return spaces.#index;
  }

  /** Services and jobs. */
  get serviceCount(): number {
    return this.#index.readers.ids.length;
  }

  get secretCount(): number {
    return this.#index.secrets.ids.length;
  }

  /**
   * The secrets that a service, known or not, may read: those in the root, then directory by directory down to its own, in
   * each by name. For a job ask with `serviceOfJob`.
   *
   * @throws {RequestError} if the id is malformed, or the limit is no whole number from 0 up
   */
  secretsFor(service: string, { limit }: ListOptions = {}): string[] {
    const { ids, first, ownEnd } = this.#index.secrets;
    const found: string[] = [];
    const most = readLimit(limit);
    for (const node of this.#nodesOn(service))
      for (let i = first[node]!; i < ownEnd[node]! && found.length < most; i++) found.push(ids[i]!);
    return found;
  }

  /** @throws {RequestError} if the id is malformed */
  countSecretsFor(service: string): number {
    const { first, ownEnd } = this.#index.secrets;
    let count = 0;
    for (const node of this.#nodesOn(service)) count += ownEnd[node]! - first[node]!;
    return count;
  }

  /**
   * The services and jobs that may read a secret, known or not, by path: segment by segment, each by its code units, what is
   * above before what is beneath, a service before a job at the same path. Ids are as they were given.
   *
   * @throws {RequestError} if the id is malformed, or the limit is no whole number from 0 up
   */
  servicesFor(secret: string, { limit }: ListOptions = {}): string[] {
    const most = readLimit(limit);
    const node = this.#directoryOf(secret);
    if (node === NONE) return [];
    const { ids, first, end } = this.#index.readers;
    return ids.slice(first[node]!, Math.min(end[node]!, first[node]! + most));
  }

  /** @throws {RequestError} if the id is malformed */
  countServicesFor(secret: string): number {
    const node = this.#directoryOf(secret);
    return node === NONE ? 0 : this.#index.readers.end[node]! - this.#index.readers.first[node]!;
  }

  /** @throws {RequestError} */
  #read(kind: SpaceIdKind, id: unknown): void {
    if (this.#reader.read(kind, id) !== undefined) checkSpaceId(kind, id);
  }

  /** The nodes on the service's path that there are, from the root down. */
  #nodesOn(service: string): number[] {
    this.#read('service', service);
    const nodes = [0];
    for (let i = 0, node = 0; i < this.#reader.count; i++) {
      node = childOf(this.#index, node, this.#reader.segment(i));
      if (node === NONE) break;
      nodes.push(node);
    }
    return nodes;
  }

  /** The node of the directory that a secret lies in, or NONE. */
  #directoryOf(secret: string): number {
    this.#read('secret', secret);
    let node = 0;
    for (let i = 0; i < this.#reader.count - 1 && node !== NONE; i++)
      node = childOf(this.#index, node, this.#reader.segment(i));
    return node;
  }
}

const markOf: Readonly<Record<SpaceIdKind, number>> = { service: IS_SERVICE, job: IS_JOB, secret: IS_SECRET };

class SpacesBuilder {
  readonly tree = new PathTree();
  readonly refused: RefusedId[] = [];
  refusedCount = 0;
  readonly #reader = new PathReader();

  /** Puts ids into the tree; those that are new, with their nodes. */
  place(kind: SpaceIdKind, given: Iterable<unknown>): PlacedIds {
    const ids: string[] = [];
    const nodes: number[] = [];
    let index = 0;
    for (const id of given) {
      if (this.#reader.read(kind, id) !== undefined) {
        this.#refuse(kind, index, id);
      } else {
        const node = this.tree.add(this.#reader);
        if (this.tree.mark(node, markOf[kind])) {
          ids.push(id as string);
          nodes.push(node);
        }
      }
      index++;
    }
    return { ids, nodes };
  }

  #refuse(kind: SpaceIdKind, index: number, id: unknown): void {
    this.refusedCount++;
    const fault = findSpaceIdFault(kind, id);
    if (this.refused.length < maxRefused && fault !== undefined)
      this.refused.push({ kind, index, id, ...fault });
  }
}

/** @throws {RequestError} */
export function readLimit(limit: number | undefined): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  if (Number.isSafeInteger(limit) && limit >= 0) return limit;
  throw new RequestError(`limit ${limit} is no whole number from 0 up`);
}
