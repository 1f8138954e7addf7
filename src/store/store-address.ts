import { quote } from '../files/quote.ts';
import { StoreError } from './errors.ts';

/** Where a store is, and what it is called in messages. */
export type StoreAddress =
  | { readonly kind: 'sqlite'; readonly name: string; readonly path: string }
  | { readonly kind: 'postgresql'; readonly name: string; readonly url: string };

/**
 * A path is a SQLite file, `postgres://…` and `postgresql://…` are PostgreSQL. The name has neither password nor parameters
 * of the URL.
 *
 * @throws {StoreError} for an address that is neither; a message never repeats what may hold a password
 */
export function readStoreAddress(text: string): StoreAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    // A file may be called so, and whoever writes it means a scheme: `./sqlite:a` names the file.
    const prefix = /^(?:sqlite3?|file|postgres|postgresql|mysql):/i.exec(text)?.[0];
    if (prefix !== undefined)
      throw new StoreError(
        `a store is a file or \`postgres://…\`: write the path of the file without ${quote(prefix)}`,
      );
    if (text === '' || text === ':memory:' || text.includes('\0'))
      throw new StoreError('a store is a file or `postgres://…`: name one, such as `postern.db`');
    return { kind: 'sqlite', name: quote(text), path: text };
  }
  if (scheme !== 'postgres' && scheme !== 'postgresql')
    throw new StoreError(`a store is a file or \`postgres://…\`, not \`${scheme}://…\``);
  const name = nameOf(text);
  if (name === undefined)
    throw new StoreError(
      'the address of the store is no valid URL: it is `postgres://user@host:5432/database`, and signs such as `@`, `:`, `/` and `%` in a password are written `%40`, `%3A`, `%2F` and `%25`',
    );
  return { kind: 'postgresql', name: quote(name), url: text };
}

/** Undefined if it is no URL. */
function nameOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, username, host, pathname, searchParams } = new URL(text);
  // A folder of sockets stands among the parameters.
  const place = host === '' ? (searchParams.get('host') ?? '') : host;
  return `${protocol}//${username === '' ? '' : `${username}@`}${place}${pathname}`;
}
