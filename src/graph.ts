import { build } from './build.ts';
import { isSubject } from './id/scan.ts';
import type { ResourcePattern, Rule } from './model/model.ts';
import type { GrantStatement, Statement } from './syntax/ast.ts';
import { parse } from './syntax/parser.ts';
import { printPattern } from './syntax/print-text.ts';

export {
  type AccessPicture,
  type DrawOptions,
  defaultMaxNodes,
  drawAccess,
} from './graph/draw-access.ts';
export type { Selection } from './graph/select-view.ts';

/**
 * Reads the arguments of grants out of the text of policies, for pictures: a model has its roles filled in and knows them no
 * more. What has no text, such as an image, has no arguments to tell.
 */
export function grantArguments(
  textOf: (file: string) => string | undefined,
): (rule: Rule) => string | undefined {
  return ({ role, location: { file, span } }) => {
    const text = role === undefined ? undefined : textOf(file)?.slice(span.start, span.end);
    if (text === undefined || text === '') return undefined;
    const grant = parse({ file, text }).tree.statements.find(isGrant);
    return grant?.arguments.map(printPattern).join(', ');
  };
}

function isGrant(statement: Statement): statement is GrantStatement {
  return statement.kind === 'grant';
}

/** A resource pattern as rules write them, alternatives left out; undefined for anything else. */
export function readResourcePattern(text: string): ResourcePattern | undefined {
  const result = build([{ file: 'pattern', text: `allow anyone to ask on ${text}` }]);
  if (!result.ok) return undefined;
  const { rules, tests, groups, namespaces, routes, rulesets, entities, implications, mode } = result.model;
  const others = [tests, groups, namespaces, routes, rulesets, entities, implications].flat();
  const [rule] = rules;
  const isOne = rules.length === 1 && others.length === 0 && mode === undefined;
  if (!isOne || rule!.condition !== undefined || rule!.resources.length !== 1) return undefined;
  return rule!.resources[0];
}

/** Whether a text is the id of a subject that may ask. */
export function isSubjectId(text: string): boolean {
  return isSubject(text);
}
