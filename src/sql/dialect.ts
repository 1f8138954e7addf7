import type { Glob, PatternElement } from '../model/model.ts';
import type { SqlCondition, SqlParameter, SqlText } from './sql-condition.ts';

/** How a database says what conditions on ids are made of. Every text is exact: by code points, whatever the collation. */
export interface Dialect {
  /** The column as it stands in a statement. */
  readonly column: (names: readonly string[]) => SqlText;
  /** The column as the conditions on ids below take it. */
  readonly exact: (column: SqlText) => SqlText;
  /** Of a column, not of its exact form. False for NULL, never NULL itself. */
  readonly isText: (column: SqlText) => SqlCondition;
  /** Of a column, too. @param ids  one or more */
  readonly isOneOf: (column: SqlText, ids: readonly string[]) => SqlCondition;
  /** In a form that an index serves. @param isLonger  the prefix by itself does not do */
  readonly beginsWith: (id: SqlText, prefix: string, options: { readonly isLonger: boolean }) => SqlCondition;
  /** Below, `id` is an exact column. */
  readonly isWellFormed: (id: SqlText) => SqlCondition;
  /** Whether a well-formed id matches one of some patterns, none of them literal. */
  readonly matchesOneOf: (id: SqlText, patterns: readonly (readonly PatternElement[])[]) => SqlCondition;
  readonly isLike: (id: SqlText, glob: Glob) => SqlCondition;
  readonly placeholder: (parameter: SqlParameter, number: number) => string;
  /** Whether equal parameters are sent once. */
  readonly isNumbered: boolean;
  readonly maxParameters: number;
  /** As drivers take it. */
  readonly valueOf: (parameter: SqlParameter) => unknown;
}
