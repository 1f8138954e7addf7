import type { CustomPatternMatcherFunc } from 'chevrotain';
import { stringEnd } from './scan-lexeme.ts';

/**
 * The literals of conditions and objects. A regular expression with alternatives in a loop keeps a place to go back to for each turn,
 * and throws where a literal has some millions of units; these read on.
 */

const QUOTE = 34;

/** A string that is closed on its line. */
export const matchString: CustomPatternMatcherFunc = (text, offset) => {
  if (text.charCodeAt(offset) !== QUOTE) return null;
  const end = stringEnd(text, offset);
  return end < 0 ? null : [text.substring(offset, end)];
};

/** A string that is not, up to the end of its line. */
export const matchUnterminatedString: CustomPatternMatcherFunc = (text, offset) => {
  if (text.charCodeAt(offset) !== QUOTE) return null;
  const end = stringEnd(text, offset);
  return end < 0 ? [text.substring(offset, -end)] : null;
};

const number = /-?\.?[0-9][A-Za-z0-9_.]*/y;
const afterExponent = /(?<=[eE])[+-][A-Za-z0-9_.]*/y;

/** All that could be meant as a number, with letters: what is wrong with it is for the reader of numbers to say. */
export const matchNumber: CustomPatternMatcherFunc = (text, offset) => {
  let start = offset;
  let end = endOf(number, text, offset);
  while (end > start) {
    start = end;
    end = endOf(afterExponent, text, start);
  }
  return end === offset ? null : [text.substring(offset, end)];
};

const groupHead = /group:(?:"|[A-Za-z0-9_.@+~$-]+)/y;

/** `group:editors` or `group:"the editors"`. */
export const matchGroupReference: CustomPatternMatcherFunc = (text, offset) => {
  const head = endOf(groupHead, text, offset);
  if (head === offset) return null;
  const end = text.charCodeAt(head - 1) === QUOTE ? stringEnd(text, head - 1) : head;
  return end < 0 ? null : [text.substring(offset, end)];
};

/** @returns `offset` where the pattern does not match; none of them matches nothing */
function endOf(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.test(text) ? pattern.lastIndex : offset;
}
