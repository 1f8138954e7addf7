import { readFileSync } from 'node:fs';

/** The version that is installed; read from the file, since not every package exports its `package.json`. */
export function packageVersion(name: string): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
