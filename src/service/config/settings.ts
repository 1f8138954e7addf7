import { nearestName } from '../../files/nearest.ts';
import { quote } from '../../files/quote.ts';
import { ConfigurationError } from '../../index.ts';
import { configSchema } from './config-schema.ts';

/** One leaf of the configuration, with its names in all three sources. */
export interface Setting {
  /** Keys from the outside in: `token`, `keyFile`. */
  readonly keys: readonly string[];
  /** `token.keyFile` */
  readonly name: string;
  /** `POSTERN_TOKEN_KEY_FILE` */
  readonly variable: string;
  /** `--token-key-file`; for what is true by default `--no-watch`. */
  readonly flag: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'array';
  readonly description: string;
  /** What it does, if it is a switch. */
  readonly title: string | undefined;
  readonly byDefault: unknown;
}

interface Schema {
  readonly type: Setting['type'] | 'object';
  readonly description: string;
  readonly title?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** In the order of the schema. */
export const settings: readonly Setting[] = leavesOf(configSchema, []);

function leavesOf({ properties = {} }: Schema, outer: readonly string[]): Setting[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const keys = [...outer, key];
    if (schema.type === 'object') return leavesOf(schema, keys);
    const kebab = keys
      .map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))
      .join('-');
    return [
      {
        keys,
        name: keys.join('.'),
        variable: `POSTERN_${kebab.replaceAll('-', '_').toUpperCase()}`,
        flag: schema.default === true ? `--no-${kebab}` : `--${kebab}`,
        type: schema.type,
        description: schema.description,
        title: schema.title,
        byDefault: schema.default,
      },
    ];
  });
}

/** Settings as plain data, with some of them or all. */
export type PartialConfig = { readonly [key: string]: unknown };

/** Variables that are not settings, and those that Kubernetes makes up for a service that is called `postern`. */
const otherVariables =
  /^POSTERN_(?:CONFIG|DEBUG|SERVICE_(?:HOST|PORT)(?:_\w+)?|PORT_\d+_(?:TCP|UDP)(?:_\w+)?)$/;

/**
 * The settings in an environment. A misspelt one would be a check that nobody makes, so it is an error.
 *
 * @throws {ConfigurationError}
 */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): PartialConfig {
  const known = new Map(settings.map((setting) => [setting.variable, setting]));
  const config: Record<string, unknown> = {};
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith('POSTERN_') || text === undefined || otherVariables.test(variable)) continue;
    const setting = known.get(variable);
    if (setting === undefined)
      throw new ConfigurationError(
        `environment: unknown variable ${quote(variable)}${insteadOf(variable, known.keys())}`,
      );
    put(config, setting, readText(setting, text, `environment: ${variable}`));
  }
  return config;
}

/** Behind a name that nothing has: the one that is probably meant. */
export function insteadOf(name: string, known: Iterable<string>): string {
  const near = nearestName(name, known);
  return near === undefined ? '' : `, did you mean ${quote(near)}`;
}

export function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at these keys, as an own property each; undefined if there is none. */
export function readLeaf(config: object, keys: readonly string[]): unknown {
  let value: unknown = config;
  for (const key of keys) value = isGroup(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** Sets one leaf, and makes the objects around it. */
export function put(config: Record<string, unknown>, { keys }: Setting, value: unknown): void {
  let target = config;
  for (const key of keys.slice(0, -1)) {
    target[key] ??= {};
    target = target[key] as Record<string, unknown>;
  }
  target[keys.at(-1)!] = value;
}

/**
 * A value as text: lists separated by commas, numbers in decimal.
 *
 * @param place  where it stands, for the message
 * @throws {ConfigurationError}
 */
export function readText({ type, description }: Setting, text: string, place: string): unknown {
  switch (type) {
    case 'array':
      return text.split(',');
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      break;
    case 'integer':
    case 'number':
      if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text);
      break;
    case 'string':
      return text;
  }
  throw new ConfigurationError(`${place}: expected ${description}`);
}
