import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { completeConfig } from '../../src/service/config/complete-config.ts';
import { createLogger } from '../../src/service/operation/logging.ts';
import { type OperatedService, operateService } from '../../src/service/operation/operate-service.ts';
import type { FeedPace } from '../../src/service/policy-set/policy-feed.ts';

/** A line of the log of the service. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [name: string]: unknown;
}

/** A service that runs in this process, on files that a test may change. */
export interface TestedService {
  readonly service: OperatedService;
  readonly address: string;
  /** Lines of level `warn` and above. */
  readonly failures: LogLine[];
  readonly write: (name: string, text: string | Uint8Array) => void;
  readonly path: (name: string) => string;
  readonly check: (subject: string, resource: string) => Promise<Checked>;
  readonly readiness: () => Promise<{ readonly status: number; readonly body: Readiness }>;
  /** The value of a metric, by its name and labels as they are printed. */
  readonly metric: (series: string) => Promise<number | undefined>;
}

export interface Checked {
  readonly status: number;
  readonly decision: string | undefined;
  readonly revision: string | null;
}

export interface Readiness {
  readonly ready: boolean;
  readonly reason?: string;
  readonly reload: { readonly state: string; readonly message?: string; readonly codes?: readonly string[] };
  readonly decisionLog: string;
}

export interface TestedOptions {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Settings, in which `$` stands for the folder of the test. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly pace?: Partial<FeedPace>;
}

export const coryReads = 'allow user:cory to read on doc:/a\n';
export const doraReads = 'allow user:dora to read on doc:/a\n';

/** Starts a service on a folder of its own; it ends with the test. */
export async function startTested({ files, settings, pace }: TestedOptions = {}): Promise<TestedService> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-operation-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, text: string | Uint8Array): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  for (const [name, text] of Object.entries(files ?? { 'policy/a.acl': coryReads })) write(name, text);
  const defaults = { policy: [path('policy')], root: folder, auth: false, port: 0, shutdownMs: 3000 };
  const config = completeConfig({ ...defaults, ...inFolder(settings ?? {}, folder) });
  const failures: LogLine[] = [];
  const log = createLogger('warn', { write: (line) => failures.push(JSON.parse(line) as LogLine) });
  const service = await operateService(config, { log, pace: { settleMs: 20, pollMs: 200, ...pace } });
  onTestFinished(() => service.stop());
  const { address } = service;
  return { service, address, failures, write, path, ...clientOf(address) };
}

/** Questions that tests ask a service. */
export function clientOf(address: string): Pick<TestedService, 'check' | 'readiness' | 'metric'> {
  return {
    check: (subject, resource) => check(address, subject, resource),
    async readiness() {
      const response = await fetch(`${address}/readyz`);
      return { status: response.status, body: (await response.json()) as Readiness };
    },
    async metric(series) {
      const text = await (await fetch(`${address}/metrics`)).text();
      const line = text.split('\n').find((found) => found.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length));
    },
  };
}

async function check(address: string, subject: string, resource: string): Promise<Checked> {
  const response = await fetch(`${address}/v1/check`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ subject, action: 'read', resource }),
  });
  const body = (await response.json()) as { readonly decision?: string };
  return {
    status: response.status,
    decision: body.decision,
    revision: response.headers.get('postern-revision'),
  };
}

/** Resolves when it holds. @throws {Error} if it does not within some seconds */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  maxMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + maxMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${maxMs} ms: ${what}`);
    await pause(10);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function inFolder<Value>(value: Value, folder: string): Value {
  return JSON.parse(JSON.stringify(value).replaceAll('$', folder)) as Value;
}
