import type { Request } from '../../index.ts';
import { Instantiation } from './instantiate.ts';
import type { Expression, Model, Rule } from './model-types.ts';
import { Random } from './random.ts';
import { Facts } from './satisfy.ts';
import { SubjectPool } from './subject-pool.ts';
import { Vocabulary } from './vocabulary.ts';

/** So many requests of a hundred are what a rule says with one thing changed. */
export const nearMissPercent = 40;

export interface GenerateOptions {
  readonly count: number;
  readonly seed: number;
}

/**
 * Requests that follow a policy: each begins with one of its rules, all rules in turn and in an order by chance, and asks what
 * the rule speaks of; `nearMissPercent` of them then ask for another subject, a sibling of the resource, one segment deeper or
 * another action. The same model, count and seed give the same requests.
 */
export function generateRequests(model: Model, { count, seed }: GenerateOptions): Request[] {
  const random = new Random(seed);
  const generator = new Generator(model, random);
  let order: Rule[] = [];
  return Array.from({ length: model.rules.length === 0 ? 0 : count }, () => {
    if (order.length === 0) {
      order = [...model.rules];
      random.shuffle(order);
    }
    return generator.requestFor(order.pop()!);
  });
}

type RequestOnId = Request & { readonly resource: string };

class Generator {
  private readonly random: Random;
  private readonly vocabulary: Vocabulary;
  private readonly pool: SubjectPool;
  private readonly actions: readonly string[];
  private readonly denials: ReadonlyMap<string, readonly Expression[]>;

  constructor(model: Model, random: Random) {
    this.random = random;
    this.vocabulary = new Vocabulary(model);
    this.pool = new SubjectPool(model, random);
    this.actions = [...new Set(model.rules.flatMap(({ actions }) => actions))];
    this.denials = collectDenials(model);
  }

  requestFor(rule: Rule): Request {
    const { random } = this;
    const instantiation = new Instantiation(random, this.vocabulary);
    const asker = this.pool.askerOf(random.pick(rule.subjects)!, instantiation);
    const pattern = random.pick(rule.resources)!;
    const resource = pattern.kind === 'literal' ? pattern.id : instantiation.idOf(pattern.elements);
    const request = { ...asker, action: random.pick(rule.actions)!, resource };
    const met = this.meet(request, rule.condition, instantiation);
    return random.happens(nearMissPercent) ? this.miss(met) : met;
  }

  /** With what the rule's condition asks for and, mostly, what keeps the conditions of denials from holding. */
  private meet(
    request: RequestOnId,
    condition: Expression | undefined,
    instantiation: Instantiation,
  ): RequestOnId {
    const denials = this.random.happens(75) ? (this.denials.get(request.action) ?? []) : [];
    if (condition === undefined && denials.length === 0) return request;
    const facts = new Facts(instantiation);
    if (condition !== undefined) facts.seek(condition, true);
    for (const denial of denials) facts.seek(denial, false);
    const { parts } = facts;
    const groups = [...(request.groups ?? []), ...(parts.groups ?? [])];
    return { ...request, ...parts, ...(groups.length > 0 && { groups }) };
  }

  private miss(request: RequestOnId): Request {
    switch (this.random.below(4)) {
      case 0:
        return { ...request, subject: this.pool.anybody() };
      case 1:
        return { ...request, resource: siblingOf(request.resource, this.vocabulary.segment(this.random)) };
      case 2:
        return { ...request, resource: beneath(request.resource, this.vocabulary.segment(this.random)) };
      default:
        return { ...request, action: this.random.pick(this.actions)! };
    }
  }
}

function siblingOf(id: string, segment: string): string {
  const end = Math.max(id.lastIndexOf('/'), id.lastIndexOf(':')) + 1;
  return id.slice(0, end) + segment;
}

function beneath(id: string, segment: string): string {
  return id.endsWith('/') ? id + segment : `${id}/${segment}`;
}

/** A policy may have any number of them, and each request has to look through those of its action. */
const mostDenials = 16;

/**
 * Conditions of denials, by action. A denial whose condition lacks an attribute applies (S41), and whoever lives with such a policy sends
 * what it asks for: without that, all requests would end there.
 */
function collectDenials({ rules }: Model): ReadonlyMap<string, readonly Expression[]> {
  const denials = new Map<string, Expression[]>();
  for (const { effect, condition, actions } of rules) {
    if (effect === 'allow' || condition === undefined) continue;
    for (const action of actions) {
      const known = denials.get(action);
      if (known === undefined) denials.set(action, [condition]);
      else if (known.length < mostDenials) known.push(condition);
    }
  }
  return denials;
}
