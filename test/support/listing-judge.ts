import type { DescribedSet } from '../../src/analysis/described-set.ts';
import type { Request } from '../../src/decision/request.ts';
import { build } from '../../src/index.ts';
import type { ListedWay } from '../../src/listing/ways.ts';
import type { AllowedAccess, WhatCan } from '../../src/listing/what-can.ts';
import type { Model, PathPattern, Rule } from '../../src/model/model.ts';
import { evaluateCondition, type PlainObject } from '../../src/reference/conditions.ts';
import { isResourceId, matchesFreely, splitId } from '../../src/reference/matching.ts';
import { matchTogether } from '../../src/reference/variables.ts';

/**
 * Reads listings as people would: what is written in them is parsed as policy text and put to single requests, by the oracle's
 * own matching. Nothing here knows how listings are made.
 */
export class ListingJudge {
  readonly #model: Model;
  readonly #rules = new Map<string, Rule>();

  /** @param model  whose groups the listings name */
  constructor(model: Model) {
    this.#model = model;
  }

  /** What a listing of one asker says of a request of that asker; undefined where it says that it cannot tell. */
  says({ items, undecided, actions }: WhatCan, request: Request): boolean | undefined {
    const isMeant = (access: Omit<AllowedAccess, 'reasons' | 'rules'>): boolean =>
      this.#isIn(access, actions, request);
    if (undecided.some(isMeant)) return undefined;
    return items.some((item) => isMeant(item) && this.holds(item.ways, request));
  }

  /** Whether one of some ways has come about. */
  holds(ways: readonly ListedWay[] | undefined, request: Request): boolean {
    if (ways === undefined) return true;
    return ways.some(
      ({ when, unless }) =>
        when.every((text) => this.#truthOf(text, request) === true) &&
        unless.every((text) => this.#truthOf(text, request) === false),
    );
  }

  /** Whether a request's subject is in a set of subjects. */
  isSubjectIn(set: DescribedSet<string>, request: Request): boolean {
    return isInSet(set, (text) => this.isSubject(text, request));
  }

  isSubject(text: string, { subject, groups = [] }: Request): boolean {
    const [pattern] = this.#ruleOf(`allow ${text} to x on y`).subjects;
    return this.#isMeant(pattern!, subject, groups);
  }

  #isMeant(
    pattern: Rule['subjects'][number],
    subject: string | undefined,
    added: readonly string[],
  ): boolean {
    if (pattern.kind === 'anyone') return true;
    if (subject === undefined) return false;
    if (pattern.kind === 'authenticated') return true;
    if (pattern.kind === 'subject') return pattern.id === subject;
    if (pattern.kind === 'pattern') return isResourceId(subject) && matchesFreely(pattern, splitId(subject));
    const group = this.#model.groups.find(({ name }) => name === pattern.name);
    if (group === undefined) return false;
    return added.includes(pattern.name) || group.members.some((each) => this.#isMeant(each, subject, added));
  }

  #isIn(
    { actions, isAnyOtherAction, resources, isWithoutResource }: Omit<AllowedAccess, 'reasons' | 'rules'>,
    named: readonly string[],
    { action, resource }: Request,
  ): boolean {
    if (!actions.includes(action) && !(isAnyOtherAction && !named.includes(action))) return false;
    if (resource === undefined) return isWithoutResource;
    return isInSet(resources, (text) => this.#matches(text, resource));
  }

  #matches(pattern: string, resource: string): boolean {
    const [read] = this.#ruleOf(`allow anyone to x on ${pattern}`).resources;
    return read!.kind === 'literal' ? read!.id === resource : matchesFreely(read!, splitId(resource));
  }

  #truthOf(
    text: string,
    { subject, action, resource, context = {}, groups = [] }: Request,
  ): boolean | 'error' {
    if (/^(the subject|the resource|\S+) matches /.test(text)) return this.#agree(text, subject, resource);
    const { condition } = this.#ruleOf(`allow anyone to x on y when ${text}`);
    const rootOf = (id: string | undefined): PlainObject => (id === undefined ? {} : { id });
    return evaluateCondition(condition!, {
      roots: {
        subject: rootOf(subject),
        action: rootOf(action),
        resource: rootOf(resource),
        context: context as PlainObject,
      },
      isInGroup: (name) => this.#isMeant({ kind: 'group', name }, subject, groups),
    });
  }

  /** `the subject matches svc:{x} while the resource matches a:{x} or b:{x}`, with one choice of variables. */
  #agree(text: string, subject: string | undefined, resource: string | undefined): boolean | 'error' {
    const [subjects, resources]: [string[], string[]] = [[], []];
    let id = resource;
    for (const part of text.split(' while ')) {
      const [, of, patterns] = /^(the subject|the resource|\S+) matches (.*)$/.exec(part)!;
      (of === 'the subject' ? subjects : resources).push(...patterns!.split(' or '));
      // Of who is superuser it is asked about the superuser's id.
      if (of !== 'the subject' && of !== 'the resource') id = of;
    }
    const answers = (subjects.length === 0 ? ['anyone'] : subjects).flatMap((who) =>
      (resources.length === 0 ? ['y'] : resources).map((what) => {
        const { subjects: asked, resources: on } = this.#ruleOf(`allow ${who} to x on ${what}`);
        const sides = [...sideOf(asked[0]!, subject), ...sideOf(on[0]!, id)];
        if (!sides.every(({ pattern, id }) => matchesFreely(pattern, id))) return false;
        return matchTogether(sides);
      }),
    );
    if (answers.includes(true)) return true;
    return answers.includes('error') ? 'error' : false;
  }

  #ruleOf(text: string): Rule {
    let rule = this.#rules.get(text);
    if (rule === undefined) {
      const groups = this.#model.groups.map(({ name }) => `group ${name} {}`).join('\n');
      const built = build([{ file: 'a.acl', text: `${groups}\n${text}` }]);
      if (!built.ok) throw new Error(`no policy text: ${text}`);
      rule = built.model.rules[0]!;
      this.#rules.set(text, rule);
    }
    return rule;
  }
}

function sideOf(
  pattern: { readonly kind: string },
  id: string | undefined,
): { pattern: PathPattern; id: ReturnType<typeof splitId> }[] {
  return pattern.kind === 'pattern' && id !== undefined
    ? [{ pattern: pattern as PathPattern, id: splitId(id) }]
    : [];
}

function isInSet(set: DescribedSet<string>, holds: (text: string) => boolean): boolean {
  return set.some(({ all, except }) => all.every(holds) && !isInSet(except, holds));
}
