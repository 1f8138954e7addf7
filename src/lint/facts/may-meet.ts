import type { Model, PatternElement, ResourcePattern, Rule, SubjectPattern } from '../../model/model.ts';
import { elementsOf } from '../../model/template-variants.ts';

/** False only where no request can be meant by both, whatever templates, groups and conditions there are. */
export function mayMeet(allow: Rule, deny: Rule, model: Model): boolean {
  return (
    allow.subjects.some((one) => deny.subjects.some((other) => mayBeSameSubject(one, other))) &&
    (impliesAnything(model) || allow.actions.some((action) => deny.actions.includes(action))) &&
    allow.resources.some((one) => deny.resources.some((other) => mayShareIds(one, other)))
  );
}

function mayBeSameSubject(a: SubjectPattern, b: SubjectPattern): boolean {
  return a.kind !== 'subject' || b.kind !== 'subject' || a.id === b.id;
}

function impliesAnything({ implications, namespaces }: Model): boolean {
  return implications.length > 0 || namespaces.some((namespace) => namespace.implications.length > 0);
}

/**
 * Ids differ for good where literal text does. Beyond the end of one of the two anything may be covered; a template may join
 * pieces within a segment, and then what is covered begins with the same text.
 */
function mayShareIds(a: ResourcePattern, b: ResourcePattern): boolean {
  const others = elementsOf(b);
  for (const [i, element] of elementsOf(a).entries()) {
    const other = others[i];
    if (other === undefined || !isFixed(element) || !isFixed(other)) return true;
    if (!mayBeSameElement(element, other)) return false;
  }
  return true;
}

function isFixed({ kind }: PatternElement): boolean {
  return kind === 'literal' || kind === 'root';
}

function mayBeSameElement(a: PatternElement, b: PatternElement): boolean {
  if (a.kind !== 'literal' || b.kind !== 'literal') return a.kind === b.kind;
  return a.separator === b.separator && (a.text.startsWith(b.text) || b.text.startsWith(a.text));
}

/** Whether an allow before the deny, in a ruleset in which the first that applies decides, may keep it from deciding. */
export function mayBeForestalled(deny: Rule, model: Model): boolean {
  const { ruleset } = deny;
  if (ruleset === undefined || model.rulesets[ruleset]!.combining !== 'first-applicable') return false;
  for (const rule of model.rules) {
    if (rule === deny) return false;
    if (rule.ruleset === ruleset && rule.effect === 'allow' && mayMeet(rule, deny, model)) return true;
  }
  return false;
}
