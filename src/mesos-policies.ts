import { build } from './build.ts';
import { compile } from './compile/compile.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { PolicyError } from './diagnostics/policy-error.ts';
import { sortDiagnostics } from './diagnostics/sort.ts';
import { createShippedImporter } from './files/importer.ts';
import { loadAcls } from './interop/mesos/authorizer.ts';
import { buildModel } from './interop/mesos/build-model.ts';
import { programsOfAcls } from './interop/mesos/list-program.ts';
import { MesosNames } from './interop/mesos/names.ts';
import { lowerPolicy } from './interop/mesos/translate/lower-policy.ts';
import { type EqualityProof, proveEqual, type Side, UnprovenError } from './interop/mesos/translate/prove.ts';
import { renderPolicy } from './interop/mesos/translate/render-policy.ts';
import { printAcls, writeAcls } from './interop/mesos/translate/write-acls.ts';
import type { Model } from './model/model.ts';
import { InvariantError } from './source/invariant.ts';
import type { Source } from './source/source.ts';
import { parse } from './syntax/parser.ts';
import { printTree } from './syntax/print.ts';

/** A translation, with the proof that both sides decide alike; or why there is none. */
export type Translation =
  | { readonly ok: true; readonly text: string; readonly proof: EqualityProof }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * ACLs of Mesos as policy text, which is built again and proved to decide as the ACLs do before it is handed out.
 *
 * @throws {PolicyError} for a document that Mesos refuses
 */
export function importMesosAcls(source: Source): Translation {
  const acls = loadAcls(source);
  const names = new MesosNames(acls);
  if (!names.areAllPlain) return { ok: false, diagnostics: [tooLong(source)] };
  const rendered = renderPolicy(acls, names, source.file);
  const text = printTree(parse({ file: 'imported.acl', text: rendered }).tree);
  const built = build([{ file: 'imported.acl', text }], { importer: createShippedImporter() });
  if (!built.ok)
    throw new InvariantError(
      `an imported policy does not build: ${new PolicyError(built.diagnostics, built.textOf).message}`,
    );
  const lowered = lowerPolicy(built.model);
  if (lowered.refusals.length > 0)
    throw new InvariantError(`an imported policy is not that of ACLs: ${lowered.refusals[0]!.message}`);
  const policy: Side = { programs: lowered.programs, image: built.image, names };
  return { ok: true, text, proof: proved(policy, sideOfAcls(source)) };
}

/**
 * A policy set as ACLs of Mesos, which are read again and proved to decide as the policy does before they are handed out.
 *
 * @param model, image  what `build` made of the policy set
 */
export function exportMesosAcls(model: Model, image: Uint8Array): Translation {
  const { programs, refusals } = lowerPolicy(model);
  if (refusals.length > 0) return { ok: false, diagnostics: withoutRepetition(refusals) };
  const written = writeAcls(programs);
  if (!written.ok) return { ok: false, diagnostics: written.refusals };
  const text = printAcls(written.acls, programs);
  const acls = sideOfAcls({ file: 'exported.json', text });
  try {
    return { ok: true, text, proof: proved({ programs, image, names: acls.names }, acls) };
  } catch (error) {
    if (!(error instanceof UnprovenError)) throw error;
    return { ok: false, diagnostics: [unproven(model, error)] };
  }
}

/** At the first rule that speaks of the list. */
function unproven(model: Model, { list, message }: UnprovenError): Diagnostic {
  const rule = model.rules.find(({ actions }) => actions.includes(list)) ?? model.rules[0];
  return {
    code: 'P4201',
    severity: 'error',
    file: rule?.location.file ?? '',
    span: rule?.location.span ?? { start: 0, end: 0 },
    message,
    help: 'say it with fewer principals and values, or with denials of everything or to everybody alone',
  };
}

/** A role with many permissions is refused once for each grant, not once for each permission. */
function withoutRepetition(refusals: readonly Diagnostic[]): Diagnostic[] {
  const byText = new Map(
    refusals.map((refusal) => [JSON.stringify([refusal.file, refusal.span, refusal.message]), refusal]),
  );
  return sortDiagnostics([...byText.values()]);
}

function sideOfAcls(source: Source): Side {
  const acls = loadAcls(source);
  const names = new MesosNames(acls);
  return { programs: programsOfAcls(acls), image: compile(buildModel(acls, names, source.file)), names };
}

/** A translation that decides otherwise is a bug of ours, and never handed out. */
function proved(a: Side, b: Side): EqualityProof {
  const proof = proveEqual(a, b);
  if (proof.difference === undefined) return proof;
  throw new InvariantError(`a translation decides otherwise: ${JSON.stringify(proof.difference)}`);
}

function tooLong({ file }: Source): Diagnostic {
  return {
    code: 'P4006',
    severity: 'error',
    file,
    span: { start: 0, end: 0 },
    pointer: '',
    message: 'a principal or object is too long for an id of a policy',
    help: 'a policy names principals of up to 1,000 characters and objects of up to 4,000',
  };
}
