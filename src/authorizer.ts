import { type BuildFilesOptions, type BuildOptions, type BuildResult, build, buildFiles } from './build.ts';
import { PolicyError } from './diagnostics/policy-error.ts';
import { type AuthorizerOptions, RuntimeAuthorizer } from './evaluate/authorizer.ts';
import type { Source } from './source/source.ts';

/** The authorizer of the library: that of the runtime, and ways to make one from policy text. */
export class Authorizer extends RuntimeAuthorizer {
  /**
   * Reads, compiles and loads policy files, folders and globs.
   *
   * @throws {PolicyError} with every diagnostic, if the policy has an error
   * @throws {FileError} if a pattern leads to no file
   * @throws {ConfigurationError} if the policy does not know the mode
   */
  static async fromFiles(
    patterns: readonly string[],
    options: AuthorizerOptions & BuildFilesOptions = {},
  ): Promise<Authorizer> {
    return Authorizer.#fromBuild(await buildFiles(patterns, options), options);
  }

  /**
   * The same from texts in memory; imports need an importer.
   *
   * @throws {PolicyError | ConfigurationError}
   */
  static fromSources(sources: readonly Source[], options: AuthorizerOptions & BuildOptions = {}): Authorizer {
    return Authorizer.#fromBuild(build(sources, options), options);
  }

  /**
   * Loads the bytes of an image, as `build` or `postern compile` made them.
   *
   * @throws {ImageError | ConfigurationError}
   */
  static fromImage(bytes: Uint8Array | ArrayBufferLike, options: AuthorizerOptions = {}): Authorizer {
    return new Authorizer(bytes, options);
  }

  static #fromBuild(result: BuildResult, options: AuthorizerOptions): Authorizer {
    if (!result.ok) throw new PolicyError(result.diagnostics, result.textOf);
    return new Authorizer(result.image, options);
  }
}
