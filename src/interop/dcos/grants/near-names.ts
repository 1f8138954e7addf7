import type { CheckedGrant } from './check-grant.ts';
import type { Finding } from './grant.ts';
import { MaskedText } from './placeholders.ts';

/** Words of fewer letters are too often near to each other. */
const shortestWord = 6;
/** A word that is written so often is no slip. */
const leastUses = 3;

/**
 * Names that stand in one grant alone and differ by one letter, left out, added or swapped, from a name that others use:
 * `cutsvc` beside `custsvc`. Told as a guess, since both may exist.
 *
 * @param vocabulary  words of DC/OS itself, which are no names
 * Cost: the number of different words times the length of each.
 */
export function findNearNames(
  checked: readonly CheckedGrant[],
  vocabulary: ReadonlySet<string>,
): ReadonlyMap<CheckedGrant, Finding> {
  const uses = new Map<string, CheckedGrant[]>();
  for (const grant of checked) {
    for (const word of wordsOf(grant)) {
      if (vocabulary.has(word)) continue;
      const ofWord = uses.get(word);
      if (ofWord === undefined) uses.set(word, [grant]);
      else ofWord.push(grant);
    }
  }
  const slips = slipsOf([...uses].filter(([, grants]) => grants.length >= leastUses).map(([word]) => word));
  const found = new Map<CheckedGrant, Finding>();
  for (const [word, [grant, second]] of uses) {
    if (second !== undefined || grant === undefined) continue;
    const isFrequent = (other: string): boolean => (uses.get(other)?.length ?? 0) >= leastUses;
    const near = slips.get(word) ?? shortened(word).find(isFrequent);
    if (near !== undefined) found.set(grant, finding(word, near));
  }
  return found;
}

/** What becomes of words when a letter is left out or two change places, with the first word it may have been. */
function slipsOf(words: readonly string[]): ReadonlyMap<string, string> {
  const slips = new Map<string, string>();
  for (const word of words) {
    for (const slip of [...shortened(word), ...swapped(word)]) if (!slips.has(slip)) slips.set(slip, word);
  }
  return slips;
}

function finding(word: string, near: string): Finding {
  return {
    code: 'P4326',
    severity: 'info',
    message: `\`${word}\` stands here alone, and \`${near}\` in many places`,
    help: `write \`${near}\`, if that is meant`,
    at: 'resource',
  };
}

/** Names, cut at everything that is no letter: `dev__kafka-role` has `kafka` and `role`. */
function wordsOf({ grant, examination }: CheckedGrant): Set<string> {
  const value = new MaskedText(examination.value ?? '').text;
  const principal = new MaskedText(grant.principal).text;
  return new Set(`${value} ${principal}`.split(/[^A-Za-z]+/).filter((word) => word.length >= shortestWord));
}

/** The word without each of its letters in turn, but for the last: a plural is no slip. */
function shortened(word: string): string[] {
  return Array.from({ length: word.length - 1 }, (_, i) => word.slice(0, i) + word.slice(i + 1));
}

/** The word with two different neighbours in each other's place. */
function swapped(word: string): string[] {
  return Array.from(
    { length: word.length - 1 },
    (_, i) => word.slice(0, i) + word[i + 1] + word[i] + word.slice(i + 2),
  ).filter((other) => other !== word);
}
