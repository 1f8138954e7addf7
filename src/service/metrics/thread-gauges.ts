import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { OperationMetrics } from './metrics.ts';

const resolutionMs = 10;
const intervalMs = 1000;

/** Notes once a second how long this thread kept others waiting, and how much memory it uses. */
export function watchThread(metrics: OperationMetrics): { readonly close: () => void } {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  // The histogram holds times between two looks, of which only what is beyond the interval is delay.
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
  const timer = setInterval(() => {
    metrics.setGauge('thread_delay_p99_seconds', seconds(delay.percentile(99)));
    metrics.setGauge('thread_delay_max_seconds', seconds(delay.max));
    metrics.setGauge('thread_heap_used_bytes', process.memoryUsage().heapUsed);
    delay.reset();
  }, intervalMs).unref();
  return {
    close() {
      clearInterval(timer);
      delay.disable();
    },
  };
}
