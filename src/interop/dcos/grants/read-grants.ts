import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Source } from '../../../source/source.ts';
import type { GrantsReading } from './grant.ts';
import { readCommands } from './read-commands.ts';
import { readDump } from './read-dump.ts';
import { linesOf, readJsonLines } from './read-json-lines.ts';
import { readPermissionStrings } from './read-strings.ts';

/** How grants are written: commands, permission strings of the web interface, JSON lines, a dump of the IAM. */
export const grantFormats = ['shell', 'strings', 'jsonl', 'dump'] as const;
export type GrantFormat = (typeof grantFormats)[number];

const readers: Readonly<Record<GrantFormat, (source: Source) => GrantsReading>> = {
  shell: readCommands,
  strings: readPermissionStrings,
  jsonl: readJsonLines,
  dump: readDump,
};

/** 16 Mi units, as of a policy. */
export const maxSourceLength = 16 * 1024 * 1024;

/** Reads one source in the format given, or in the one that its text seems to have. */
export function readGrants(source: Source, format?: GrantFormat): GrantsReading {
  const { file } = source;
  if (source.text.length > maxSourceLength) {
    const message = `the source has more than ${maxSourceLength.toLocaleString('en')} characters`;
    return nothingIn(file, { code: 'P4301', severity: 'error', message, help: 'split it' });
  }
  // A byte order mark is no text; a blank in its place keeps all offsets.
  const text = source.text.replace(/^\ufeff/, ' ');
  const reading = readers[format ?? detectFormat(text)]({ file, text });
  if (Object.values(reading).some((found) => found.length > 0)) return reading;
  const message = 'no grant is found in it';
  const help = 'see that it is the right file; `--input-format` tells how to read it';
  return nothingIn(file, { code: 'P4308', severity: 'warning', message, help });
}

function nothingIn(file: string, what: Omit<Diagnostic, 'file' | 'span'>): GrantsReading {
  const diagnostics = [{ ...what, file, span: { start: 0, end: 0 } }];
  return { grants: [], acls: [], memberships: [], diagnostics };
}

/** The format that a text has: a shell script if nothing speaks for another. */
export function detectFormat(text: string): GrantFormat {
  const [first, second] = firstLines(text);
  // A prompt or a list of commands begins with a bracket too.
  if (/^(?:\{\s*["}]|\[\s*[\]{]|[{[]$)/.test(first)) {
    const areLines = /^\{.*\}?$/.test(first) && (/"resource"\s*:/.test(first) || second.startsWith('{'));
    return areLines && !/^\{\s*"\/?(?:acs|acls|users|groups|array)\b/.test(first) ? 'jsonl' : 'dump';
  }
  if (/\bdcos\s+security\b|\/acls\//.test(text)) return 'shell';
  return /^[^\s'"`=]*[^\s'"`=:]:[^\s'"`=]/.test(first) ? 'strings' : 'shell';
}

/** The first two lines that are neither blank nor comments. */
function firstLines(text: string): readonly [string, string] {
  const found: string[] = [];
  for (const line of linesOf(text)) {
    const content = line.text.trim();
    if (content !== '' && !content.startsWith('#')) found.push(content);
    if (found.length === 2) break;
  }
  return [found[0] ?? '', found[1] ?? ''];
}
