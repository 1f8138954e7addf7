import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shippedFolder } from './shipped-policies.ts';

/** A JSON file that ships with the policies, such as `dcos/resources.json`; it is ours, and so taken at its word. */
export function readShippedData(path: string): unknown {
  return JSON.parse(readFileSync(join(shippedFolder, path), 'utf8'));
}
