/** Whether a request is in a sample of that share: the same in every thread, every process and every run. */
export function isKept(requestId: string, share: number): boolean {
  return hashOf(requestId) < share * 2 ** 32;
}

/** FNV-1a, with an ending that spreads ids which differ only in their last characters. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
