import { MAX_ID_LENGTH, MAX_SEGMENTS } from '../id/elements.ts';
import { forbiddenCharacters } from './forbidden-characters.ts';
import { allOf, condition, parameter, type SqlCondition, type SqlText, sql } from './sql-condition.ts';
import { unitsOf } from './sqlite-units.ts';

/** Of S2, what no id may match. */
const FAULTS = [':*', '*::*', '*//*', '*:', '*[^:]/', '*/*:*', '*\\*', '*%[0-9A-Fa-f][0-9A-Fa-f]*'];
const FORBIDDEN = `*[${forbiddenCharacters.flatMap(rangeOf).join('')}]*`;
/** With a separator put before and behind the id, every segment has both. */
const DOT_SEGMENTS = ['*[:/].[:/;]*', '*[:/]..[:/;]*'];
/** To globs of SQLite U+FFFE and U+FFFF are U+FFFD, which ids may hold, and NUL ends a text: they are looked for as bytes. */
const UNSEEN_BY_GLOBS = [0, 0xfffe, 0xffff];

/** Surrogates are no characters, and a text in valid UTF-8 has none. */
function rangeOf([first, last]: readonly [number, number]): string[] {
  if (first === 0xfffe || first === 0xd800) return [];
  return [`${String.fromCodePoint(Math.max(first, 1))}-${String.fromCodePoint(last)}`];
}

/** S2 as a condition: the same as `scan` of `id/scan.ts` says of a text in valid UTF-8. */
export function isWellFormedSqlite(id: SqlText): SqlCondition {
  const limit = [String(MAX_ID_LENGTH)];
  const separators = sql`length(${id}) - length(replace(replace(${id}, ':', ''), '/', ''))`;
  const roots = sql`(${id} GLOB '/*' OR ${id} GLOB '*:/*') + (${id} GLOB '*/')`;
  return allOf([
    condition(sql`${id} <> ''`),
    ...UNSEEN_BY_GLOBS.map((code) => condition(sql`instr(${id}, char(${[String(code)]})) = 0`)),
    ...FAULTS.map((fault) => condition(sql`${id} NOT GLOB '${[fault]}'`)),
    ...DOT_SEGMENTS.map((fault) => condition(sql`'/' || ${id} || '/' NOT GLOB '${[fault]}'`)),
    condition(sql`${id} NOT GLOB ${parameter(FORBIDDEN)}`),
    // A character has no more units than bytes.
    condition(sql`length(CAST(${id} AS BLOB)) <= ${limit} OR ${unitsOf(id)} <= ${limit}`),
    // Between segments stands a separator, and one more before or behind a root.
    condition(sql`${separators} - (${roots}) < ${[String(MAX_SEGMENTS)]}`),
  ]);
}
