import { TooComplexError } from '../analysis/too-complex.ts';
import { ConfigurationError } from '../decision/errors.ts';
import { isAction, isGroupName, isSubject } from '../id/scan.ts';
import type { Model } from '../model/model.ts';
import { type AllowedIds, allowedIds } from './allowed-ids.ts';
import { readColumn } from './column.ts';
import type { Dialect } from './dialect.ts';
import { FilterError } from './filter-error.ts';
import { postgresql } from './postgresql.ts';
import { renderIds } from './render-ids.ts';
import { type SqlParameter, type SqlText, textOfCondition } from './sql-condition.ts';
import { sqlite } from './sqlite.ts';

export interface FilterSqlOptions {
  /** Absent: a request without a subject. */
  readonly subject?: string | undefined;
  readonly action: string;
  /** As in a request: they count as memberships (S16). */
  readonly groups?: readonly string[] | undefined;
  /** Overrides the policy's own. */
  readonly mode?: string | undefined;
  /** As in a request. Those of resources are what `entity` declares: a row brings none along. */
  readonly attributes?: { readonly subject?: unknown; readonly action?: unknown } | undefined;
  readonly context?: unknown;
  /** The column that holds resource ids, `id` or `documents.id`: an identifier, written by a programmer. */
  readonly column: string;
  readonly dialect: SqlDialect;
  /** PostgreSQL: the number of the first placeholder, from 1. */
  readonly firstParameter?: number | undefined;
}

export type SqlDialect = 'postgresql' | 'sqlite';

/** A condition for a `WHERE`, in parentheses, and what its placeholders stand for, in their order. */
export interface SqlFilter {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

const dialects: ReadonlyMap<string, Dialect> = new Map([
  ['postgresql', postgresql],
  ['sqlite', sqlite],
]);

const nothing: AllowedIds = { cases: [], added: [], removed: [] };

/**
 * A condition that is true for exactly the rows whose column holds the id of a resource on which the request, made with that
 * resource, is allowed; false, never NULL, for all others: NULL and malformed ids too. Where subject, action or a group is
 * malformed, it is false for every row (S3). Neither policy nor request becomes text of the statement: all of them are parameters.
 *
 * It holds for this policy set alone: after a change another is needed.
 *
 * @throws {FilterError} where no condition says it, or the options are unusable
 * @throws {ConfigurationError} for a mode that no `enforced in` names (S35)
 */
export function filterSql(model: Model, options: FilterSqlOptions): SqlFilter {
  const { subject, action, groups = [], mode, attributes = {}, context, firstParameter = 1 } = options;
  const dialect = dialects.get(options.dialect);
  if (dialect === undefined)
    throw new FilterError(
      'option',
      `unknown dialect ${JSON.stringify(options.dialect)}: \`postgresql\` or \`sqlite\``,
    );
  if (!Number.isInteger(firstParameter) || firstParameter < 1)
    throw new FilterError('option', '`firstParameter` is a number from 1 on');
  if (mode !== undefined && !model.modes.includes(mode))
    throw new ConfigurationError(`unknown mode ${JSON.stringify(mode)}`);
  const column = dialect.column(readColumn(options.column));
  const isAsked = isName(isSubject, subject) && isName(isAction, action) && areGroups(groups);
  const ids = isAsked
    ? simply(() => allowedIds(model, { subject, action, groups, attributes, context }, mode))
    : nothing;
  return finish(textOfCondition(renderIds(ids, dialect, column)), dialect, firstParameter);
}

/** Callers without types may pass anything; only a subject may be absent. */
function isName(isWellFormed: (text: string) => boolean, name: unknown): boolean {
  if (name === undefined) return isWellFormed === isSubject;
  return typeof name === 'string' && isWellFormed(name);
}

function areGroups(groups: unknown): boolean {
  return Array.isArray(groups) && groups.every((group) => typeof group === 'string' && isGroupName(group));
}

function simply(find: () => AllowedIds): AllowedIds {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof TooComplexError)) throw error;
    throw new FilterError('too-complex', `no condition can be had: ${error.message}`, { cause: error });
  }
}

/** Puts placeholders into the text. */
function finish(text: SqlText, dialect: Dialect, firstParameter: number): SqlFilter {
  const parameters: unknown[] = [];
  const numbers = new Map<unknown, number>();
  const numberOf = (parameter: SqlParameter): number => {
    const known = dialect.isNumbered ? numbers.get(parameter.value) : undefined;
    if (known !== undefined) return known;
    parameters.push(dialect.valueOf(parameter));
    const number = firstParameter + parameters.length - 1;
    numbers.set(parameter.value, number);
    return number;
  };
  const sql = text
    .map((part) => (typeof part === 'string' ? part : dialect.placeholder(part, numberOf(part))))
    .join('');
  if (firstParameter + parameters.length - 1 > dialect.maxParameters)
    throw new FilterError(
      'too-complex',
      `no condition can be had: it would take ${parameters.length} parameters`,
    );
  return { sql, parameters };
}
