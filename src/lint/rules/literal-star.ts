import type { PatternElement, ResourcePattern } from '../../model/model.ts';
import { elementsOf } from '../../model/template-variants.ts';
import { factsOf, type PolicyFacts } from '../facts/policy-facts.ts';
import { type RulePlace, RulePlaces } from '../facts/rule-places.ts';
import { exampleOf } from '../facts/witness.ts';
import { rolePattern, secretsPrefix } from '../knowledge/dcos.ts';
import { mesosRole } from '../knowledge/mesos.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type Reported } from '../rule.ts';

export const literalStar = defineRule({
  id: 'literal-star',
  summary: 'a star that means every value where a name is meant, or a name where every value is meant',
  category: 'security',
  presets: { recommended: 'warning', dcos: 'warning', mesos: 'warning' },
  check: {
    of: 'policy',
    run(context) {
      const facts = factsOf(context.model);
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      for (const rule of context.model.rules) {
        for (const resource of rule.resources) {
          const describe = isEveryRole(resource)
            ? describeEvery
            : isQuotedStar(resource, facts)
              ? describeQuoted
              : undefined;
          const place = describe && places.ofResource(rule);
          if (place !== undefined) report(describe!(place, resource, facts));
        }
      }
    },
  },
});

/** `…:role:*`: a grant of DC/OS or an ACL of Mesos with that text is about the role called `*`. */
function isEveryRole(resource: ResourcePattern): boolean {
  if (resource.kind === 'literal') return false;
  const last = resource.elements.at(-1)!;
  if (last.kind !== 'one' || last.separator !== 'colon') return false;
  const head = headOf(resource.elements.slice(0, -1));
  return head !== undefined && (rolePattern.test(head) || head === mesosRole);
}

function headOf(elements: readonly PatternElement[]): string | undefined {
  if (!elements.every(({ kind }) => kind === 'literal')) return undefined;
  return elements.map((element) => (element.kind === 'literal' ? element.text : '')).join(':');
}

function describeEvery(place: RulePlace, resource: ResourcePattern): Reported {
  const star = place.permission?.resource.parts.findLast((part) => part.kind === 'stars');
  const id = exampleOf(resource).replace(/:[^:]*$/, '');
  return {
    file: place.file,
    span: star?.span ?? place.resource,
    message: 'this star is every role, not the role called `*`',
    related: place.related,
    help: `write \`${id}:"*"\` for that role, or \`${id}\` for every role`,
    ...(star === undefined
      ? {}
      : { fix: { safety: 'review', edits: [{ span: star.span, newText: '"*"' }] } as const }),
  };
}

/** A star in quotes in an id of DC/OS: no component has anything of that name, but for the role and the one id of all links. */
function isQuotedStar(resource: ResourcePattern, facts: PolicyFacts): boolean {
  if (resource.kind === 'pattern' || !resource.id.startsWith('dcos:')) return false;
  const stars = elementsOf(resource).filter(
    (element) => element.kind === 'literal' && element.text.includes('*'),
  );
  if (stars.length === 0) return false;
  const head = resource.id.replace(/:[^:]*$/, '');
  if (resource.id.endsWith(':*') && rolePattern.test(head)) return false;
  const [template] = facts.templatesOf(resource);
  return template?.parts.some((part) => part.kind === 'text' && part.text.includes('*')) !== true;
}

function describeQuoted(place: RulePlace, resource: ResourcePattern, facts: PolicyFacts): Reported {
  const id = exampleOf(resource);
  const isDirectory = id.startsWith(secretsPrefix) && /^[^*]*\/\*$/.test(id);
  const above = id.replace(/(?<=:\/)\*+$|[:/]\*+$/, '');
  return {
    file: place.file,
    span: place.resource,
    message: `the star in \`${id}\` stands for itself`,
    related: place.related,
    help: isDirectory
      ? 'write the star without quotes for every secret of the folder'
      : facts.templatesOf({ kind: 'literal', id: above }).length === 0
        ? 'write the star without quotes for any text'
        : `write \`${above}\` for all that is beneath, or the star without quotes for any text`,
  };
}
