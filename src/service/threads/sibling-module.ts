/** The address of a module beside another, for a thread to start with: as source or as built, like the other. */
export function siblingModule(name: string, besides: string): URL {
  return new URL(`${name}${besides.endsWith('.ts') ? '.ts' : '.js'}`, besides);
}
