import { quote } from '../../files/quote.ts';
import {
  type Diagnostic,
  importDcosGrants,
  importMesosAcls,
  PolicyError,
  renderText,
  type Source,
} from '../../index.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { readSource } from '../read-source.ts';
import type { Terminal } from '../terminal.ts';

export const starterFormats = ['dcos-grants', 'mesos'] as const;
export type StarterFormat = (typeof starterFormats)[number];

/** The imported policy; no text if there is nothing to begin with, which was said. */
export interface ImportedStarter {
  readonly text?: string;
  readonly exitCode: ExitCode;
}

/**
 * The policy that a starter folder begins with. What is refused is told, and what can be imported is.
 *
 * @throws {FileError} if the file cannot be read, or is not UTF-8
 */
export function importStarter(
  argument: string,
  format: StarterFormat | undefined,
  terminal: Terminal,
): ImportedStarter {
  const source = readSource(argument, 'source');
  return (format ?? detectFormat(source.text)) === 'mesos'
    ? importAcls(source, terminal)
    : importGrants(source, terminal);
}

/** ACLs of Mesos are one JSON object whose keys are no paths, as those of a dump of DC/OS are, and no grant of a line. */
function detectFormat(text: string): StarterFormat {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'dcos-grants';
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isObject) return 'dcos-grants';
  const keys = Object.keys(value as object);
  return keys.some((key) => key.startsWith('/') || key === 'principalType') ? 'dcos-grants' : 'mesos';
}

function importAcls(source: Source, terminal: Terminal): ImportedStarter {
  try {
    const translation = importMesosAcls(source);
    if (translation.ok) return { text: translation.text, exitCode: exitCodes.yes };
    show(translation.diagnostics, source, terminal);
    terminal.talk('postern: nothing is written: not all of the ACLs can be said in a policy');
    return { exitCode: exitCodes.no };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    show(error.diagnostics, source, terminal);
    terminal.talk(`postern: nothing is written: ${quote(source.file)} cannot be loaded`);
    return { exitCode: exitCodes.unreadable };
  }
}

function importGrants(source: Source, terminal: Terminal): ImportedStarter {
  const { ok, text, diagnostics } = importDcosGrants([source]);
  show(diagnostics, source, terminal);
  if (diagnostics.some(({ code }) => code === 'P4301')) {
    terminal.talk(`postern: nothing is written: ${quote(source.file)} cannot be read`);
    return { exitCode: exitCodes.unreadable };
  }
  const refused = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (refused > 0)
    terminal.talk(
      `postern: ${refused === 1 ? '1 error' : `${refused} errors`}: what they are about is not imported`,
    );
  return { text, exitCode: ok ? exitCodes.yes : exitCodes.no };
}

function show(diagnostics: readonly Diagnostic[], source: Source, terminal: Terminal): void {
  if (diagnostics.length === 0) return;
  const textOf = (file: string): string | undefined => (file === source.file ? source.text : undefined);
  terminal.talk(renderText(diagnostics, textOf, { color: terminal.talkHasColor }).trimEnd());
}
