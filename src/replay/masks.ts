/** What stands in a decision log in place of a value that its operator did not want there. */
export function isMask(value: unknown): boolean {
  return typeof value === 'string' && (value === '[masked]' || /^hmac-sha256:[0-9a-f]{32}$/.test(value));
}

/** False only if no value in the line is a mask: then nothing has to be searched. */
export function mayHoldMask(line: string): boolean {
  return line.includes('[masked]') || line.includes('hmac-sha256:') || line.includes('\\');
}

/**
 * Turns every mask inside of `data`, which is changed, into a value that tells when it is read. A decision that reads none of
 * them would have been the same whatever stood there, for the engine asks for nothing but what its conditions name.
 *
 * @param data  an object or array of JSON; anything else holds no mask
 * @returns whether there were any
 */
export function watchMasks(data: unknown, onRead: () => void): boolean {
  let isFound = false;
  const waiting: unknown[] = [data];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (isMask(inner)) {
        watch(value, key, inner, onRead);
        isFound = true;
      } else waiting.push(inner);
    }
  }
  return isFound;
}

function watch(target: object, key: string, mask: unknown, onRead: () => void): void {
  Object.defineProperty(target, key, {
    enumerable: true,
    get: () => {
      onRead();
      return mask;
    },
  });
}
