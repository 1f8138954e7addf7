import type { Engine } from './engine.ts';

/** Names an engine on the command line and between processes. */
export type EngineId = keyof typeof ENGINES;

interface Entry {
  /** Beyond this many grants it is not started: a round would take minutes, or its memory is more than the machine has. */
  readonly maxGrants: number;
  /** Loaded on demand, so that no process holds another engine's code. */
  load(): Promise<{ readonly engine: Engine }>;
}

export const ENGINES = {
  postern: { maxGrants: Number.POSITIVE_INFINITY, load: () => import('./engines/postern.ts') },
  'postern-batch': { maxGrants: Number.POSITIVE_INFINITY, load: () => import('./engines/postern-batch.ts') },
  'postern-handles': {
    maxGrants: Number.POSITIVE_INFINITY,
    load: () => import('./engines/postern-handles.ts'),
  },
  'expanded-maps': { maxGrants: 100_000, load: () => import('./engines/expanded-maps.ts') },
  'map-trie': { maxGrants: Number.POSITIVE_INFINITY, load: () => import('./engines/map-trie.ts') },
  casl: { maxGrants: Number.POSITIVE_INFINITY, load: () => import('./engines/casl.ts') },
  'casl-plain': { maxGrants: 100_000, load: () => import('./engines/casl-plain.ts') },
  'cedar-sliced': { maxGrants: 100_000, load: () => import('./engines/cedar-sliced.ts') },
  'cedar-by-subject': { maxGrants: 100_000, load: () => import('./engines/cedar-by-subject.ts') },
  'cedar-stateful': { maxGrants: 100_000, load: () => import('./engines/cedar-stateful.ts') },
  casbin: { maxGrants: 100_000, load: () => import('./engines/casbin.ts') },
} satisfies Readonly<Record<string, Entry>>;

export const ENGINE_IDS = Object.keys(ENGINES) as EngineId[];
