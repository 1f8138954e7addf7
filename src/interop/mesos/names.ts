import { MAX_ID_LENGTH } from '../../id/elements.ts';
import { MAX_SUBJECT_LENGTH } from '../../id/scan.ts';
import { type Acls, belowSuffix } from './acls.ts';
import { aclListByName, type ObjectField, resourceKinds } from './lists.ts';

/**
 * Mesos compares arbitrary strings; our ids are well-formed paths. A name maps one to the other so that different strings
 * get different ids, and ordinary ones stay as they are: principal `ops` is `principal:ops`, role `eng/web` is
 * `mesos:role:eng/web`.
 *
 *     ~         an empty piece between slashes, and the empty string: role `a/` is `mesos:role:a/~`
 *     ~XXXX     a UTF-16 unit that cannot stand there, in hexadecimal: `~`, `:`, `\`, controls, …
 *     ~!, ~!7   a string beyond the limits of ids: one that no entry lists, the seventh of those that entries list
 *     ~!7/…     what begins with the seventh, where that is the text before the `%` of an entry
 */
export class MesosNames {
  /** Strings of entries that are too long for an id, by their number. */
  readonly #long = new Map<string, number>();
  /** What entries of role lists cover by `/%`: the text before the `%`. Those that are too long for an id stand apart. */
  readonly #prefixes = new Set<string>();
  readonly #longPrefixes = new Set<string>();

  constructor(acls: Acls) {
    for (const [list, entries] of acls.lists) {
      const isRoleList = aclListByName.get(list)!.match === 'role';
      for (const { principals, object } of entries) {
        for (const value of principals.values)
          if (encodeText(value).length > subjectLimit) this.#number(value);
        for (const value of object.values) {
          if (isRoleList && value.endsWith(belowSuffix)) this.#learnPrefix(value.slice(0, -1));
          else if (isLongPath(encodePath(value))) this.#number(value);
        }
      }
    }
  }

  /** Whether every string of the entries has an id of its own, which a policy may use as well. */
  get areAllPlain(): boolean {
    return this.#long.size === 0;
  }

  principal(value: string): string {
    return value.length < subjectLimit && ordinarySubject.test(value)
      ? `principal:${value}`
      : `principal:${this.#unusualSubject(value)}`;
  }

  /** The id of one value, e.g. of the user `root`. */
  resource(field: ObjectField, value: string): string {
    const kind = resourceKinds[field];
    if (value.length < resourceLimit && ordinaryPath.test(value)) return `mesos:${kind}:${value}`;
    const path = encodePath(value);
    return `mesos:${kind}:${isLongPath(path) ? this.#stemOf(value) + this.#stand(value) : path}`;
  }

  /**
   * The id above all roles that begin with `prefix`.
   *
   * @param prefix  what stands before the `%` in an entry, its slash included
   */
  roleAbove(prefix: string): string {
    const stem = this.#longPrefixes.has(prefix) ? this.#stemOf(prefix) : encodePath(prefix).slice(0, -1);
    return `mesos:${resourceKinds.roles}:${stem === '/' ? stem : stem.slice(0, -1)}`;
  }

  #learnPrefix(prefix: string): void {
    if (!isLongPath(encodePath(prefix))) this.#prefixes.add(prefix);
    else {
      this.#number(prefix);
      this.#longPrefixes.add(prefix);
    }
  }

  #number(value: string): void {
    if (!this.#long.has(value)) this.#long.set(value, this.#long.size + 1);
  }

  #unusualSubject(value: string): string {
    const text = encodeText(value);
    return text.length > subjectLimit ? this.#stand(value) : text;
  }

  /**
   * The way to a value that is too long: the longest text with an id that it begins with and an entry covers by `/%`, then
   * all such texts without one, each of which begins with the one before it. So every such entry finds the value beneath.
   */
  #stemOf(value: string): string {
    let stem = '';
    for (
      let slash = value.lastIndexOf('/');
      slash >= 0 && stem === '';
      slash = value.lastIndexOf('/', slash - 1)
    ) {
      const prefix = value.slice(0, slash + 1);
      if (this.#prefixes.has(prefix)) stem = encodePath(prefix).slice(0, -1);
      if (slash === 0) break;
    }
    const steps = [...this.#longPrefixes].filter((prefix) => value.startsWith(prefix));
    for (const step of steps.sort((a, b) => a.length - b.length)) stem += `${this.#stand(step)}/`;
    return stem;
  }

  #stand(value: string): string {
    return `~!${this.#long.get(value) ?? ''}`;
  }
}

const subjectLimit = MAX_SUBJECT_LENGTH - 'principal:'.length;
/** Leaves room for `mesos:KIND:` in front and for a stand-in behind. */
const resourceLimit = MAX_ID_LENGTH - 64;
const pathSegmentLimit = 248;

/** What needs no second look. Both begin with no dot, and hold nothing that is escaped below. */
const ordinarySubject = /^[\w@+=$!*/.-]+$/;
const ordinaryPath = /^\/?[\w@+=$!*-][\w@+=$!*.-]*(?:\/[\w@+=$!*-][\w@+=$!*.-]*){0,200}$/;

/** Whether an encoded path, with whatever comes before it, would be too long or too deep for an id. */
export function isLongPath(path: string): boolean {
  return path.length > resourceLimit || path.split('/').length > pathSegmentLimit;
}

/** The path of a value; a leading slash is the root, every other piece a segment. */
export function encodePath(value: string): string {
  return value.startsWith('/') ? `/${encodePieces(value.slice(1))}` : encodePieces(value);
}

function encodePieces(text: string): string {
  return text.split('/').map(encodePiece).join('/');
}

function encodePiece(piece: string): string {
  return piece === '' ? '~' : piece.replace(unusualInPiece, escapeUnits);
}

/** The name of a subject, which is held to the rules for length and characters only. */
function encodeText(text: string): string {
  return text === '' ? '~' : text.replace(unusualInText, escapeUnits);
}

/** Characters that may stand in no id (S2). */
const forbidden =
  '[\\p{Cc}\\p{Cs}\\u2028\\u2029\\p{Bidi_Control}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}]';
const unusualInText = new RegExp(`~|${forbidden}`, 'gu');
/** Also separators, what looks percent-encoded, and the first dot of what begins like a dot segment. */
const unusualInPiece = new RegExp(`[~:\\\\]|%(?=[0-9a-fA-F]{2})|^\\.(?=\\.?(?:;|$))|${forbidden}`, 'gu');

/** What `encodePath` made of a value; undefined for a text that it makes of none. */
export function decodePath(path: string): string | undefined {
  const pieces = (path.startsWith('/') ? path.slice(1) : path).split('/').map(decodeText);
  const value = (path.startsWith('/') ? '/' : '') + pieces.join('/');
  return encodePath(value) === path ? value : undefined;
}

/** The principal behind a subject; undefined if it is none. */
export function principalOf(subject: string): string | undefined {
  if (!subject.startsWith('principal:')) return undefined;
  const text = subject.slice('principal:'.length);
  const value = decodeText(text);
  return encodeText(value) === text ? value : undefined;
}

function decodeText(text: string): string {
  if (text === '~') return '';
  return text.replace(/~([0-9a-f]{4})/g, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)));
}

function escapeUnits(text: string): string {
  let escaped = '';
  for (let i = 0; i < text.length; i++) escaped += `~${text.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return escaped;
}
