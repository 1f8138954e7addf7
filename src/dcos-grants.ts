import { build } from './build.ts';
import { ConfigurationError } from './decision/errors.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { PolicyError } from './diagnostics/policy-error.ts';
import { createShippedImporter } from './files/importer.ts';
import { readShippedData } from './files/read-shipped-data.ts';
import { type Catalogue, readCatalogue } from './interop/dcos/grants/catalogue.ts';
import { checkGrants, type Grantee } from './interop/dcos/grants/check-grants.ts';
import type { Grant } from './interop/dcos/grants/grant.ts';
import { buildPermissionSet } from './interop/dcos/grants/permissions.ts';
import { type GrantsProof, proveGrants } from './interop/dcos/grants/prove-grants.ts';
import { type GrantFormat, readGrants } from './interop/dcos/grants/read-grants.ts';
import { renderGrants } from './interop/dcos/grants/render-grants.ts';
import { InvariantError } from './source/invariant.ts';
import type { Source } from './source/source.ts';
import { parse } from './syntax/parser.ts';
import { printTree } from './syntax/print.ts';

export { dumpSchema } from './interop/dcos/grants/dump-schema.ts';
export { type GrantFormat, grantFormats } from './interop/dcos/grants/read-grants.ts';
export { grantLineSchema } from './interop/dcos/grants/read-json-lines.ts';
export type { Grant, Grantee, GrantsProof };

export interface ImportGrantsOptions {
  /** Version of DC/OS that the grants are for; the newest if absent. The policy imports its catalogue. */
  readonly version?: string;
  /** Who gets permissions that do not say it, such as those of the web interface. */
  readonly grantee?: Grantee;
  /** How every source is written; told from each text if absent. */
  readonly format?: GrantFormat;
}

/** Grants as a policy, and what is to be said of them. */
export interface GrantsImport {
  /** Whether everything that the sources grant is in the policy. */
  readonly ok: boolean;
  /** Policy text of what could be imported, in canonical layout. */
  readonly text: string;
  /** An error for every grant that is not in the policy; warnings and infos about those that are. */
  readonly diagnostics: readonly Diagnostic[];
  readonly imported: readonly Grant[];
  readonly refused: readonly Grant[];
  readonly proof: GrantsProof;
}

/**
 * Grants of DC/OS Enterprise as policy text: out of scripts, permission strings, JSON lines and dumps of the IAM. The text is
 * built again and proved to say what the grants say, no less and no more, before it is handed out.
 *
 * @throws {ConfigurationError} for a version that has no catalogue
 */
export function importDcosGrants(
  sources: readonly Source[],
  { version, grantee, format }: ImportGrantsOptions = {},
): GrantsImport {
  const catalogue = loadCatalogue(version);
  const readings = sources.map((source) => readGrants(source, format));
  const { imported, refused, memberships, diagnostics } = checkGrants(readings, catalogue, grantee);
  const set = buildPermissionSet(imported, memberships, catalogue);
  const isNewest = catalogue.version === catalogue.versions.at(-1);
  const specifier = isNewest ? 'postern:dcos' : `postern:dcos/${catalogue.version}`;
  const text = layOut(renderGrants(set, { catalogue: specifier, sources }));
  const built = build([{ file: importedFile, text }], { importer: createShippedImporter() });
  if (!built.ok) {
    const { message } = new PolicyError(built.diagnostics, built.textOf);
    throw new InvariantError(`an imported policy does not build: ${message}`);
  }
  const proof = proveGrants(set, built, importedFile);
  const ok = !diagnostics.some(({ severity }) => severity === 'error');
  return { ok, text, diagnostics, imported, refused, proof };
}

const importedFile = 'imported.acl';

/** @throws {InvariantError} if what we wrote is no policy */
function layOut(text: string): string {
  const { tree, diagnostics } = parse({ file: importedFile, text });
  const [first] = diagnostics;
  if (first !== undefined) throw new InvariantError(`an imported policy does not parse: ${first.message}`);
  return printTree(tree);
}

let catalogueData: unknown;

function loadCatalogue(version: string | undefined): Catalogue {
  catalogueData ??= readShippedData('dcos/resources.json');
  const catalogue = readCatalogue(catalogueData, version);
  if (catalogue !== undefined) return catalogue;
  const { versions } = readCatalogue(catalogueData)!;
  throw new ConfigurationError(`unknown version \`${version}\` of DC/OS; there are ${versions.join(', ')}`);
}
