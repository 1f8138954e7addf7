import { maxPolicySetBytes, type ReadResult, readPolicySource } from './read-policy-source.ts';

/** Reads every file of one policy set once and keeps count of the set's size. */
export interface SourceCache {
  /**
   * @param realPath  the identity of the file
   * @param name  taken if the file has not been read yet; else it keeps the name it was first read under, so that a file
   *   named on the command line and imported besides is one file
   */
  read(realPath: string, name: string): ReadResult;
}

export function createSourceCache(): SourceCache {
  const results = new Map<string, ReadResult>();
  let leftBytes = maxPolicySetBytes;
  return {
    read(realPath, name) {
      const known = results.get(realPath);
      if (known !== undefined) return known;
      const result = readPolicySource(realPath, name, leftBytes);
      if (result.ok) leftBytes -= result.sizeBytes;
      results.set(realPath, result);
      return result;
    },
  };
}
