import { Ajv, type ErrorObject } from 'ajv';
import { quote } from '../../files/quote.ts';
import { ConfigurationError } from '../../index.ts';
import { checkConfig } from './check-config.ts';
import type { ServiceConfig } from './config.ts';
import { configSchema } from './config-schema.ts';
import { insteadOf, isGroup, type PartialConfig, put, readLeaf, settings } from './settings.ts';

const validate = new Ajv({ allErrors: true, verbose: true }).compile(configSchema);

/**
 * The configuration out of its sources, a later one before an earlier: file, environment, command line.
 *
 * @throws {ConfigurationError} that says everything that is wrong with it, a line each
 */
export function completeConfig(...sources: readonly PartialConfig[]): ServiceConfig {
  const merged = mergeSources(sources);
  if (!validate(merged)) throw new ConfigurationError(joinFaults((validate.errors ?? []).map(describe)));
  const config = merged as unknown as ServiceConfig;
  const faults = checkConfig(config);
  if (faults.length > 0) throw new ConfigurationError(joinFaults(faults));
  return config;
}

/** Leaf by leaf; a group without a leaf is kept, and so is what is no setting: the schema will say so. */
function mergeSources(sources: readonly PartialConfig[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const source of sources) mergeInto(merged, source);
  for (const setting of settings) {
    const { keys, byDefault } = setting;
    // A group is there with all its defaults, or not at all: its absence says something.
    if (byDefault === undefined || (keys[0] === 'token' && merged.token === undefined)) continue;
    const isSet = readLeaf(merged, keys) !== undefined;
    const isNoGroup = keys.length > 1 && merged[keys[0]!] !== undefined && !isGroup(merged[keys[0]!]);
    if (!isSet && !isNoGroup) put(merged, setting, byDefault);
  }
  return merged;
}

function mergeInto(target: Record<string, unknown>, source: PartialConfig): void {
  for (const [key, value] of Object.entries(source)) {
    if (value === undefined) continue;
    const known = Object.hasOwn(target, key) ? target[key] : undefined;
    if (!isGroup(value)) define(target, key, value);
    else if (isGroup(known)) mergeInto(known, value);
    else define(target, key, structuredClone(value));
  }
}

/** An own property whatever its name. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function describe({ keyword, instancePath, params, parentSchema }: ErrorObject): string {
  const place = instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  if (keyword === 'additionalProperties') {
    const name = [...(place === '' ? [] : [place]), String(params.additionalProperty)].join('.');
    const known = settings.map((setting) => setting.name);
    return `unknown setting ${quote(name)}${insteadOf(name, known)}`;
  }
  return `${quote(place)}: expected ${parentSchema?.description}`;
}

function joinFaults(faults: readonly string[]): string {
  return [...new Set(faults)].join('\npostern: ');
}
