import type { DifferenceWitness } from '../analysis/compare-models.ts';

/**
 * The command that asks the witness again, as one line for a POSIX shell. What does not print is written as escapes where
 * JSON allows it.
 *
 * @param policies  words behind `-p`; without any, a placeholder stands there
 */
export function checkCommand(witness: DifferenceWitness, policies: readonly string[]): string {
  const { subject, action, resource, groups, mode, context, attributes } = witness;
  const asked = [subject ?? 'anyone', action, ...(resource === undefined ? [] : [resource])];
  const options = [
    ...(resource === undefined ? ['--every-resource'] : []),
    ...(groups === undefined ? [] : ['--groups', groups.join(',')]),
    ...(mode === undefined ? [] : ['--mode', mode]),
    ...(context === undefined ? [] : ['--context', plainJson(context)]),
    ...(attributes === undefined ? [] : ['--attributes', plainJson(attributes)]),
    '-p',
    ...(policies.length === 0 ? ['POLICY'] : policies),
  ];
  // What looks like an option has to stand behind the end of options.
  const words = asked.some((word) => word.startsWith('-'))
    ? [...options, '--', ...asked]
    : [...asked, ...options];
  return `postern check ${words.map(quoteWord).join(' ')}`;
}

const plainWord = /^[A-Za-z0-9_.,:/@%+=-]+$/;

function quoteWord(word: string): string {
  return plainWord.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
