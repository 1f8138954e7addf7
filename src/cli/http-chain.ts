import {
  type ChainDecision,
  type ChainRequest,
  type ChainStep,
  type DeploymentFacts,
  decideChain,
} from '../dcos.ts';
import { escapeText } from '../files/quote.ts';
import type { Authorizer, Request } from '../index.ts';
import { paintEffect, renderDecisionJson, renderDecisionWords } from './render-decision.ts';
import type { Paint } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export interface ChainOptions {
  readonly linuxUser?: string;
  /** As `--facts` gives it: any JSON. */
  readonly facts: unknown;
}

/**
 * Follows an HTTP request through all that has a say in it.
 *
 * @param request  its action is the method, its resource the raw path with its query
 * @throws {UsageError} for facts that there are not
 */
export function traceHttp(authorizer: Authorizer, request: Request, options: ChainOptions): ChainDecision {
  const { action, resource = '', ...asker } = request;
  const mark = resource.indexOf('?');
  const target: ChainRequest = {
    ...asker,
    method: action,
    path: mark < 0 ? resource : resource.slice(0, mark),
    query: mark < 0 ? '' : resource.slice(mark + 1),
  };
  return decideChain(authorizer, target, readFacts(options));
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';

const factKinds: Readonly<Record<keyof DeploymentFacts, { is(value: unknown): boolean; called: string }>> = {
  appId: { is: isText, called: 'a string' },
  exists: { is: isFlag, called: 'true or false' },
  linuxUser: { is: isText, called: 'a string' },
  role: { is: isText, called: 'a string' },
  principal: { is: isText, called: 'a string' },
  volumes: { is: isFlag, called: 'true or false' },
  endpoints: { is: (value) => Array.isArray(value) && value.every(isText), called: 'a list of strings' },
  call: { is: isText, called: 'a string' },
};

/** A misspelt fact would be a check that is wider than meant, so it is refused. */
function readFacts({ facts = {}, linuxUser }: ChainOptions): DeploymentFacts {
  if (typeof facts !== 'object' || facts === null || Array.isArray(facts))
    throw new UsageError('--facts is no JSON object');
  for (const [name, value] of Object.entries(facts)) {
    const kind = Object.hasOwn(factKinds, name) ? factKinds[name as keyof DeploymentFacts] : undefined;
    const known = Object.keys(factKinds).join(', ');
    if (kind === undefined)
      throw new UsageError(`--facts has an unknown key \`${escapeText(name)}\` (known: ${known})`);
    if (!kind.is(value)) throw new UsageError(`\`${name}\` in --facts must be ${kind.called}`);
  }
  return { ...facts, ...(linuxUser === undefined ? {} : { linuxUser }) };
}

/** A line for each step, indented, and the whole answer last: the only line that begins with an effect. */
export function renderChain({ decision, reason, detail, steps }: ChainDecision, paint: Paint): string {
  const rows = steps.map((step) => [
    step.asker ?? 'anyone',
    step.asked ?? '',
    `${step.action} on ${step.resource}`,
  ]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(0, ...rows.map((row) => escapeText(row[column]!).length)),
  );
  const lines = steps.map((step, i) => {
    const cells = rows[i]!.map((cell, column) => escapeText(cell).padEnd(widths[column]!));
    const words = cells.filter((cell) => cell !== '').join('  ');
    return `  ${paintEffect(step.decision.decision, paint)} ${words}  ${renderDecisionWords(step.decision)}\n`;
  });
  const words = decision === 'allow' && steps.length > 0 ? describeAll(steps) : describeDenial(reason, steps);
  const because = detail === undefined ? '' : `: ${detail}`;
  return `${lines.join('')}${paintEffect(decision, paint)} ${words}${because}\n`;
}

function describeAll(steps: readonly ChainStep[]): string {
  return steps.length === 1 ? 'the one step' : `all ${steps.length} steps`;
}

function describeDenial(reason: ChainDecision['reason'], steps: readonly ChainStep[]): string {
  const denied = steps.flatMap(({ decision }, i) => (decision.decision === 'deny' ? [i + 1] : []));
  if (denied.length === 0 || reason === 'no-token') return reason;
  return `${reason} at step ${denied.join(', ')} of ${steps.length}`;
}

export function renderChainJson({ decision, reason, detail, steps }: ChainDecision): string {
  const rows = steps.map(({ decision: answer, ...step }) => {
    const text = JSON.stringify(step);
    return `${text.slice(0, -1)},"decision":${renderDecisionJson(answer)}}`;
  });
  const because = detail === undefined ? '' : `,"detail":${JSON.stringify(detail)}`;
  return `{"decision":"${decision}","reason":"${reason}"${because},"steps":[${rows.join(',')}]}\n`;
}
