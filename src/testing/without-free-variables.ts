import type { PathPattern, ResourcePattern, Rule, SubjectPattern } from '../model/model.ts';
import { freeVariables } from '../model/pattern-elements.ts';
import { printElements } from '../printing/print-pattern.ts';

/**
 * The rule with plain wildcards for the variables that stand only once in it after a change: a name used once binds
 * nothing (S25).
 */
export function withoutFreeVariables(rule: Rule): Rule {
  const names = [...rule.subjects, ...rule.resources].map(variableNames);
  if (names.every((each) => each.length === 0)) return rule;
  const [ofSubjects, ofResources] = [
    names.slice(0, rule.subjects.length).flat(),
    names.slice(rule.subjects.length).flat(),
  ];
  const free = (others: readonly string[]) => (pattern: PathPattern) => withoutVariables(pattern, others);
  return {
    ...rule,
    subjects: rule.subjects.map(
      (subject): SubjectPattern => (subject.kind === 'pattern' ? free(ofResources)(subject) : subject),
    ),
    resources: rule.resources.map((resource) =>
      resource.kind === 'pattern' ? free(ofSubjects)(resource) : resource,
    ),
  };
}

function variableNames(pattern: SubjectPattern | ResourcePattern): string[] {
  if (pattern.kind !== 'pattern') return [];
  return pattern.elements.flatMap((element) => (element.kind === 'variable' ? [element.name] : []));
}

/** Variables stay that stand twice in the pattern, or among `others`. */
function withoutVariables(pattern: PathPattern, others: readonly string[]): PathPattern {
  const own = variableNames(pattern);
  const isBound = (name: string): boolean =>
    others.includes(name) || own.indexOf(name) !== own.lastIndexOf(name);
  if (own.every(isBound)) return pattern;
  const elements = freeVariables(pattern.elements, new Set(own.filter(isBound)));
  return { kind: 'pattern', text: printElements(elements), elements };
}
