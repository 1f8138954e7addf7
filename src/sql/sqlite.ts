import type { PatternElement } from '../model/model.ts';
import { countsUnits, spreadUnits, textAfterAll } from './code-points.ts';
import type { Dialect } from './dialect.ts';
import { anyOf, condition, parameter, type SqlCondition, type SqlText, sql } from './sql-condition.ts';
import { automatonOf } from './sqlite-automaton.ts';
import { countedGlobOf, escapeGlob, globsOfLiterals, globText } from './sqlite-glob.ts';
import { spreadText } from './sqlite-units.ts';
import { isWellFormedSqlite } from './well-formed-sqlite.ts';

export const sqlite: Dialect = {
  // Grave accents: what stands in double quotes and is no column is a text to some builds of SQLite.
  column: (names) => [names.map((name) => `\`${name}\``).join('.')],
  // Whatever the collation of the column is: nothing but `=` and `<` depends on it. `COLLATE BINARY` within an `OR` would
  // keep SQLite from using an index, so that it gets a comparison that an index serves, and one of bytes beside it.
  exact: (column) => column,
  // In a database in UTF-16 bytes are of another order, and nothing would be exact: there it is false for every row.
  isText: (column) => condition(sql`typeof(${column}) = 'text' AND length(CAST('a' AS BLOB)) = 1`),
  isOneOf: (column, ids) => {
    if (ids.length === 1) {
      const id = parameter(ids[0]!);
      return condition(sql`${column} = ${id} AND CAST(${column} AS BLOB) = CAST(${id} AS BLOB)`);
    }
    const given = sql`FROM json_each(${parameter(ids)})`;
    return condition(
      sql`${column} IN (SELECT value ${given}) AND CAST(${column} AS BLOB) IN (SELECT CAST(value AS BLOB) ${given})`,
    );
  },
  beginsWith: (id, prefix, { isLonger }) => {
    // Under NOCASE what begins with `Z` is behind `[`: so the range is up to what follows `z`.
    const above = textAfterAll(prefix.replace(/[A-Z]$/, (letter) => letter.toLowerCase()));
    const glob = sql`${id} GLOB ${parameter(`${escapeGlob(prefix)}${isLonger ? '?*' : '*'}`)}`;
    const isBelow = above === undefined ? [] : sql`${id} < ${parameter(above)} AND `;
    return condition(sql`${id} >= ${parameter(prefix)} AND ${isBelow}${glob}`);
  },
  isWellFormed: isWellFormedSqlite,
  matchesOneOf: (id, patterns) => anyOf(patterns.map((elements) => matches(id, elements))),
  isLike: (id, glob) => {
    const { text, write } = countsUnits(glob) ? spread(id) : plain(id);
    return condition(sql`${text} GLOB ${parameter(write(globText(glob)))}`);
  },
  placeholder: () => '?',
  isNumbered: false,
  maxParameters: 32_766,
  valueOf: ({ kind, value }) => (kind === 'strings' ? JSON.stringify(value) : value),
};

function matches(id: SqlText, elements: readonly PatternElement[]): SqlCondition {
  const globs = globsOfLiterals(elements);
  if (globs !== undefined) return anyOf(globs.map((glob) => condition(sql`${id} GLOB ${parameter(glob)}`)));
  const isByUnit = elements.some((element) => element.kind === 'glob' && countsUnits(element.glob));
  const written = isByUnit ? spread(id) : plain(id);
  const counted = countedGlobOf(elements);
  if (counted === undefined) return accepts(written, elements);
  const { text, write } = written;
  const { glob, colons, slashes } = counted;
  return condition(
    sql`${text} GLOB ${parameter(write(glob))} AND ${countOf(id, ':')} = ${parameter(colons)} AND ${countOf(id, '/')} = ${parameter(slashes)}`,
  );
}

function countOf(id: SqlText, separator: ':' | '/'): SqlText {
  return sql`length(${id}) - length(replace(${id}, '${[separator]}', ''))`;
}

/** A text, and how globs are written for it. */
interface Written {
  readonly text: SqlText;
  readonly write: (glob: string) => string;
}

function plain(id: SqlText): Written {
  return { text: id, write: (glob) => glob };
}

/** As many characters as the id has UTF-16 units. */
function spread(id: SqlText): Written {
  return { text: spreadText(id), write: spreadUnits };
}

/**
 * Runs the automaton of a pattern over the elements of a well-formed id. With a colon put before it, each element is a separator
 * and a text, that of a root being empty; the slash behind a root at the end is no element.
 */
function accepts({ text, write }: Written, elements: readonly PatternElement[]): SqlCondition {
  const { edges, end } = automatonOf(elements);
  const written = edges.map(([from, separator, glob, to]) => [from, separator, write(glob), to]);
  const body = 'substr(r."rest", 2)';
  // Colons come first: while there is one, the next separator is a colon.
  const length = `CASE WHEN instr(${body}, ':') > 0 THEN instr(${body}, ':') WHEN instr(${body}, '/') > 0 THEN instr(${body}, '/') ELSE length(r."rest") END`;
  const isNext = `(e."separator" = '' OR r."is_first" OR e."separator" = substr(r."rest", 1, 1))`;
  const edge = sql`SELECT json_extract(value, '$[0]') AS "from", json_extract(value, '$[1]') AS "separator", json_extract(value, '$[2]') AS "glob", json_extract(value, '$[3]') AS "to" FROM json_each(${parameter(JSON.stringify(written))})`;
  const step = `SELECT e."to", substr(r."rest", ${length} + 1), 0 FROM "postern_run" AS r JOIN "postern_edge" AS e ON e."from" = r."state" AND ${isNext} AND substr(r."rest", 2, ${length} - 1) GLOB e."glob" WHERE r."rest" NOT IN ('', '/')`;
  return condition(
    sql`EXISTS (WITH RECURSIVE "postern_edge" AS (${edge}), "postern_run" ("state", "rest", "is_first") AS (SELECT 0, ':' || ${text}, 1 UNION ${[step]}) SELECT 1 FROM "postern_run" WHERE "state" = ${parameter(end)} AND "rest" IN ('', '/'))`,
  );
}
