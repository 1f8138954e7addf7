import type { Glob, PatternElement } from '../model/model.ts';
import { countsUnits, FIRST_UNIT, spreadUnits, textAfterAll } from './code-points.ts';
import type { Dialect } from './dialect.ts';
import { regexOfElements, regexOfGlob } from './postgresql-regex.ts';
import { anyOf, condition, parameter, type SqlCondition, type SqlText, sql } from './sql-condition.ts';
import { isWellFormedPostgresql, TWO_UNITS } from './well-formed-postgresql.ts';

/** The server keeps a few dozen compiled expressions, and refuses one that is far too large: so they are joined, in measure. */
const MAX_REGEX_LENGTH = 8_000;

export const postgresql: Dialect = {
  column: (names) => [names.map((name) => `"${name}"`).join('.')],
  exact: exactly,
  isText: (column) => condition(sql`${column} IS NOT NULL`),
  // The column by itself is for an index of any collation, which may take for equal what is not.
  isOneOf: (column, ids) => {
    const given = ids.length === 1 ? sql`${parameter(ids[0]!)}` : sql`ANY(${parameter(ids)})`;
    return condition(sql`${column} = ${given} AND ${exactly(column)} = ${given}`);
  },
  beginsWith: (id, prefix, { isLonger }) => {
    const above = textAfterAll(prefix);
    const isBelow = above === undefined ? [] : sql` AND ${id} < ${parameter(above)}`;
    return condition(sql`${id} ${[isLonger ? '>' : '>=']} ${parameter(prefix)}${isBelow}`);
  },
  isWellFormed: isWellFormedPostgresql,
  matchesOneOf: (id, patterns) => {
    const isByUnit = (elements: readonly PatternElement[]): boolean =>
      elements.some((element) => element.kind === 'glob' && countsUnits(element.glob));
    const regexes = (some: readonly (readonly PatternElement[])[]): string[] => some.map(regexOfElements);
    return anyOf([
      ...matchesRegexes(id, regexes(patterns.filter((each) => !isByUnit(each)))),
      ...matchesRegexes(spread(id), regexes(patterns.filter(isByUnit)).map(spreadUnits)),
    ]);
  },
  isLike: (id, glob: Glob) =>
    countsUnits(glob)
      ? anyOf(matchesRegexes(spread(id), [spreadUnits(regexOfGlob(glob, '.'))]))
      : anyOf(matchesRegexes(id, [regexOfGlob(glob, '.')])),
  placeholder: ({ kind }, number) => {
    const type = kind === 'strings' ? 'text[]' : kind === 'string' ? 'text' : 'int';
    return `$${number}::${type}`;
  },
  isNumbered: true,
  maxParameters: 65_535,
  valueOf: ({ value }) => value,
};

/** By bytes, and as text where the type of the column has an equality of its own. */
function exactly(column: SqlText): SqlText {
  return sql`${column}::text COLLATE "C"`;
}

/** The text with as many characters as it has UTF-16 units. */
function spread(id: SqlText): SqlText {
  return sql`regexp_replace(${id}, ${parameter(`([${TWO_UNITS}])`)}, ${parameter(`${FIRST_UNIT}\\1`)}, 'g')`;
}

function matchesRegexes(id: SqlText, regexes: readonly string[]): SqlCondition[] {
  const joined: string[] = [];
  let length = Infinity;
  for (const regex of regexes) {
    if (length + regex.length > MAX_REGEX_LENGTH) {
      joined.push(regex);
      length = regex.length;
    } else {
      joined.push(`${joined.pop()}|${regex}`);
      length += regex.length + 1;
    }
  }
  return joined.map((each) => condition(sql`${id} ~ ${parameter(`^(?:${each})$`)}`));
}
