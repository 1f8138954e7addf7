import { Locator, type TextOf } from '../diagnostics/locate.ts';
import type { Finding } from './rule.ts';

/** The line that a finding begins on, with its blanks made one each: it stays the same while lines move and are indented. */
export interface FindingLine {
  readonly text: string;
  /** How many findings of the same rule before it, in the same file, have an equal line. */
  readonly occurrence: number;
}

/** In the order of the findings, which is that of a report. */
export function linesOfFindings(findings: readonly Finding[], textOf: TextOf): FindingLine[] {
  const locator = new Locator(textOf);
  const counts = new Map<string, number>();
  return findings.map(({ rule, file, span }) => {
    const text = lineAt(locator, file, span.start);
    const key = JSON.stringify([rule, file, text]);
    const occurrence = counts.get(key) ?? 0;
    counts.set(key, occurrence + 1);
    return { text, occurrence };
  });
}

function lineAt(locator: Locator, name: string, offset: number): string {
  const file = locator.file(name);
  if (file === undefined) return '';
  const { line } = locator.place(name, offset);
  const text = file.text.slice(file.lineStarts[line - 1], file.lineStarts[line] ?? file.text.length);
  return text.trim().replace(/\s+/g, ' ');
}

/** 64 bits as 16 hexadecimal digits: names a finding in systems that keep track of it from run to run. */
export function fingerprintOf(finding: Finding, { text, occurrence }: FindingLine): string {
  const key = JSON.stringify([finding.rule, finding.file, text, occurrence]);
  return hash(key, 0x811c9dc5) + hash(key, 0x9747b28c);
}

/** FNV-1a over UTF-16 units, mixed at the end as MurmurHash3 does. Not for what somebody may want to forge. */
function hash(text: string, seed: number): string {
  let value = seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return ((value ^ (value >>> 16)) >>> 0).toString(16).padStart(8, '0');
}
