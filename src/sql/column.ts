import { FilterError } from './filter-error.ts';

const identifier = /^[\p{L}_][\p{L}\p{N}_$]*$/u;

/**
 * The name of a column, or a path to one (`documents.id`), as the identifiers of a path.
 *
 * @throws {FilterError} for anything else: an expression, a quoted name, an empty text
 */
export function readColumn(column: string): readonly string[] {
  const names = typeof column === 'string' ? column.split('.') : [];
  if (names.length === 0 || names.length > 4 || !names.every((name) => identifier.test(name))) {
    throw new FilterError(
      'column',
      `${JSON.stringify(column)} is no column: name it as \`id\` or \`documents.id\`, letters, digits, \`_\` and \`$\`, without quotes`,
    );
  }
  return names;
}
