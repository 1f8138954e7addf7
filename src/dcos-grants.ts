import { compareModels } from './analysis/compare-models.ts';
import { build } from './build.ts';
import { ConfigurationError } from './decision/errors.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { PolicyError } from './diagnostics/policy-error.ts';
import { sortDiagnostics } from './diagnostics/sort.ts';
import { createShippedImporter } from './files/importer.ts';
import { readShippedData } from './files/read-shipped-data.ts';
import { type Catalogue, readCatalogue } from './interop/dcos/grants/catalogue.ts';
import { catalogueOf } from './interop/dcos/grants/catalogue-of-policy.ts';
import { checkGrants, type Grantee, withoutRepetitions } from './interop/dcos/grants/check-grants.ts';
import type { ExportFormat } from './interop/dcos/grants/exported.ts';
import type { Grant } from './interop/dcos/grants/grant.ts';
import { lowerPolicy } from './interop/dcos/grants/lower-policy.ts';
import { buildPermissionSet } from './interop/dcos/grants/permissions.ts';
import { type GrantsProof, proveGrants } from './interop/dcos/grants/prove-grants.ts';
import { type GrantFormat, readGrants } from './interop/dcos/grants/read-grants.ts';
import { renderGrants } from './interop/dcos/grants/render-grants.ts';
import { readingFormats, writeGrants } from './interop/dcos/grants/write-grants.ts';
import type { Model } from './model/model.ts';
import { InvariantError } from './source/invariant.ts';
import type { Source } from './source/source.ts';
import type { Location } from './source/span.ts';
import { parse } from './syntax/parser.ts';
import { printTree } from './syntax/print.ts';

export { dumpSchema } from './interop/dcos/grants/dump-schema.ts';
export { type ExportFormat, exportFormats } from './interop/dcos/grants/exported.ts';
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
  return importWith(loadCatalogue(version), sources, {
    ...(grantee && { grantee }),
    ...(format && { format }),
  }).result;
}

/** The import, and what its text was built to. */
function importWith(
  catalogue: Catalogue,
  sources: readonly Source[],
  { grantee, format }: Omit<ImportGrantsOptions, 'version'>,
): { readonly result: GrantsImport; readonly model: Model } {
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
  return { result: { ok, text, diagnostics, imported, refused, proof }, model: built.model };
}

const importedFile = 'imported.acl';

export interface ExportGrantsOptions {
  readonly format: ExportFormat;
}

/** A policy as grants, and what is to be said of it. */
export interface GrantsExport {
  /** Whether the text says all that the policy does. */
  readonly ok: boolean;
  /** What can be said, in the format asked for; empty if nothing can. */
  readonly text: string;
  /** An error for everything that is left out, at its place in the policy. */
  readonly diagnostics: readonly Diagnostic[];
  /** Rules and defaults that deny among what is left out: the grants allow more than the policy does. */
  readonly denialsRefused: number;
  /** Of the policy that an import makes of the text. */
  readonly proof: GrantsProof;
  /** Whether that policy was also proved to decide every request as the whole one does. */
  readonly decidesAlike: boolean;
}

/**
 * The rules of a policy set as grants of DC/OS Enterprise. The text is imported again before it is handed out, and proved to say
 * what the rules say; where nothing is left out, also that the policy set and the one imported decide every request alike.
 *
 * @param model  what `build` made of the policy set, which imports a catalogue of DC/OS
 */
export function exportDcosGrants(model: Model, { format }: ExportGrantsOptions): GrantsExport {
  const imported = catalogueOf(model);
  const place = model.namespaces.find(({ name }) => name === 'dcos') ?? model.rules[0] ?? model.groups[0];
  if (imported === undefined && place !== undefined) return nothingExported(noCatalogue(place.location));
  const catalogue = loadCatalogue(imported?.version);
  const { grants, memberships, groups, refusals, denialsRefused } = lowerPolicy(
    model,
    catalogue,
    format === 'dcos' || format === 'curl',
  );
  const written = writeGrants({ grants, memberships, groups }, format, catalogue);
  const diagnostics = sortDiagnostics(withoutRepetitions([...refusals, ...written.refusals]));
  const ok = diagnostics.length === 0;
  const { text } = written;
  const again = importWith(catalogue, [{ file: 'exported', text }], { format: readingFormats[format] });
  const { proof } = again.result;
  if (proof.grants !== written.grants.size || proof.memberships !== written.members.size)
    throw new InvariantError('an export has other grants when it is imported');
  return { ok, text, diagnostics, denialsRefused, proof, decidesAlike: ok && isAlike(model, again.model) };
}

/**
 * That it decides as its own grants do, where that is not too much to be found out.
 *
 * @throws {InvariantError} if it decides otherwise
 */
function isAlike(model: Model, imported: Model): boolean {
  const { groups, rules } = imported;
  const dcos = imported.namespaces.find(({ name }) => name === 'dcos')!;
  const namespaces = model.namespaces.map((namespace) => (namespace.name === 'dcos' ? dcos : namespace));
  const after: Model = { ...model, groups, rules, rulesets: [], implications: [], namespaces };
  const comparison = compareModels(model, after);
  if (comparison.kind !== 'different') return comparison.kind === 'equal';
  throw new InvariantError(`an export decides otherwise: ${JSON.stringify(comparison.witness)}`);
}

function nothingExported(diagnostic: Diagnostic): GrantsExport {
  const proof = { grants: 0, subjects: 0, memberships: 0 };
  return { ok: false, text: '', diagnostics: [diagnostic], denialsRefused: 0, proof, decidesAlike: false };
}

function noCatalogue({ file, span }: Location): Diagnostic {
  return {
    code: 'P4331',
    severity: 'error',
    file,
    span,
    message: 'grants of DC/OS are about the resources of its catalogue, and the policy set imports none',
    help: 'write `import "postern:dcos"`, or the catalogue of another version',
  };
}

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
