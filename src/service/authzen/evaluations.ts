import type { Decision } from '../../index.ts';
import { describeSchemaFault } from '../http/describe-schema-fault.ts';
import { ServiceError } from '../http/errors.ts';
import type { Evaluation } from './read-request.ts';
import { type RenderDecision, renderFailedItem } from './render.ts';
import { validateEvaluation } from './schemas.ts';

/** What `evaluationsSchema` accepts. */
export interface EvaluationsBody extends Defaults {
  readonly evaluations?: readonly unknown[] | null;
  readonly options?: { readonly evaluations_semantic?: Semantic } | null;
}

/** What items inherit, each member as a whole. Nothing is known of a member until an item uses it. */
interface Defaults {
  readonly subject?: unknown;
  readonly action?: unknown;
  readonly resource?: unknown;
  readonly context?: unknown;
}

type Semantic = 'execute_all' | 'deny_on_first_deny' | 'permit_on_first_permit';

interface Evaluating {
  readonly batchSize: number;
  readonly evaluate: (evaluation: Evaluation) => Decision;
  readonly render: RenderDecision;
}

/**
 * The answer to a batch; without items it is a single request, and is answered as one.
 *
 * @throws {ServiceError} 400 for a single request that is none, 413 for too many items
 */
export function renderEvaluations(body: EvaluationsBody, evaluating: Evaluating): string {
  const items = body.evaluations ?? [];
  const { batchSize, evaluate, render } = evaluating;
  if (items.length > batchSize)
    throw new ServiceError(413, `more than ${batchSize} evaluations in one request`);
  if (items.length > 0) return `{"evaluations":[${renderItems(items, body, evaluating).join()}]}`;
  if (!validateEvaluation(body)) throw new ServiceError(400, faultOf('body'));
  return render(evaluate(body as Evaluation));
}

/** The decisions on the items in their order, as far as they have to be evaluated. */
function renderItems(
  items: readonly unknown[],
  { options, ...defaults }: EvaluationsBody,
  { evaluate, render }: Evaluating,
): string[] {
  const semantic = options?.evaluations_semantic ?? 'execute_all';
  const texts: string[] = [];
  for (const item of items) {
    const evaluation = completeItem(item, defaults);
    const isValid = validateEvaluation(evaluation);
    const decision = isValid ? evaluate(evaluation as unknown as Evaluation) : undefined;
    texts.push(decision === undefined ? renderFailedItem(faultOf('item')) : render(decision));
    if (isLast(semantic, decision?.decision === 'allow')) break;
  }
  return texts;
}

function isLast(semantic: Semantic, isAllowed: boolean): boolean {
  return isAllowed ? semantic === 'permit_on_first_permit' : semantic === 'deny_on_first_deny';
}

/** There is no merging inside a member. A null `context` is an absent one; any other null stands where it is, and is a fault. */
function completeItem(item: unknown, defaults: Defaults): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  const { subject, action, resource, context }: Defaults = item;
  return {
    subject: subject === undefined ? defaults.subject : subject,
    action: action === undefined ? defaults.action : action,
    resource: resource === undefined ? defaults.resource : resource,
    context: context ?? defaults.context,
  };
}

/** What `validateEvaluation` has found last. */
function faultOf(part: string): string {
  return describeSchemaFault(validateEvaluation.errors![0]!, part);
}
