import { mayMeet, PatternTrie } from '../analysis/pattern-trie.ts';
import type { Schema } from '../analysis/schema.ts';
import type { Model, PatternElement, ResourcePattern, Rule } from '../model/model.ts';
import { elementsOfId } from '../model/template-variants.ts';
import { patternOf } from '../printing/print-pattern.ts';

/**
 * The model with the rules left out that speak of none of some ids: of those ids it decides as the whole does, and nearly
 * all of a large policy set need not be looked at again. Superusers' ids are always among them.
 *
 * @param region  patterns of the ids; requests without a resource are always among what it decides alike
 * @param kept  rules that stay, whatever they speak of
 */
export function sliceOf(schema: Schema, region: Region, kept: ReadonlySet<Rule> = new Set()): Model {
  const speaks = speakingOf(schema.model, region);
  return keepingActions(schema, {
    ...schema.model,
    rules: schema.model.rules.filter((rule) => kept.has(rule) || speaks(rule)),
  });
}

/** The same, or undefined as soon as it would have more rules than that, or rules of more resources. */
export function smallSliceOf(
  schema: Schema,
  region: Region,
  { rules: maxRules, resources: maxResources }: { readonly rules: number; readonly resources: number },
): Model | undefined {
  const speaks = speakingOf(schema.model, region);
  const rules: Rule[] = [];
  let resources = 0;
  for (const rule of schema.model.rules) {
    if (!speaks(rule)) continue;
    resources += rule.resources.length;
    if (rules.length === maxRules || resources > maxResources) return undefined;
    rules.push(rule);
  }
  return keepingActions(schema, { ...schema.model, rules });
}

type Region = readonly (readonly PatternElement[])[];

function speakingOf(model: Model, region: Region): (rule: Rule) => boolean {
  const patterns = [...region, ...superusersOf(model)];
  const trie = new PatternTrie();
  for (const elements of patterns) trie.add(elements, 0);
  const starts = startsOf(patterns);
  return ({ resources }) => resources.some((each) => mayBegin(each, starts) && mayCover(each, trie));
}

function superusersOf({ namespaces }: Model): readonly (readonly PatternElement[])[] {
  return namespaces.flatMap(({ superuser }) => (superuser === undefined ? [] : [elementsOfId(superuser)]));
}

/** With more of them than this, comparing texts is no shorter way. */
const MAX_STARTS = 16;

/** What the ids of patterns begin with, as text, up to the first wildcard; undefined for too many. */
function startsOf(region: readonly (readonly PatternElement[])[]): readonly string[] | undefined {
  const starts = region.map((elements) => {
    const wild = elements.findIndex(({ kind }) => kind !== 'literal' && kind !== 'root');
    return textOf(wild < 0 ? elements : elements.slice(0, wild));
  });
  return starts.length > MAX_STARTS ? undefined : starts;
}

function textOf(elements: readonly PatternElement[]): string {
  const pattern = patternOf(elements);
  return pattern?.kind === 'literal' ? pattern.id : '';
}

/** A glance at the text: false only where the ids of one and of the other begin otherwise. */
function mayBegin(resource: ResourcePattern, starts: readonly string[] | undefined): boolean {
  if (starts === undefined || resource.kind === 'pattern') return true;
  const { id } = resource;
  const parent = id.slice(0, Math.max(id.lastIndexOf('/'), id.lastIndexOf(':')) + 1);
  return starts.some((start) => start.startsWith(parent) || parent.startsWith(start));
}

/** A literal covers only ids that begin with it, save that its template may go on within its last segment. */
function mayCover(resource: ResourcePattern, trie: PatternTrie): boolean {
  if (resource.kind === 'pattern') return mayMeet(trie, resource.elements);
  const elements = elementsOfId(resource.id);
  const last = elements.at(-1)!;
  return mayMeet(trie, [...elements.slice(0, -1), { kind: 'one', separator: last.separator }]);
}

/**
 * Where a superuser's template lists no actions, every action that the policy set names counts (S33): they stay named, by a
 * scope of nothing in a ruleset that says nothing.
 */
function keepingActions(schema: Schema, slice: Model): Model {
  const { namespaces } = schema.model;
  const isAskedForAny = namespaces.some(
    ({ superuser }) => superuser !== undefined && schema.templateOf(superuser)?.actions === undefined,
  );
  if (!isAskedForAny) return slice;
  const actions = [...schema.allActions()];
  return {
    ...slice,
    rulesets: [
      ...slice.rulesets,
      {
        name: '',
        location: { file: '', span: { start: 0, end: 0 } },
        combining: 'deny-overrides',
        scopes: [{ actions, resources: [] }],
        default: 'none',
      },
    ],
  };
}
