import type { Limits } from '../config/config.ts';

/** QUALITY, "Limits". */
export const defaultLimits: Limits = {
  bodyBytes: 1024 * 1024,
  batchSize: 1000,
  headerBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
};

/** How often connections are looked at for requests that take too long to arrive: limits are kept that exactly. */
export const timeoutCheckMs = 1000;
