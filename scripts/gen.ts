import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generateDcos } from './gen-dcos.ts';
import { generateDcosRoutes } from './gen-dcos-routes.ts';
import { generateDiagram } from './gen-diagram.ts';
import { generateLint } from './gen-lint.ts';

/** A file that is committed but written by a script. */
export interface Generated {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

const root = new URL('../', import.meta.url);
const generators: readonly (() => Generated | readonly Generated[])[] = [
  generateDiagram,
  generateDcos,
  generateDcosRoutes,
  generateLint,
];

/** Writes every generated file, or with `--check` names those that are not what their generator makes. */
function main(isCheck: boolean): void {
  for (const { path, text } of generators.flatMap((generate) => generate())) {
    const file = fileURLToPath(new URL(path, root));
    if (!isCheck) writeFileSync(file, text);
    else if (readCommitted(file) !== text) reportStale(path);
  }
}

function readCommitted(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function reportStale(path: string): void {
  process.stderr.write(`${path} is not up to date: run \`npm run gen\` and commit the result\n`);
  process.exitCode = 1;
}

main(process.argv.includes('--check'));
