import type { Decision } from '../../index.ts';
import { errorBody } from '../http/errors.ts';

/** Writes a decision as AuthZEN has it. */
export type RenderDecision = (decision: Decision) => string;

/** Nothing beside the answer: clients may refuse a permit with a context that they do not know, and compare whole bodies. */
export function renderBare({ decision }: Decision): string {
  return decision === 'allow' ? '{"decision":true}' : '{"decision":false}';
}

/** For a denial, the reason and the rule as the native API has them. */
export function renderWithReason({ decision, ...context }: Decision): string {
  return decision === 'allow' ? '{"decision":true}' : JSON.stringify({ decision: false, context });
}

/** An item that is no request does not fail its batch. */
export function renderFailedItem(message: string): string {
  return JSON.stringify({ decision: false, context: errorBody(400, message) });
}
