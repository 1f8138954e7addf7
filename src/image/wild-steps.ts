import type { Image } from './image.ts';
import {
  GLOB_CHILD,
  GLOB_PROGRAM,
  GLOB_SEPARATOR,
  GLOB_SIZE,
  HAS_WILD,
  NODE_HEAD,
  WILD_FIRST_GLOB,
  WILD_GLOB_COUNT,
  WILD_MANY,
  WILD_ONE,
  WILD_SIZE,
} from './layout.ts';
import { endAt, extrasOf, wildAt } from './nodes.ts';

/** The way to a node along a wildcard, which only the record of the one above it tells. */
export type WildStep = {
  /** The node, or NONE. */
  readonly child: number;
  /** Of the separator before it. */
  readonly code: number;
} & ({ readonly kind: 'one' | 'many' } | { readonly kind: 'glob'; readonly program: number });

/** All of an image, node after node. */
export function* wildSteps({ nodes, wilds, globs }: Image): Iterable<WildStep> {
  for (let node = 0; node < nodes.length; ) {
    const head = nodes[node + NODE_HEAD]!;
    const extras = extrasOf(nodes, node, head);
    node = endAt(nodes, extras, head);
    if ((head & HAS_WILD) === 0) continue;
    const wild = wildAt(nodes, extras, head) * WILD_SIZE;
    for (let code = 0; code < 3; code++) {
      yield { kind: 'one', child: wilds[wild + WILD_ONE + code]!, code };
      yield { kind: 'many', child: wilds[wild + WILD_MANY + code]!, code };
    }
    const first = wilds[wild + WILD_FIRST_GLOB]!;
    for (let glob = first; glob < first + wilds[wild + WILD_GLOB_COUNT]!; glob++) {
      const base = glob * GLOB_SIZE;
      const [child, code] = [globs[base + GLOB_CHILD]!, globs[base + GLOB_SEPARATOR]!];
      yield { kind: 'glob', child, code, program: globs[base + GLOB_PROGRAM]! };
    }
  }
}
