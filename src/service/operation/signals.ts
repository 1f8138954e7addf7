import type { OperatedService } from './operate-service.ts';

/**
 * What signals mean: SIGTERM and SIGINT stop the service, a second one ends the process at once; SIGHUP loads policy,
 * certificate and keys of tokens again; SIGUSR2 opens the decision log anew.
 */
export function followSignals(service: OperatedService): void {
  process.on('SIGHUP', service.reload);
  process.on('SIGUSR2', service.reopenLog);
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      // From now on the system does what it does without us.
      process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
      void service.stop().then(() => process.exit(0));
    });
}
