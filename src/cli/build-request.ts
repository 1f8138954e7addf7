import type { Command } from 'commander';
import type { Request } from '../index.ts';
import { parseJson } from '../json/parse-json.ts';
import { addPolicyOptions } from './command-context.ts';
import { findAttributesFault } from './read-request.ts';
import { UsageError } from './usage-error.ts';

/** Options of commands that ask one question. */
export interface RequestOptions {
  readonly groups?: string;
  readonly context?: string;
  readonly attributes?: string;
  readonly everyResource?: true;
}

/** A question of its own, and about which policies. */
export function addRequestOptions(command: Command): Command {
  command
    .argument('<SUBJECT>', 'who asks')
    .argument('<ACTION>', 'what for')
    .argument('[RESOURCE]', 'on what');
  return addPolicyOptions(command)
    .option('--every-resource', 'in place of RESOURCE: ask about every resource at once')
    .option('--groups <names>', 'groups to add to the subject, separated by commas')
    .option('--context <json>', 'what conditions see as `context`')
    .option('--attributes <json>', 'attributes of subject, action and resource: {"subject": {…}, …}');
}

/** @throws {UsageError} for what cannot be meant; ids are the engine's to judge. */
export function buildRequest(
  subject: string,
  action: string,
  resource: string | undefined,
  options: RequestOptions,
): Request {
  if (resource === undefined && !options.everyResource) {
    throw new UsageError(
      'no RESOURCE given: write SUBJECT ACTION RESOURCE before `-p`, or ask for --every-resource',
    );
  }
  if (resource !== undefined && options.everyResource) {
    throw new UsageError('a RESOURCE and --every-resource exclude each other: leave one out');
  }
  const attributes = readJsonOption('--attributes', options.attributes);
  const fault = findAttributesFault(attributes);
  if (fault !== undefined) throw new UsageError(`--attributes has an ${fault}`);
  return {
    subject: subject === 'anyone' ? undefined : subject,
    action,
    resource,
    groups: splitGroups(options.groups),
    // The engine looks at the shape and calls what is wrong with it malformed, as for every request.
    attributes: attributes as Request['attributes'],
    context: readJsonOption('--context', options.context),
  };
}

/** An empty text is no group, as a script has it whose variable is empty; an empty name between commas is malformed. */
export function splitGroups(names: string | undefined): readonly string[] | undefined {
  return names === '' ? [] : names?.split(',');
}

/** @throws {UsageError} */
export function readJsonOption(name: string, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const result = parseJson(text);
  if (result.ok) return result.value;
  throw new UsageError(`${name} is not valid JSON: ${result.message} at column ${result.offset + 1}`);
}
