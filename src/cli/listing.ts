import { nearestName } from '../files/nearest.ts';
import { escapeText, quote } from '../files/quote.ts';
import { type Model, RequestError, readImage, readModel } from '../index.ts';
import type { Format, PolicyOptions } from './command-context.ts';
import { readLimitOption } from './id-listing.ts';
import { buildPolicies, findImage, readImageFile } from './load-policies.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** Options of commands that list who may do what. */
export interface AccessListingOptions extends PolicyOptions {
  readonly limit?: string;
  readonly cursor?: string;
  readonly format: Format;
}

/** A policy set to be listed, and its revision, to which cursors belong. */
export interface ListedPolicies {
  readonly model: Model;
  readonly revision: string;
}

/**
 * @returns undefined if the policies have errors; they have been shown
 * @throws {FileError | ImageError | UsageError}
 */
export async function loadListed(
  { policy, root, format }: AccessListingOptions,
  terminal: Terminal,
): Promise<ListedPolicies | undefined> {
  const imagePath = findImage(policy);
  if (imagePath !== undefined)
    return readImageFile(imagePath, (bytes) => {
      const image = readImage(bytes);
      return { model: readModel(image), revision: image.revision };
    });
  const built = await buildPolicies(policy, root, format, terminal);
  return built && { model: built.model, revision: readImage(built.image).revision };
}

const defaultLimit = 100;

/** Which part of the list is wanted. @throws {UsageError} */
export function readPageOptions({ limit, cursor }: AccessListingOptions): {
  readonly limit: number;
  readonly cursor: string | undefined;
} {
  const count = readLimitOption(limit) ?? defaultLimit;
  if (count === 0) throw new UsageError('--limit takes a whole number above 0');
  return { limit: count, cursor };
}

/** Asks, and makes of a question that cannot be asked a wrong use of the command. @throws {UsageError} */
export function askFor<Answer>(ask: () => Answer): Answer {
  try {
    return ask();
  } catch (error) {
    if (error instanceof RequestError) throw new UsageError(error.message);
    throw error;
  }
}

/** Tells that a policy does not know a name, which is no error: rules for anyone hold for it all the same. */
export function tellUnnamed(
  kind: 'action' | 'group' | 'subject',
  name: string,
  known: readonly string[],
  terminal: Terminal,
): void {
  if (known.includes(name)) return;
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? '' : `, did you mean ${quote(nearest)}?`;
  terminal.talk(`postern: the policy names no ${kind} ${quote(name)}${hint}`);
}

/** `user:bob is declared with role: "admin"`: what conditions see unless the request says otherwise; nothing where nothing is. */
export function renderDeclared({ entities }: Model, id: string | undefined): string {
  const entity = entities.find((each) => each.id === id);
  if (entity === undefined || entity.attributes.size === 0) return '';
  const attributes = [...entity.attributes].map(
    ([name, value]) => `${name}: ${JSON.stringify(toJson(value))}`,
  );
  return `${escapeText(`${entity.id} is declared with ${attributes.join(', ')}`)}\n`;
}

/** A text on lines of its own; nothing for none. */
export function beneath(text: string): string {
  return text === '' ? '' : `\n${text}`;
}

type Value = Model['entities'][number]['attributes'] extends ReadonlyMap<string, infer Each> ? Each : never;

function toJson(value: Value): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([name, each]) => [name, toJson(each)]));
}
