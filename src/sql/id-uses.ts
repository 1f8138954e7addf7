import type { Known } from '../analysis/fold-condition.ts';
import type { AttributeValue, Expression, Glob } from '../model/model.ts';
import { FilterError } from './filter-error.ts';

/** How conditions look at the resource. */
export interface IdUses {
  /** Texts that the id may be compared with, and perhaps others. */
  readonly texts: ReadonlySet<string>;
  readonly globs: readonly Glob[];
  /** Whether something but its id is read, which only entities have. */
  readonly readsAttributes: boolean;
}

/**
 * Collects them: of ids that are none of the texts, and have no attributes, only the globs tell which conditions hold.
 *
 * @throws {FilterError} if an id is read as an address, a time or a duration
 */
export function idUsesIn(conditions: readonly Expression[], known: Known): IdUses {
  const texts = new Set<string>();
  const globs = new Map<string, Glob>();
  let readsAttributes = false;
  // A stack of its own, as conditions nest.
  const waiting: Expression[] = [...conditions];
  for (const part of waiting) {
    waiting.push(...partsWithin(part));
    if ((part.kind === 'attribute' || part.kind === 'has') && part.root === 'resource' && !isId(part))
      readsAttributes = true;
    if (part.kind === 'constant' && part.value.kind === 'string') texts.add(part.value.value);
    if (part.kind === 'attribute' && part.root !== 'resource') collectTexts(known, part, texts);
    if (part.kind === 'like' && isId(part.item)) globs.set(JSON.stringify(part.glob), part.glob);
    if (readsIdAsOther(part))
      throw new FilterError(
        'inexpressible',
        'a condition reads `resource.id` as an address, a time or a duration, which a condition in SQL cannot say',
      );
  }
  return { texts, globs: [...globs.values()], readsAttributes };
}

function partsWithin(part: Expression): readonly Expression[] {
  switch (part.kind) {
    case 'not':
      return [part.operand];
    case 'and':
    case 'or':
    case 'compare':
      return [part.left, part.right];
    case 'in-list':
      return [part.item, part.list];
    case 'list':
      return part.items;
    case 'in-cidr':
    case 'like':
      return [part.item];
    default:
      return [];
  }
}

function isId(part: Expression): boolean {
  return (
    part.kind === 'attribute' && part.root === 'resource' && part.path.length === 1 && part.path[0] === 'id'
  );
}

function readsIdAsOther(part: Expression): boolean {
  if (part.kind === 'in-cidr') return isId(part.item);
  if (part.kind === 'compare')
    return [part.left, part.right].some(isId) && [part.left, part.right].some(isOther);
  if (part.kind !== 'in-list' || part.list.kind !== 'list') return false;
  return (
    (isId(part.item) && part.list.items.some(isOther)) || (isOther(part.item) && part.list.items.some(isId))
  );
}

function isOther(part: Expression): boolean {
  return part.kind === 'constant' && ['ip', 'time', 'duration'].includes(part.value.kind);
}

function collectTexts(
  { closed }: Known,
  { root, path }: Extract<Expression, { kind: 'attribute' }>,
  texts: Set<string>,
): void {
  let value: AttributeValue | undefined = closed?.get(root);
  for (const name of path) value = value instanceof Map ? value.get(name) : undefined;
  const values = Array.isArray(value) ? (value as readonly AttributeValue[]) : [value];
  for (const each of values) if (typeof each === 'string') texts.add(each);
}
