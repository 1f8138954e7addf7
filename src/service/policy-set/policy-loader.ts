import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isShippedName } from '../../files/policy-root.ts';
import { readPolicySet } from '../../files/read-policy-set.ts';
import type { IamState } from '../../iam/iam-state.ts';
import {
  Authorizer,
  type Builder,
  ConfigurationError,
  compileModel,
  createBuilder,
  type Diagnostic,
  FileError,
  ImageError,
  type Importer,
  inspectImage,
  looksLikeImage,
  type Model,
  PolicyError,
  readImage,
  readModel,
  type Source,
} from '../../index.ts';
import { catalogueSource } from '../../live/catalogue-source.ts';
import { compileLive } from '../../live/compile-live.ts';
import { quote, readConfiguredFile } from '../config/configured-file.ts';
import { lookAtFile } from './observed-files.ts';
import type { VerifiedImage } from './outcome.ts';

export interface PolicyNames {
  /** May be empty where a store is given. */
  readonly policy: readonly string[];
  readonly root?: string | undefined;
  readonly mode?: string | undefined;
}

/** Builds the policy set that the configuration names, or reads it if it is one image; remembers what has not changed. */
export class PolicyLoader {
  readonly #names: PolicyNames;
  readonly #builder: Builder = createBuilder();
  /** Files that said something when they were last loaded. */
  #filled: ReadonlySet<string> = new Set();
  /** Imported files as they looked before they were read. */
  #imports = new Map<string, string>();

  constructor(names: PolicyNames) {
    this.#names = names;
  }

  /** Files that the last attempt to load imported, and those that it looked for in vain. */
  get imports(): ReadonlyMap<string, string> {
    return this.#imports;
  }

  /**
   * @param stored  what the store adds to the policies, if there is a store
   * @throws {PolicyError | FileError | ImageError | ConfigurationError}
   */
  load(stored?: IamState): VerifiedImage {
    const { policy, mode } = this.#names;
    const found = readImageFile(policy);
    const files = found === undefined ? {} : { files: policy };
    if (stored === undefined)
      return { ...this.#verify(found ?? this.#build(compileModel), mode, true), ...files };
    // What is posted for comparison is compared with the policies alone.
    let policies = found;
    const both = (model: Model): Uint8Array => {
      policies ??= compileModel(model);
      return compileLive(model, stored);
    };
    const bytes = found === undefined ? this.#build(both) : both(readModel(readImage(found)));
    return { ...this.#verify(bytes, mode, false), policies: share(policies!), ...files };
  }

  /** @param needsRule  whether a policy without one is a mistake: where others come from a store it is not */
  #verify(bytes: Uint8Array, mode: string | undefined, needsRule: boolean): VerifiedImage {
    const image = share(bytes);
    const opened = readImage(image);
    const { revision } = Authorizer.fromImage(opened, { mode });
    const { counts } = inspectImage(opened);
    if (needsRule && counts.rules === 0 && counts.routes === 0)
      throw new ConfigurationError('the policy has no rule: it would deny every request');
    return { image, revision };
  }

  #build(compileModel: (model: Model) => Uint8Array): Uint8Array {
    this.#imports = new Map();
    const { policy, root } = this.#names;
    if (policy.length === 0) return compileModel(this.#modelOf([catalogueSource], undefined, []));
    const set = readPolicySet(policy, { root });
    const emptied = set.sources.find(({ file, text }) => text.trim() === '' && this.#filled.has(file));
    if (emptied !== undefined)
      throw new FileError(
        'unreadable',
        `${quote(emptied.file)} has become empty: remove it if that is meant`,
      );
    const importer = this.#recordImports(set.importer, set.root.path);
    const image = compileModel(this.#modelOf(set.sources, importer, set.diagnostics));
    this.#filled = new Set(set.sources.filter(({ text }) => text.trim() !== '').map(({ file }) => file));
    return image;
  }

  /** @throws {PolicyError} with the diagnostics that there are already, too */
  #modelOf(
    sources: readonly Source[],
    importer: Importer | undefined,
    diagnostics: readonly Diagnostic[],
  ): Model {
    const result = this.#builder.buildModel(sources, importer && { importer });
    if (diagnostics.length > 0 || !result.ok)
      throw new PolicyError([...diagnostics, ...result.diagnostics], result.textOf);
    return result.model;
  }

  /** Looks at a file before it is read: what is written to it meanwhile is seen as a change later. */
  #recordImports(importer: Importer, root: string): Importer {
    return {
      resolveImport: (specifier, fromFile) => {
        if (!isShippedName(specifier) && !isShippedName(fromFile)) {
          const path = resolve(root, dirname(fromFile), specifier);
          if (!this.#imports.has(path)) this.#imports.set(path, lookAtFile(path));
        }
        return importer.resolveImport(specifier, fromFile);
      },
    };
  }
}

/**
 * The bytes of the image, if the policy is one.
 *
 * @throws {FileError | ImageError} if what is called an image is not there, or is none
 */
function readImageFile([path, ...others]: readonly string[]): Uint8Array | undefined {
  if (path === undefined || others.length > 0) return undefined;
  const isNamedImage = path.endsWith('.pimg');
  if (!isNamedImage && !(statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) return undefined;
  const bytes = readConfiguredFile(path, isNamedImage ? 'image' : 'policy');
  if (looksLikeImage(bytes)) return bytes;
  if (isNamedImage) throw new ImageError('not-an-image', `${quote(path)} is not a Postern image`);
  return undefined;
}

/** The same bytes where every thread can read them. */
function share(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  shared.set(bytes);
  return shared;
}
