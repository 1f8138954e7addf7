import type { Request } from '../decision/request.ts';
import { printAttributeName } from '../printing/print-condition.ts';
import { printAction, printId } from '../printing/print-rule.ts';
import { printString } from '../syntax/print-text.ts';
import type { TestCase } from './test-case.ts';

type PrintedCase = Pick<TestCase, 'request' | 'mode' | 'expected'>;

/** A case as a line of a `test` block, which asks about one resource and expects no more than a decision. */
export function printTestCase({ request, mode, expected }: PrintedCase): string {
  const { subject, action, resource = '', groups, attributes, context } = request;
  const extra = Object.entries({ context, attributes, groups, mode }).filter(
    ([, value]) => value !== undefined,
  );
  const data = extra.length === 0 ? '' : ` with ${printData(Object.fromEntries(extra))}`;
  const asker = subject === undefined ? 'anyone' : printId(subject);
  return `${expected.decision} ${asker} to ${printAction(action)} on ${printId(resource)}${data}`;
}

/** A case as a line of a table. */
export function printTableLine(title: string, { request, mode, expected }: PrintedCase): string {
  const { subject, action, resource, groups, attributes, context } = request;
  // In the order in which people read a request; what is undefined is left out.
  const ordered: Request = { subject, action, resource, groups, attributes, context };
  return JSON.stringify({ title, request: ordered, mode, decision: expected.decision });
}

/** JSON data as policy text. */
function printData(value: unknown): string {
  if (typeof value === 'string') return printString(value);
  if (Array.isArray(value)) return `[${value.map(printData).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(
    ([key, inner]) => `${printAttributeName(key)}: ${printData(inner)}`,
  );
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
