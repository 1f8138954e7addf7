import type { DescribedSet, SetPart } from '../analysis/described-set.ts';
import { lettersOfId } from '../analysis/letters.ts';
import { matchesElements } from '../analysis/match-elements.ts';
import type { Elements } from './allowed-classes.ts';
import type { AllowedIds, LikeCase } from './allowed-ids.ts';
import type { Dialect } from './dialect.ts';
import { type IdShape, shapeOf } from './id-shape.ts';
import { saidPositively } from './normal-set.ts';
import { allOf, anyOf, FALSE, not, type SqlCondition, type SqlText, TRUE } from './sql-condition.ts';

/** Ids as a condition on a column: false for NULL, for what is malformed, and for what is no text. */
export function renderIds(
  { cases, added, removed }: AllowedIds,
  dialect: Dialect,
  column: SqlText,
): SqlCondition {
  const renderer = new Renderer(dialect, column);
  const ids = [...added];
  const classes = cases.map(({ like, set }) => {
    const positive = saidPositively(set);
    const isAlways = like.matching.length + like.others.length === 0;
    // Ids that stand in patterns are looked for together, if nothing else is asked of them.
    if (isAlways) ids.push(...idsNamedIn(positive).filter((id) => !removed.includes(id)));
    return allOf([renderer.like(like), renderer.set(positive, { isComplete: !isAlways })]);
  });
  // Databases find the ways of using an index at the outermost `OR`. Single ids are well formed, so that this can stand outside.
  const found = anyOf([renderer.isOneOf([...new Set(ids)]), ...classes]);
  const isNamed = classes.every((each) => each === FALSE);
  if (isNamed) return allOf([dialect.isText(column), found]);
  return allOf([
    dialect.isText(column),
    found,
    not(renderer.isOneOf(removed)),
    dialect.isWellFormed(renderer.id),
  ]);
}

/** What the patterns of a set name as a whole, and the set holds: `a` of `a/**`. */
function idsNamedIn(set: DescribedSet<Elements>): readonly string[] {
  return set.flatMap((part) => part.all.flatMap(idNamedBy).filter((id) => isIn(part, lettersOfId(id))));
}

function idNamedBy(elements: Elements): readonly string[] {
  const shape = shapeOf(elements);
  if (shape.kind === 'literal') return [shape.id];
  return shape.kind === 'subtree' && shape.self !== undefined ? [shape.self] : [];
}

function isIn({ all, except }: SetPart<Elements>, letters: ReturnType<typeof lettersOfId>): boolean {
  return (
    all.every((elements) => matchesElements(elements, letters)) && !except.some((part) => isIn(part, letters))
  );
}

/** Beyond so many exceptions to write they are written once for all parts that share them. */
const MAX_REPEATED = 64;

/** Parts that are said together: with the same exceptions. Apart, an index finds each of them; together, the text is shorter. */
function groupsOf(set: DescribedSet<Elements>): readonly DescribedSet<Elements>[] {
  const isLong = set.reduce((count, { except }) => count + except.length, 0) > MAX_REPEATED;
  const keyOf = ({ except }: SetPart<Elements>, i: number): string =>
    except.length === 0 || isLong ? JSON.stringify(except) : `${i}`;
  return [
    ...Map.groupBy(
      set.map((part, i) => [keyOf(part, i), part] as const),
      ([key]) => key,
    ).values(),
  ].map((parts) => parts.map(([, part]) => part));
}

interface Completeness {
  /** Whether ids that patterns name as a whole are in the condition too. */
  readonly isComplete: boolean;
}

/** Below, ids are well formed. */
class Renderer {
  readonly id: SqlText;
  readonly #dialect: Dialect;
  readonly #column: SqlText;

  constructor(dialect: Dialect, column: SqlText) {
    this.#dialect = dialect;
    this.#column = column;
    this.id = dialect.exact(column);
  }

  isOneOf(ids: readonly string[]): SqlCondition {
    return ids.length === 0 ? FALSE : this.#dialect.isOneOf(this.#column, ids);
  }

  like({ matching, others }: LikeCase): SqlCondition {
    return allOf([
      ...matching.map((glob) => this.#dialect.isLike(this.id, glob)),
      ...others.map((glob) => not(this.#dialect.isLike(this.id, glob))),
    ]);
  }

  set(set: DescribedSet<Elements>, completeness: Completeness): SqlCondition {
    return anyOf(
      groupsOf(set).map((parts) => {
        const single = parts.flatMap(({ all }) => (all.length === 1 ? all : []));
        return allOf([
          anyOf([
            this.#union(single, completeness),
            ...parts
              .filter(({ all }) => all.length > 1)
              .map(({ all }) => allOf(all.map((elements) => this.#union([elements], completeness)))),
          ]),
          not(this.set(parts[0]!.except, { isComplete: true })),
        ]);
      }),
    );
  }

  #union(patterns: readonly Elements[], { isComplete }: Completeness): SqlCondition {
    const shapes = patterns.map(shapeOf);
    return anyOf([
      this.isOneOf(isComplete ? patterns.flatMap(idNamedBy) : []),
      ...shapes.map((shape) => this.#quick(shape)),
      this.#slow(shapes.flatMap((shape) => (shape.kind === 'general' ? [shape] : []))),
    ]);
  }

  #quick(shape: IdShape): SqlCondition {
    switch (shape.kind) {
      case 'everything':
        return TRUE;
      case 'subtree':
        return this.#dialect.beginsWith(this.id, shape.prefix, { isLonger: false });
      case 'beneath':
        return this.#dialect.beginsWith(this.id, shape.prefix, { isLonger: true });
      default:
        return FALSE;
    }
  }

  /** What an index cannot find, within what it can: where all begin alike in some way, that is a range. */
  #slow(shapes: readonly Extract<IdShape, { kind: 'general' }>[]): SqlCondition {
    if (shapes.length === 0) return FALSE;
    const byPrefix = Map.groupBy(shapes, ({ prefix }) => prefix);
    return anyOf(
      [...byPrefix].map(([prefix, alike]) => {
        const patterns = alike.map(({ elements }) => elements);
        return allOf([
          prefix === '' ? TRUE : this.#dialect.beginsWith(this.id, prefix, { isLonger: false }),
          this.#dialect.matchesOneOf(this.id, patterns),
        ]);
      }),
    );
  }
}
