import { readFileSync, statSync } from 'node:fs';
import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import { ImageError, readImage } from '../../index.ts';
import type { Head } from '../../store/store.ts';
import { quote, readConfiguredFile } from '../config/configured-file.ts';
import type { VerifiedImage } from '../policy-set/outcome.ts';

/** What stands beside the image: of which bytes it speaks, and what they hold of the store. */
interface Note {
  readonly revision: string;
  readonly policiesRevision: string;
  readonly stored: Head;
}

/**
 * The policy that was verified last, on disk: the image, the image of the policies alone, and a note that names both by
 * their hashes. They are written one after the other; a note that does not fit them is of a run that was cut short.
 */
export class ImageCache {
  readonly #path: string;

  /** @param path  of the image; the others stand beside it */
  constructor(path: string) {
    this.#path = path;
  }

  /** @throws {FileError} */
  write({ image, policies, stored, revision }: VerifiedImage): void {
    const note: Note = {
      revision,
      policiesRevision: readImage(policies!).revision,
      stored: stored!,
    };
    writeFileAtomically(this.#path, image);
    writeFileAtomically(this.#policiesPath, policies!);
    writeFileAtomically(this.#notePath, Buffer.from(`${JSON.stringify(note)}\n`));
  }

  /**
   * Undefined if there is none.
   *
   * @throws {FileError | ImageError} if there is one that cannot be used
   */
  read(): VerifiedImage | undefined {
    if (statSync(this.#notePath, { throwIfNoEntry: false }) === undefined) return undefined;
    const note = JSON.parse(readFileSync(this.#notePath, 'utf8')) as Note;
    const image = readShared(this.#path);
    const policies = readShared(this.#policiesPath);
    if (readImage(image).revision !== note.revision || readImage(policies).revision !== note.policiesRevision)
      throw new ImageError(
        'altered',
        `${quote(this.#path)} and what stands beside it do not belong together`,
      );
    return { image, policies, revision: note.revision, stored: note.stored, isCached: true };
  }

  get #policiesPath(): string {
    return `${this.#path}.policies`;
  }

  get #notePath(): string {
    return `${this.#path}.json`;
  }
}

function readShared(path: string): Uint8Array {
  const bytes = readConfiguredFile(path, 'image');
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  shared.set(bytes);
  return shared;
}
