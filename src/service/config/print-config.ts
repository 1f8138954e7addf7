import type { ServiceConfig } from './config.ts';
import { put, readLeaf, settings } from './settings.ts';

const mask = '***';

/**
 * The configuration as a file of it, for people, in the order of the schema and without what is secret: an address may
 * carry a key in its query.
 */
export function printConfig(config: ServiceConfig): string {
  const shown: Record<string, unknown> = {};
  for (const setting of settings) {
    const value = readLeaf(config, setting.keys);
    if (value !== undefined) put(shown, setting, maskSecret(setting.name, value));
  }
  return `${JSON.stringify(shown, undefined, 2)}\n`;
}

function maskSecret(name: string, value: unknown): unknown {
  if (name === 'authzen.pageKey') return mask;
  return name === 'token.jwksUrl' ? String(value).replace(/[?#].*/s, `?${mask}`) : value;
}
