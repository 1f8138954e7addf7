import { scanned } from '../id/elements.ts';
import { scan } from '../id/scan.ts';
import { grown } from '../image/grown.ts';
import { NONE, RESOURCE_ROOT } from '../image/layout.ts';
import type { TrieWalker } from '../image/walk.ts';
import { type Evaluator, WALKED } from './evaluator.ts';
import { FEW_CLASSES, type SubjectClasses } from './subject-classes.ts';

/** A subject that is asked about again: who it is has been found out. It stays with the image of its moment. */
export class SubjectHandle {
  readonly id: string;
  /** @internal */
  readonly evaluator: Evaluator;
  /** Its classes; undefined if the id is malformed. @internal */
  readonly classes: readonly number[] | undefined;

  /** @internal */
  constructor(id: string, evaluator: Evaluator) {
    this.id = id;
    this.evaluator = evaluator;
    const { classes } = evaluator.idle;
    this.classes = classes.bind(id, undefined) ? classes.values.slice(0, classes.count) : undefined;
  }
}

/** A resource that is asked about again: what covers it has been found. It stays with the image of its moment. */
export class ResourceHandle {
  readonly id: string;
  /** @internal */
  readonly evaluator: Evaluator;
  /** As the walker leaves them; undefined if the id is malformed. @internal */
  readonly lists: readonly number[] | undefined;
  /** @internal */
  readonly namespace: number = NONE;
  /** @internal */
  constructor(id: string, evaluator: Evaluator) {
    this.id = id;
    this.evaluator = evaluator;
    if (!scan(id)) return;
    const { walker } = evaluator.idle;
    walker.walk(RESOURCE_ROOT, id, scanned);
    // A plain array lies beside the handle in memory, a typed one elsewhere.
    this.lists = Array.from(walker.lists.subarray(0, walker.listsEnd));
    this.namespace = walker.namespace;
  }
}

/**
 * `isAllowed` where one of the two, at least, is a handle. One of another image is taken by its id, and so is any where an
 * overlay may have changed what it knows.
 *
 * @param active  the evaluator in use
 */
export function isAllowedByHandles(
  active: Evaluator,
  subject: string | SubjectHandle | undefined,
  action: string,
  resource: string | ResourceHandle | undefined,
): boolean {
  const { idle } = active;
  if (idle.classes.overlay !== undefined || !isOf(active, subject) || !isOf(active, resource))
    return idle.isAllowed(idOf(subject), action, idOf(resource));
  if (subject instanceof SubjectHandle) {
    if (subject.classes === undefined) return false;
    bindClasses(idle.classes, subject.id, subject.classes);
  } else if (!idle.classes.bind(subject, undefined)) return false;
  if (!idle.bindAction(action)) return false;
  if (!(resource instanceof ResourceHandle)) return idle.allows(resource);
  if (resource.lists === undefined) return false;
  adoptLists(idle.walker, resource.lists);
  idle.walker.namespace = resource.namespace;
  return idle.allows(resource.id, WALKED);
}

function bindClasses(classes: SubjectClasses, id: string, found: readonly number[]): void {
  // More than a few are kept in a table as well, which only `bind` fills.
  if (found.length > FEW_CLASSES) {
    classes.bind(id, undefined);
    return;
  }
  for (let i = 0; i < found.length; i++) classes.values[i] = found[i]!;
  classes.count = found.length;
  classes.subject = id;
}

function adoptLists(walker: TrieWalker, lists: readonly number[]): void {
  while (walker.lists.length < lists.length) walker.lists = grown(walker.lists);
  for (let i = 0; i < lists.length; i++) walker.lists[i] = lists[i]!;
  walker.listsEnd = lists.length;
}

/** What is no handle at all is left for the evaluator to take or to refuse. */
function isHandle(value: unknown): value is SubjectHandle | ResourceHandle {
  return value instanceof SubjectHandle || value instanceof ResourceHandle;
}

function isOf(evaluator: Evaluator, value: unknown): boolean {
  return !isHandle(value) || value.evaluator === evaluator;
}

function idOf(value: string | SubjectHandle | ResourceHandle | undefined): string | undefined {
  return isHandle(value) ? value.id : value;
}
