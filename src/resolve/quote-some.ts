const maxQuoted = 20;

/**
 * The names in quotes, and how many more there are: a message that names all of them would be as long as a policy set, and may
 * be said of every rule in it.
 */
export function quoteSome(names: Iterable<string>, mark = '`'): string {
  const all = [...names];
  const quoted = all.slice(0, maxQuoted).map((name) => `${mark}${name}${mark}`);
  const left = all.length - quoted.length;
  return left === 0 ? quoted.join(', ') : `${quoted.join(', ')} and ${left} more`;
}
