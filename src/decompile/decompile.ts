import { type Image, type ImageSource, readImage } from '../image/image.ts';
import { checkSection } from '../image/image-error.ts';
import {
  ENTRY_DENY,
  ENTRY_FLAGS,
  ENTRY_SCOPE,
  ENTRY_SIZE,
  ENTRY_TARGET,
  NAMESPACE_SIZE,
  NONE,
  RESOURCE_ROOT,
  SCALAR_MODE,
  SCALAR_ROOTS,
  SUBJECT_ROOT,
} from '../image/layout.ts';
import type { Model, NamespaceRoot } from '../model/model.ts';
import { ActionRelations, type Ground } from './action-relations.ts';
import { Grounds } from './grounds.ts';
import { readEntities, readRoutes } from './read-data.ts';
import { readNamespaces } from './read-namespaces.ts';
import { ResourceReader } from './read-resources.ts';
import { type RuleEntries, readRules } from './read-rules.ts';
import { readRulesets, type ScopeEntry } from './read-rulesets.ts';
import { readSubjects, type SubjectList } from './read-subjects.ts';
import { readTemplates } from './read-templates.ts';
import { RuleSpreader } from './spread-rule.ts';
import type { StoreChanges } from './store-changes.ts';
import { namesOf } from './tables.ts';
import { TemplateFinder } from './template-finder.ts';
import { type Place, visitTries } from './trie-lists.ts';

/**
 * A model that decides exactly as the image does, in every mode, and names the same rules: for whoever holds an image and
 * no policy text, and wants to ask more of it than decisions.
 *
 * It is no copy of what was written. Braces, roles and what templates add have become resources of their own, as patterns
 * where a literal id would be widened anew; variables have other names, `x`, `y`, `z`; a rule is several of the same name
 * where its parts differ; groups hold members directly, and implications are those that the others follow from. Where an
 * action is allowed without what it implies (S14), every rule names all its actions and nothing implies anything. Tests
 * and closed namespaces, which decide nothing, are gone. Rules and roles know file and line, the rest does not: files are
 * empty there, and every span is `{ start: 0, end: 0 }` but for those of routes.
 *
 * @param changes  what has changed since a live image was made
 * @throws {ImageError} if the bytes are no sound image, or hold what the compiler does not write
 * Cost: linear in the image; no recursion but along conditions and attributes, whose depth the parser bounds.
 */
export function decompile(source: ImageSource, changes?: StoreChanges): Model {
  const image = readImage(source);
  const found = findEntries(image);
  const relations = new ActionRelations(image);
  const grounds = new Grounds(found.roots);
  const finder = new TemplateFinder(image);
  const { classes, groups } = readSubjects(image, found.subjectLists, changes);
  const rows = readTemplates(image, found.templateLists);
  const isSpread =
    needsSpreading(image, found.rules, relations, grounds) ||
    (changes !== undefined && addedNeedSpreading(changes, relations, grounds));
  const implications = isSpread ? undefined : relations.globalImplications();
  const parts = { relations, rows, finder, roots: found.roots, implications };
  const { namespaces, listed } = readNamespaces(image, parts);
  const resources = new ResourceReader({ relations, grounds, finder, rows, listed, isSpread });
  const spreader = new RuleSpreader({ relations, grounds, resources, isSpread });
  const modes = namesOf(image, image.modes);
  const mode = image.scalars[SCALAR_MODE]!;
  return {
    ...(mode === NONE ? {} : { mode: modes[mode]! }),
    modes,
    groups,
    rules: readRules(image, { entries: found.rules, classes, relations, spreader, changes }),
    rulesets: readRulesets(image, found.scopes, { relations, resources }),
    namespaces,
    implications: implications ?? [],
    routes: readRoutes(image),
    entities: readEntities(image),
    tests: [],
  };
}

interface FoundEntries {
  readonly rules: RuleEntries;
  readonly scopes: readonly ScopeEntry[];
  readonly subjectLists: readonly SubjectList[];
  readonly templateLists: readonly SubjectList[];
  /** By namespace. */
  readonly roots: readonly (readonly NamespaceRoot[])[];
}

/** Sorts the lists of all tries by what they are about. */
function findEntries(image: Image): FoundEntries {
  const { nodes, scalars, namespaces } = image;
  const offsets: number[] = [];
  const placeOf: number[] = [];
  const places: Place[] = [];
  const scopes: ScopeEntry[] = [];
  const subjectLists: SubjectList[] = [];
  const templateLists: SubjectList[] = [];
  const roots = Array.from({ length: namespaces.length / NAMESPACE_SIZE }, (): NamespaceRoot[] => []);
  visitTries(image, {
    namespace: (namespace, first) => {
      roots[namespace]!.push(first === '/' ? { kind: 'path' } : { kind: 'segment', text: first });
    },
    list: (root, place, first, end) => {
      if (root !== scalars[SCALAR_ROOTS + RESOURCE_ROOT]) {
        const lists = root === scalars[SCALAR_ROOTS + SUBJECT_ROOT] ? subjectLists : templateLists;
        lists.push({ place, first, end });
        return;
      }
      places.push(place);
      for (let entry = first; entry < end; entry += ENTRY_SIZE) {
        if ((nodes[entry + ENTRY_FLAGS]! & ENTRY_SCOPE) !== 0) {
          scopes.push({ entry, ruleset: nodes[entry + ENTRY_TARGET]!, place });
          continue;
        }
        offsets.push(entry);
        placeOf.push(places.length - 1);
      }
    },
  });
  checkSection(
    'nodes',
    places.every((place) => place.kind === 'id' || place.elements.length > 0),
  );
  return { rules: { offsets, placeOf, places }, scopes, subjectLists, templateLists, roots };
}

/** Whether an allow holds for an action without something that the action implies there (S14). */
function needsSpreading(
  image: Image,
  { offsets, placeOf, places }: RuleEntries,
  relations: ActionRelations,
  grounds: Grounds,
): boolean {
  if (!relations.hasExact) return false;
  return offsets.some((entry, i) => {
    if ((image.nodes[entry + ENTRY_FLAGS]! & ENTRY_DENY) !== 0) return false;
    const { exact } = relations.actionsOf(image, entry);
    if (exact.length === 0) return false;
    return isMoreElsewhere(exact, grounds.groundOf(places[placeOf[i]!]!) ?? 0, relations);
  });
}

function addedNeedSpreading({ rules }: StoreChanges, relations: ActionRelations, grounds: Grounds): boolean {
  return rules.some(({ id, actions }) =>
    isMoreElsewhere(relations.spokenBy(actions).exact, grounds.groundOf({ kind: 'id', id })!, relations),
  );
}

/** Whether one of the actions implies something on some ground. */
function isMoreElsewhere(actions: readonly number[], ground: Ground, relations: ActionRelations): boolean {
  return actions.some((action) => relations.askedBeside('allow', ground, action).length > 0);
}
