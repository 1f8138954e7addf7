import { type Image, namedText } from '../image/image.ts';
import {
  NAMESPACE_KNOWN_ACTIONS,
  NAMESPACE_SIZE,
  NAMESPACE_SUPERUSER,
  NAMESPACE_SUPERUSER_ACTIONS,
  NAMESPACE_SUPERUSER_LENGTH,
  NONE,
} from '../image/layout.ts';
import type { Implication, Namespace, NamespaceRoot, Template } from '../model/model.ts';
import { compareSpecificity, variantsOf } from '../model/template-variants.ts';
import type { ActionRelations } from './action-relations.ts';
import type { TemplateRow } from './read-templates.ts';
import { locationIn, namesOf, numbersAt } from './tables.ts';
import type { TemplateFinder } from './template-finder.ts';

/** What the namespaces of an image are made of. */
export interface NamespaceParts {
  readonly relations: ActionRelations;
  readonly rows: readonly TemplateRow[];
  readonly finder: TemplateFinder;
  /** By namespace. */
  readonly roots: readonly (readonly NamespaceRoot[])[];
  /** Implications that hold everywhere; undefined where rules have been spread so that none is needed. */
  readonly implications: readonly Implication[] | undefined;
}

export interface Namespaces {
  readonly namespaces: readonly Namespace[];
  /** The actions that the template of each row lists; undefined for any. */
  readonly listed: readonly (readonly string[] | undefined)[];
}

/**
 * The namespaces of an image. What templates list is known in sum only (S34), and of those that describe a superuser (S33):
 * these list what they did, the others everything that is known, which no rule can tell.
 */
export function readNamespaces(image: Image, parts: NamespaceParts): Namespaces {
  const { relations, rows, roots, implications } = parts;
  const known = roots.map((_, namespace) => {
    const list = fieldOf(image, namespace, NAMESPACE_KNOWN_ACTIONS);
    return list === NONE ? undefined : relations.namesOf(numbersAt(image, list));
  });
  const superuserLists = readSuperuserLists(image, parts, known);
  const listed = rows.map(({ namespace }, row) =>
    superuserLists.has(row) ? superuserLists.get(row) : known[namespace],
  );
  const namespaces = namesOf(image, image.namespaces, NAMESPACE_SIZE).map((name, index): Namespace => {
    const own = implications === undefined ? [] : relations.implicationsOf(index);
    const spoken = new Set([
      ...rows.flatMap((each, row) => (isOf(each, index) ? (listed[row] ?? []) : [])),
      ...[...own, ...(implications ?? [])].flatMap(({ action, implies }) => [action, ...implies]),
    ]);
    const others = known[index]?.filter((action) => !spoken.has(action)) ?? [];
    const superuser = superuserOf(image, index);
    return {
      name,
      location: locationIn(''),
      isClosed: false,
      roots: roots[index]!,
      // An action that implies itself is known, and that is all.
      implications: [...own, ...others.map((action) => ({ action, implies: [action] }))],
      ...(superuser === '' ? {} : { superuser }),
      templates: inOrder(
        rows.flatMap((each, row) => {
          const actions = listed[row];
          if (!isOf(each, index)) return [];
          return [actions === undefined ? each.template : { ...each.template, actions }];
        }),
      ),
    };
  });
  return { namespaces, listed };
}

/** As rows are ordered: some rank higher now than they did, before others of which no id is theirs too. */
function inOrder(templates: readonly Template[]): readonly Template[] {
  const ranked = templates.map((template) => ({ template, variant: variantsOf(template.parts)[0]! }));
  return ranked.sort((a, b) => compareSpecificity(a.variant, b.variant)).map(({ template }) => template);
}

/** Whether the row is one of those that a namespace needs. */
function isOf({ namespace, isIdle }: TemplateRow, index: number): boolean {
  return namespace === index && !isIdle;
}

/** What the templates of superusers list, by row. */
function readSuperuserLists(
  image: Image,
  { relations, rows, roots, finder }: NamespaceParts,
  known: readonly (readonly string[] | undefined)[],
): ReadonlyMap<number, readonly string[] | undefined> {
  const lists = new Map<number, readonly string[] | undefined>();
  for (const namespace of roots.keys()) {
    const row = finder.rowOf(superuserOf(image, namespace));
    if (row === undefined) continue;
    const actions = numbersAt(image, fieldOf(image, namespace, NAMESPACE_SUPERUSER_ACTIONS));
    const isAny = actions.length === relations.names.length && known[rows[row]!.namespace] === undefined;
    lists.set(row, isAny ? undefined : relations.namesOf(actions));
  }
  return lists;
}

function superuserOf(image: Image, namespace: number): string {
  if (fieldOf(image, namespace, NAMESPACE_SUPERUSER_LENGTH) === 0) return '';
  return namedText(image, image.namespaces, namespace * NAMESPACE_SIZE + NAMESPACE_SUPERUSER);
}

function fieldOf({ namespaces }: Image, namespace: number, field: number): number {
  return namespaces[namespace * NAMESPACE_SIZE + field]!;
}
