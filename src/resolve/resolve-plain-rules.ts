import { checkAction } from '../id/check-id.ts';
import { FAULT_NONE } from '../id/faults.ts';
import type {
  PathPattern,
  PatternElement,
  ResourcePattern,
  Rule,
  Separator,
  SubjectPattern,
} from '../model/model.ts';
import type { PlainRules } from '../syntax/ast.ts';
import {
  expandPlainRule,
  isPlainAllow,
  PLAIN_ACTION_END,
  PLAIN_ACTION_START,
  PLAIN_END,
  PLAIN_LINE,
  PLAIN_RESOURCE_START,
  PLAIN_RULE_SIZE,
  PLAIN_START,
  PLAIN_SUBJECT_END,
  PLAIN_SUBJECT_START,
  plainPattern,
  plainSubject,
} from '../syntax/plain-rule.ts';
import { resolveResource, resolveSubject } from './resolve-pattern.ts';
import { type RuleContext, resolveRuleStatement } from './resolve-rules.ts';
import type { FileScope } from './scope.ts';
import { TextTable } from './text-table.ts';

/** What plain rules name, by its text. Not for other rules: in quotes the same text may mean something else. */
export interface PlainTables {
  readonly subjects: TextTable<readonly SubjectPattern[]>;
  readonly actions: TextTable<readonly string[]>;
  readonly resources: TextTable<readonly ResourcePattern[]>;
  /** Literal elements of the patterns among the resources. */
  readonly literals: Readonly<Record<Separator, Map<string, PatternElement>>>;
}

export function createPlainTables(): PlainTables {
  return {
    subjects: new TextTable(),
    actions: new TextTable(),
    resources: new TextTable(),
    literals: { start: new Map(), colon: new Map(), slash: new Map() },
  };
}

/**
 * The rules of a run of plain ones, added to `rules`. Subject, action and resource are looked up by their text; a rule
 * with a mistake, and every rule where a namespace is closed, goes the way of all others, as a node. So a million rules
 * cost three million look-ups and not sixteen million nodes, and share what they name (`bench/build.ts`).
 */
export function resolvePlainRules(
  text: string,
  { places }: PlainRules,
  scope: FileScope,
  context: RuleContext,
  tables: PlainTables,
  rules: Rule[],
): void {
  const { file } = scope;
  const areChecked = context.closed.isEmpty;
  for (let base = 0; base < places.length; base += PLAIN_RULE_SIZE) {
    const start = places[base + PLAIN_START]!;
    const end = places[base + PLAIN_END]!;
    const subjects = subjectsOf(text, places, base, context, tables);
    const actions = actionsOf(text, places, base, tables);
    const resources = resourcesOf(text, places, base, context, tables);
    if (subjects === undefined || actions === undefined || resources === undefined || !areChecked) {
      const node = expandPlainRule(text, places, base);
      for (const rule of resolveRuleStatement(node, scope, context)) rules.push(rule);
      continue;
    }
    // Each is one pair; the limit of all of them is far beyond what the file may hold, and counts them for the rules behind.
    context.budget.takePairs(1);
    rules.push({
      effect: isPlainAllow(text, start) ? 'allow' : 'deny',
      subjects,
      actions,
      resources,
      location: { file, span: { start, end } },
      line: places[base + PLAIN_LINE]!,
    });
  }
}

// What the rule at `base` names, or undefined where it has a mistake, which is reported when the rule is resolved as a node.

function subjectsOf(
  text: string,
  places: Int32Array,
  base: number,
  { groups, budget }: RuleContext,
  { subjects }: PlainTables,
): readonly SubjectPattern[] | undefined {
  const start = places[base + PLAIN_SUBJECT_START]!;
  const end = places[base + PLAIN_SUBJECT_END]!;
  const known = subjects.get(text, start, end);
  if (known !== undefined) return known;
  const resolved = resolveSubject(plainSubject(text, start, end), budget);
  if (!resolved.ok) return undefined;
  const [subject] = resolved.value;
  if (subject?.kind === 'group' && !groups.values.has(subject.name)) return undefined;
  subjects.add(text, start, end, resolved.value);
  return resolved.value;
}

function actionsOf(
  text: string,
  places: Int32Array,
  base: number,
  { actions }: PlainTables,
): readonly string[] | undefined {
  const start = places[base + PLAIN_ACTION_START]!;
  const end = places[base + PLAIN_ACTION_END]!;
  const known = actions.get(text, start, end);
  if (known !== undefined) return known;
  const action = text.slice(start, end);
  if (checkAction(action) !== FAULT_NONE) return undefined;
  const sole = [action];
  actions.add(text, start, end, sole);
  return sole;
}

function resourcesOf(
  text: string,
  places: Int32Array,
  base: number,
  { budget }: RuleContext,
  { resources, literals }: PlainTables,
): readonly ResourcePattern[] | undefined {
  const start = places[base + PLAIN_RESOURCE_START]!;
  const end = places[base + PLAIN_END]!;
  const known = resources.get(text, start, end);
  if (known !== undefined) return known;
  const resolved = resolveResource(plainPattern(text, start, end), budget);
  if (!resolved.ok) return undefined;
  const shared = resolved.value.map((resource) =>
    resource.kind === 'literal' ? resource : sharePieces(resource, text.slice(start, end), literals),
  );
  resources.add(text, start, end, shared);
  return shared;
}

/**
 * The pattern with elements that others have too, and with its text as written, which is the canonical one where nothing is
 * quoted. Segments are few and patterns many.
 */
function sharePieces(pattern: PathPattern, image: string, literals: PlainTables['literals']): PathPattern {
  const elements = pattern.elements.map((element) => {
    if (element.kind !== 'literal') return element;
    const known = literals[element.separator].get(element.text);
    if (known === undefined) literals[element.separator].set(element.text, element);
    return known ?? element;
  });
  return { kind: 'pattern', text: image, elements };
}
