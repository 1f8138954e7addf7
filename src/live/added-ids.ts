import type { TemplateRanking } from '../compile/templates.ts';
import { isWildcardStar } from '../iam/wildcard-star.ts';
import { HASH_SEED, hashText, scanned } from '../id/elements.ts';
import { isCovered, oneSegment, type Suffix, suffixesOf } from './coverage.ts';
import type { Holders } from './holders.ts';
import { type Hashed, TextTable } from './text-table.ts';

/** An id on which something has changed; its text is without the slash of a root at its end, which ends no element. */
interface AddedId extends Hashed {
  readonly id: string;
  readonly suffixes: readonly Suffix[];
  readonly holders: Holders;
}

/** The same for what is beneath the id by a separator within its last segment (S32): the text ends with the separator. */
interface AddedPieces extends Hashed {
  readonly holders: Holders;
}

/** The ids on which something has changed, found along the id of a request. */
export class AddedIds {
  readonly #ids: TextTable<AddedId>;
  /** Those that end in a star for one segment; their texts are what is before it. */
  readonly #stars: TextTable<AddedId>;
  readonly #pieces: TextTable<AddedPieces>;
  /** The last units of the separators of pieces. */
  readonly #pieceEnds: Set<number>;
  /** Bit i if some id has i + 1 elements; the last stands for all that have more. */
  #depths: number;

  private constructor(
    ids: TextTable<AddedId>,
    stars: TextTable<AddedId>,
    pieces: TextTable<AddedPieces>,
    pieceEnds: Set<number>,
    depths: number,
  ) {
    this.#ids = ids;
    this.#stars = stars;
    this.#pieces = pieces;
    this.#pieceEnds = pieceEnds;
    this.#depths = depths;
  }

  static empty(): AddedIds {
    return new AddedIds(TextTable.empty(), TextTable.empty(), TextTable.empty(), new Set(), 0);
  }

  copy(): AddedIds {
    return new AddedIds(
      this.#ids.copy(),
      this.#stars.copy(),
      this.#pieces.copy(),
      new Set(this.#pieceEnds),
      this.#depths,
    );
  }

  get isEmpty(): boolean {
    return this.#depths === 0 && this.#stars.size === 0;
  }

  values(): readonly { readonly id: string; readonly holders: Holders }[] {
    return [...this.#ids.values(), ...this.#stars.values()];
  }

  /** Of the id that was scanned last. */
  holdersOf(id: string): Holders | undefined {
    const { count, hashes, ends } = scanned;
    const isStar = isWildcardStar(id);
    const last = count - (isStar ? 2 : 1);
    return (isStar ? this.#stars : this.#ids).get(hashes[last]!, id, ends[last]!)?.holders;
  }

  /** Sets them for the id that was scanned last. Not to be called once the table is shared. */
  set(id: string, holders: Holders, templates: TemplateRanking): void {
    const { count, hashes, ends, codes } = scanned;
    if (isWildcardStar(id)) {
      const text = id.slice(0, ends[count - 2]!);
      this.#stars.set({
        text,
        hash: hashes[count - 2]!,
        id,
        suffixes: oneSegment(codes[count - 1]!),
        holders,
      });
      return;
    }
    const hash = hashes[count - 1]!;
    const text = id.slice(0, ends[count - 1]!);
    const coverage = templates.coverageOf(id);
    const suffixes = suffixesOf(coverage, count);
    this.#depths |= 1 << Math.min(count - 1, 31);
    this.#ids.set({ text, hash, id, suffixes, holders });
    if (coverage?.pieceSeparator === undefined) return;
    const beneath = id + coverage.pieceSeparator;
    this.#pieces.set({ text: beneath, hash: hashText(beneath), holders });
    this.#pieceEnds.add(beneath.charCodeAt(beneath.length - 1));
  }

  /**
   * Puts those who hold something on an id that covers the resource, which was scanned last, into `found`, and gives their
   * number. Cost: one probe for each element of the resource, one for stars, and one step for each unit where there are pieces.
   */
  find(resource: string, found: Holders[]): number {
    const { count, hashes, ends } = scanned;
    const depths = this.#depths;
    let foundCount = 0;
    for (let i = 0; i < count; i++) {
      if (((depths >>> (i < 31 ? i : 31)) & 1) === 0) continue;
      const added = this.#ids.get(hashes[i]!, resource, ends[i]!);
      if (added !== undefined && isCovered(added.suffixes, resource, scanned, i + 1))
        found[foundCount++] = added.holders;
    }
    if (this.#stars.size > 0 && count > 1) {
      const added = this.#stars.get(hashes[count - 2]!, resource, ends[count - 2]!);
      if (added !== undefined && isCovered(added.suffixes, resource, scanned, count - 1))
        found[foundCount++] = added.holders;
    }
    return this.#pieces.size === 0 ? foundCount : this.#findPieces(resource, found, foundCount);
  }

  #findPieces(resource: string, found: Holders[], already: number): number {
    const { count, starts, ends } = scanned;
    const first = starts[count - 1]! + 1;
    // At least one unit is left behind the separator.
    const end = ends[count - 1]! - 1;
    let foundCount = already;
    let hash = HASH_SEED;
    for (let i = 0; i < end; i++) {
      const unit = resource.charCodeAt(i);
      // As `hashText` does.
      hash = Math.imul(hash ^ unit, 0x01000193);
      if (i < first || !this.#pieceEnds.has(unit)) continue;
      const added = this.#pieces.get(hash, resource, i + 1);
      if (added !== undefined) found[foundCount++] = added.holders;
    }
    return foundCount;
  }
}
