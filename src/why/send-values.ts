import type { Request, RequestAttributes } from '../decision/request.ts';
import type { AttributeObject, AttributeRoot, AttributeValue, Rule } from '../model/model.ts';
import { printAttributeName } from '../printing/print-condition.ts';
import type { Edit } from './answer.ts';
import { Question } from './question.ts';
import { type Assignment, satisfy } from './satisfy-condition.ts';
import { objectFrom, surroundingsOf, toJson } from './surroundings.ts';

/** A request with other values, as an edit and as a request. */
export interface Sending {
  readonly edit: Extract<Edit, { kind: 'send' }>;
  readonly request: Request;
}

/**
 * Values with which the conditions of some allows would hold and those of some denies would not; undefined if none are found.
 * A proposal, to be tried.
 */
export function sendingFor(
  question: Question,
  allows: readonly Rule[],
  denies: readonly Rule[],
): Sending | undefined {
  let { request } = question;
  const all: Assignment[] = [];
  for (const { condition, effect } of [...denies, ...allows]) {
    if (condition === undefined) return undefined;
    const surroundings = surroundingsOf(new Question(question.model, request));
    const assignments = satisfy(condition, effect === 'allow', surroundings);
    if (assignments === undefined) return undefined;
    for (const assignment of assignments) request = assigned(request, assignment);
    all.push(...assignments);
  }
  if (all.length === 0) return undefined;
  const last = new Map(all.map((each) => [textOf(each), each]));
  const values = [...last].map(([path, { value }]) =>
    value === undefined ? { path, isRemoved: true as const } : { path, value: toJson(value) },
  );
  return { edit: { kind: 'send', values }, request };
}

function textOf({ root, path }: Assignment): string {
  return [root, ...path.map(printAttributeName)].join('.');
}

function assigned(request: Request, { root, path, value }: Assignment): Request {
  if (root === 'context') return { ...request, context: changed(request.context, path, value) };
  const attributes: Partial<Record<AttributeRoot, unknown>> & RequestAttributes = request.attributes ?? {};
  return { ...request, attributes: { ...attributes, [root]: changed(attributes[root], path, value) } };
}

function changed(root: unknown, path: readonly string[], value: AttributeValue | undefined): unknown {
  return toJson(withValue(objectFrom(root), path, value));
}

function withValue(
  object: AttributeObject,
  [name, ...rest]: readonly string[],
  value: AttributeValue | undefined,
): AttributeObject {
  const copy = new Map(object);
  if (rest.length > 0) {
    const inner = copy.get(name!);
    copy.set(name!, withValue(inner instanceof Map ? inner : new Map(), rest, value));
  } else if (value === undefined) copy.delete(name!);
  else copy.set(name!, value);
  return copy;
}
