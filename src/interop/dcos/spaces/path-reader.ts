import { scanId } from '../../../id/check-id.ts';
import { IdElements } from '../../../id/elements.ts';
import { describeFault, FAULT_NONE } from '../../../id/faults.ts';
import { MAX_SUBJECT_LENGTH } from '../../../id/scan.ts';

/** A service `/a/b`, a job `a.b`, or a secret `a/b/name`. */
export type SpaceIdKind = 'service' | 'job' | 'secret';

/**
 * How the engine is asked about spaces. Ids are judged as part of these, so that what is malformed for the engine is
 * malformed here, to the letter; DC/OS' own alphabets are narrower, and no wider id can come from there.
 */
const SERVICE_SUBJECT = 'service:';
const SECRET_RESOURCE = 'dcos:secrets:default:/';

/** Elements before the segments of the path: `service`, root; `dcos`, `secrets`, `default`, root. */
const SERVICE_HEAD = 2;
const SECRET_HEAD = 4;

/**
 * Cuts ids into the segments of their paths, and holds those of the last one. A malformed id is never repaired: the reader
 * says what is wrong with it, as the rest of a sentence whose subject is the id, and then holds nothing to rely on.
 */
export class PathReader {
  /** Segments of the path; 0 for the service `/`. */
  count = 0;
  #path = '';
  /** How much longer the id is that was scanned, and how many elements it has before the path. */
  #headLength = 0;
  #headCount = 0;
  readonly #elements = new IdElements();

  read(kind: SpaceIdKind, id: unknown): string | undefined {
    if (typeof id !== 'string') return 'is not a string';
    if (id === '') return 'is empty';
    if (kind === 'job') return this.#readJob(id);
    return kind === 'service' ? this.#readService(id) : this.#readSecret(id);
  }

  /** The text of segment `i`, for `i < count`. */
  segment(i: number): string {
    const { starts, ends } = this.#elements;
    const at = this.#headCount + i;
    return this.#path.slice(starts[at]! - this.#headLength, ends[at]! - this.#headLength);
  }

  #readService(id: string): string | undefined {
    if (!id.startsWith('/')) return 'does not begin with a slash';
    if (SERVICE_SUBJECT.length + id.length > MAX_SUBJECT_LENGTH) return 'is too long';
    return this.#scan(SERVICE_SUBJECT, SERVICE_HEAD, id);
  }

  #readSecret(id: string): string | undefined {
    if (id.startsWith('/')) return 'begins with a slash';
    return this.#scan(SECRET_RESOURCE, SECRET_HEAD, id);
  }

  #readJob(id: string): string | undefined {
    if (id.includes('/')) return 'has a slash';
    if (id.startsWith('.')) return 'begins with a dot';
    if (id.endsWith('.')) return 'ends with a dot';
    if (id.includes('..')) return 'has two dots in a row';
    return this.#readService(pathOfJob(id));
  }

  #scan(head: string, headCount: number, id: string): string | undefined {
    const fault = scanId(head + id, this.#elements);
    if (fault !== FAULT_NONE) return describeFault(fault);
    this.#path = id;
    this.#headLength = head.length;
    this.#headCount = headCount;
    this.count = this.#elements.count - headCount;
    return undefined;
  }
}

/** `a.b` stands at `/a/b`. */
export function pathOfJob(id: string): string {
  return `/${id.replaceAll('.', '/')}`;
}
