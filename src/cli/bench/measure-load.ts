import { spawnSync } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Authorizer } from '../../index.ts';
import type { MemoryProbe } from './memory-probe.ts';
import { percentileOf } from './percentiles.ts';

export interface LoadFigures {
  readonly imageBytes: number;
  /** In this process, after a first time: verifying the bytes and making views on them. */
  readonly loadMedianMs: number;
  /** Measured in a process of their own; absent where none can be started. */
  readonly inNewProcess?: MemoryProbe;
}

const mostLoads = 15;

/** What an image weighs and how long it takes to load. `budgetMs` bounds how often it is loaded. */
export function measureLoad(image: Uint8Array, budgetMs: number): LoadFigures {
  Authorizer.fromImage(image);
  const samples: number[] = [];
  const end = performance.now() + budgetMs;
  while (samples.length < mostLoads && (samples.length === 0 || performance.now() < end)) {
    const startMs = performance.now();
    Authorizer.fromImage(image);
    samples.push(performance.now() - startMs);
  }
  const loadMedianMs = percentileOf(Float64Array.from(samples).sort(), 50);
  const inNewProcess = probeMemory(image);
  return { imageBytes: image.byteLength, loadMedianMs, ...(inNewProcess && { inNewProcess }) };
}

function probeMemory(image: Uint8Array): MemoryProbe | undefined {
  // In the repository this file ends in `.ts`, in the package in `.js`, and the probe beside it likewise.
  const probe = fileURLToPath(new URL(`./memory-probe${extname(import.meta.url)}`, import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', probe], {
    input: image,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (status !== 0) return undefined;
  const { loadMs, retainedBytes } = JSON.parse(stdout) as MemoryProbe;
  return { loadMs, retainedBytes };
}
