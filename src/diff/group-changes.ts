import { buildPatternTree, type PatternRow } from '../printing/pattern-tree.ts';
import { printSet } from '../printing/print-set.ts';
import type { Requests, ResourceTerm } from './policy-difference.ts';
import { showSubjects } from './shown-subjects.ts';

/** Some changes of the same subjects. */
export interface SubjectSection<Item> {
  readonly subjects: string;
  readonly rows: readonly ChangeRow<Item>[];
  /** Of requests that name no resource; they come before the trees. */
  readonly withoutResource: readonly Item[];
  readonly count: number;
}

/** A row of the resources' trees, in preorder, with what changes there. */
export interface ChangeRow<Item> extends PatternRow {
  readonly places: readonly ChangePlace<Item>[];
}

/** One part of a change's resources. */
export interface ChangePlace<Item> {
  readonly item: Item;
  /** What stands beside the row's own text: ` and a/**`, ` except a/b/**`; empty for the row alone. */
  readonly limits: string;
  /** A change that stands in several places is told in full in the first. */
  readonly isFirst: boolean;
}

/** Subjects in the order in which they first come, resources as trees. */
export function groupChanges<Item extends Requests>(items: readonly Item[]): readonly SubjectSection<Item>[] {
  const groups = Map.groupBy(items, (item) => showSubjects(item).text);
  return [...groups].map(([subjects, changes]) => ({
    subjects,
    rows: treeOf(changes),
    withoutResource: changes.filter(({ isWithoutResource }) => isWithoutResource),
    count: changes.length,
  }));
}

function treeOf<Item extends Requests>(changes: readonly Item[]): readonly ChangeRow<Item>[] {
  const parts = changes.flatMap((item) => item.resources.map((part) => ({ item, part, term: part.all[0]! })));
  const tree = buildPatternTree(parts.map(({ term }) => term.elements));
  const places: ChangePlace<Item>[][] = tree.rows.map(() => []);
  for (const { item, part, term } of parts) {
    const limits = printSet([part], textOf)[0]!.slice(term.text.length);
    places[tree.rowOf(term.elements)]!.push({ item, limits, isFirst: false });
  }
  const told = new Set(changes.filter(({ isWithoutResource }) => isWithoutResource));
  return tree.rows.map((row, i) => ({
    ...row,
    places: places[i]!.map((place) => {
      const isFirst = !told.has(place.item);
      told.add(place.item);
      return { ...place, isFirst };
    }),
  }));
}

/** The changes in the order in which they are told. */
export function inOrder<Item>(sections: readonly SubjectSection<Item>[]): readonly Item[] {
  return sections.flatMap(({ withoutResource, rows }) => [
    ...withoutResource,
    ...rows.flatMap(({ places }) => places.flatMap(({ item, isFirst }) => (isFirst ? [item] : []))),
  ]);
}

function textOf({ text }: ResourceTerm): string {
  return text;
}
