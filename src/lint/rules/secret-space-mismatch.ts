import type { ResourcePattern, Rule, SubjectPattern } from '../../model/model.ts';
import { describeSubject, keyOfSubject } from '../facts/describe-subjects.ts';
import { factsOf, type PolicyFacts } from '../facts/policy-facts.ts';
import { type RulePlace, RulePlaces } from '../facts/rule-places.ts';
import {
  areInLine,
  isCertain,
  literalPath,
  mayReach,
  secretPath,
  serviceElements,
  servicePath,
} from '../facts/spaces.ts';
import { exampleOf, witness } from '../facts/witness.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';

export const secretSpaceMismatch = defineRule({
  id: 'secret-space-mismatch',
  summary: 'a secret that the services it is meant for cannot read, because of its path',
  category: 'security',
  presets: { recommended: 'warning', dcos: 'warning' },
  isProved: true,
  check: {
    of: 'policy',
    run(context) {
      const places = new RulePlaces(context);
      const report = reportOnce(context);
      for (const rule of context.model.rules) {
        // Where something else than DC/OS decides by the policy, a deny is obeyed.
        if (rule.effect === 'deny' && context.settings.target?.product !== 'dcos') continue;
        for (const subject of rule.subjects) reportService(rule, subject, places, report);
      }
      reportKeepers(context, factsOf(context.model), places, report);
    },
  },
});

type Report = (finding: Reported) => void;

// ---------------------------------------------------------------- services

/** What a policy says of a service, and what DC/OS makes of its path, are two things: the path alone decides. */
function reportService(rule: Rule, subject: SubjectPattern, places: RulePlaces, report: Report): void {
  const service = serviceElements(subject);
  if (service === undefined) return;
  for (const resource of rule.resources) {
    const secret = secretPath(resource);
    if (secret === undefined) continue;
    const path = literalPath(service);
    const folder = literalPath(secret.slice(0, -1));
    if (rule.effect === 'allow' && !mayReach(path, folder)) {
      const place = places.ofGrant(rule);
      if (place !== undefined) report(describeClosed(place, subject, resource));
    } else if (rule.effect === 'deny' && isCertain(path, folder, service.length, secret.length - 1)) {
      const place = places.ofGrant(rule);
      if (place !== undefined) report(describeOpen(place, subject, resource));
    }
  }
}

function describeClosed(place: RulePlace, subject: SubjectPattern, resource: ResourcePattern): Reported {
  return {
    file: place.file,
    span: place.resource,
    message: `${describeSubject(subject)} can never have this secret: it reads those on its own path and above`,
    related: place.related,
    help: 'store the secret in a folder that is on the path of the service',
    proof: witness(
      subject,
      'read',
      exampleOf(resource),
      'DC/OS refuses the service this secret, by its path alone, whatever the policy says',
    ),
  };
}

function describeOpen(place: RulePlace, subject: SubjectPattern, resource: ResourcePattern): Reported {
  return {
    file: place.file,
    span: place.resource,
    message: `DC/OS lets ${describeSubject(subject)} read this secret all the same: it lies on its path`,
    related: place.related,
    help: 'store the secret in a folder that is not on the path of the service',
    proof: witness(
      subject,
      'read',
      exampleOf(resource),
      'DC/OS gives the service this secret, by its path alone, whatever the policy says',
    ),
  };
}

// ---------------------------------------------------------------- people and accounts

interface Held {
  readonly subject: SubjectPattern;
  /** Where it may put services. */
  readonly services: (readonly string[])[];
  /** Folders that it stores secrets in. */
  readonly folders: {
    readonly rule: Rule;
    readonly resource: ResourcePattern;
    readonly path: readonly string[];
  }[];
}

/**
 * Who stores secrets in one place and may put services in another alone, where both places have a name in common: one of the
 * paths has lost or gained a part.
 */
function reportKeepers(
  { model }: PolicyContext,
  facts: PolicyFacts,
  places: RulePlaces,
  report: Report,
): void {
  for (const { subject, services, folders } of holdingsOf(model.rules, facts)) {
    if (services.length === 0 || folders.length === 0) continue;
    const reach = (path: readonly string[]): boolean => services.some((service) => areInLine(service, path));
    if (folders.some(({ path }) => reach(path))) continue;
    for (const { rule, resource, path } of folders) {
      const meant = services.find((service) => path.at(-1) === service.at(-1));
      const place = meant && places.ofGrant(rule);
      if (place !== undefined) report(describeKept(place, subject, resource, meant!));
    }
  }
}

function holdingsOf(rules: readonly Rule[], facts: PolicyFacts): Iterable<Held> {
  const held = new Map<string, Held>();
  for (const rule of rules) {
    if (rule.effect === 'deny') continue;
    for (const resource of rule.resources) {
      const service = servicePath(resource);
      const secret = secretPath(resource);
      if (service === undefined && secret === undefined) continue;
      const actions = facts.actionsOn(rule, resource);
      if (!actions.has('create') && !actions.has('update')) continue;
      for (const subject of rule.subjects) {
        if (subject.kind !== 'subject' && subject.kind !== 'group') continue;
        const holding = getOrAdd(held, subject);
        if (service !== undefined) holding.services.push(service);
        const folder = secret && literalPath(secret.slice(0, -1));
        if (folder !== undefined) holding.folders.push({ rule, resource, path: folder.segments });
      }
    }
  }
  return held.values();
}

function getOrAdd(held: Map<string, Held>, subject: SubjectPattern): Held {
  const key = keyOfSubject(subject);
  let holding = held.get(key);
  if (holding === undefined) {
    holding = { subject, services: [], folders: [] };
    held.set(key, holding);
  }
  return holding;
}

function describeKept(
  place: RulePlace,
  subject: SubjectPattern,
  resource: ResourcePattern,
  service: readonly string[],
): Reported {
  const path = service.join('/');
  return {
    file: place.file,
    span: place.resource,
    message: `no service that ${describeSubject(subject)} may run can read secrets stored here`,
    related: place.related,
    help: `store them in \`${path}\` or above, where its services run`,
    proof: witness(
      { kind: 'subject', id: `service:/${path}` },
      'read',
      exampleOf(resource),
      'DC/OS refuses this, by the path of the service alone',
    ),
  };
}
