import { MAX_ID_LENGTH, MAX_SEGMENTS } from '../id/elements.ts';
import { forbiddenCharacters } from './forbidden-characters.ts';
import { allOf, condition, parameter, type SqlCondition, type SqlText, sql } from './sql-condition.ts';

/** Of S2, what no id may match, as a regular expression of PostgreSQL. */
const FAULTS = [
  // empty segments
  '^:|::|//|:$|[^:]/$',
  // a colon after a slash
  '/[^:]*:',
  // dot segments
  '(?:^|[:/])\\.\\.?(?:[;:/]|$)',
  '\\\\',
  '%[0-9A-Fa-f]{2}',
  `[${forbiddenCharacters.flatMap(rangeOf).join('')}]`,
].join('|');

/** Characters of two UTF-16 units. */
export const TWO_UNITS = '\\U00010000-\\U0010FFFF';

/** Neither surrogates nor NUL can be in a text there. */
function rangeOf([first, last]: readonly [number, number]): string[] {
  return first === 0xd800 ? [] : [`${codePoint(Math.max(first, 1))}-${codePoint(last)}`];
}

function codePoint(code: number): string {
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** S2 as a condition: the same as `scan` of `id/scan.ts` says. */
export function isWellFormedPostgresql(id: SqlText): SqlCondition {
  const limit = [String(MAX_ID_LENGTH)];
  const secondUnits = sql`char_length(regexp_replace(${id}, ${parameter(`[^${TWO_UNITS}]`)}, '', 'g'))`;
  const separators = sql`char_length(${id}) - char_length(translate(${id}, ':/', ''))`;
  const roots = sql`(${id} ~ '(?:^|:)/')::int + (${id} ~ '/$')::int`;
  return allOf([
    condition(sql`${id} <> ''`),
    condition(sql`${id} !~ ${parameter(FAULTS)}`),
    // A character has no more units than bytes.
    condition(sql`octet_length(${id}) <= ${limit} OR char_length(${id}) + ${secondUnits} <= ${limit}`),
    // Between segments stands a separator, and one more before or behind a root.
    condition(sql`${separators} - (${roots}) < ${[String(MAX_SEGMENTS)]}`),
  ]);
}
