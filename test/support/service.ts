import { build, renderText, type Source } from '../../src/index.ts';
import { type ActivePolicy, createActivePolicy } from '../../src/service/active-policy.ts';
import { defaultLimits } from '../../src/service/http/limits.ts';
import type {
  Caller,
  DecisionLogEntry,
  Limits,
  Logger,
  Service,
  ServiceConfig,
} from '../../src/service/service.ts';
import { storeDefaults } from '../../src/service/store/config.ts';

/** A service for tests: its policy can be exchanged, and what it counts, logs and records is kept. */
export interface TestService extends Service {
  active: ActivePolicy;
  readonly counted: { readonly api: string; readonly decision: string; readonly reason: string }[];
  readonly observed: { readonly route: string; readonly status: number }[];
  readonly refusedTokens: string[];
  readonly entries: DecisionLogEntry[];
  readonly logged: { readonly level: string; readonly message: string }[];
}

export interface TestServiceOptions {
  readonly limits?: Partial<Limits>;
  readonly mode?: string;
  readonly auth?: boolean;
  readonly authenticate?: () => Promise<Caller | undefined>;
  readonly whenWritable?: () => Promise<void> | undefined;
}

export function createTestService(
  policy: string | readonly Source[],
  options: TestServiceOptions = {},
): TestService {
  const service: Omit<TestService, 'policy' | 'authenticate' | 'metrics' | 'decisionLog' | 'log' | 'config'> =
    {
      active: policyOf(policy, options.mode),
      counted: [],
      observed: [],
      refusedTokens: [],
      entries: [],
      logged: [],
    };
  return Object.assign(service, {
    policy: () => service.active,
    authenticate: options.authenticate ?? (async () => undefined),
    metrics: {
      countDecision: (about) => service.counted.push(about),
      observeRequest: (about) => service.observed.push(about),
      countReload: () => {},
      countTokenRefused: (reason) => service.refusedTokens.push(reason),
    } satisfies Service['metrics'],
    decisionLog: {
      isActive: true,
      record: (entry) => service.entries.push(entry),
      whenWritable: options.whenWritable ?? (() => undefined),
    } satisfies Service['decisionLog'],
    log: keepingLogger(service.logged),
    config: testConfig(options),
  });
}

export function policyOf(policy: string | readonly Source[], mode?: string): ActivePolicy {
  const sources = typeof policy === 'string' ? [{ file: 'test.acl', text: policy }] : policy;
  const result = build(sources);
  if (!result.ok) throw new Error(renderText(result.diagnostics, result.textOf));
  return createActivePolicy(result.image, { mode, loadedAtMs: 1_700_000_000_000 });
}

export function testConfig({ auth = false, limits }: TestServiceOptions = {}): ServiceConfig {
  return {
    policy: ['test.acl'],
    ...storeDefaults,
    watch: false,
    host: '127.0.0.1',
    port: 0,
    workers: 1,
    shutdownMs: 1000,
    auth,
    log: { level: 'silent' },
    decisionLog: { to: 'off', sampleAllows: 1, mask: [], whenFull: 'wait' },
    limits: { ...defaultLimits, ...limits },
  };
}

function keepingLogger(lines: { level: string; message: string }[]): Logger {
  const at =
    (level: string) =>
    (first: unknown, second?: string): void => {
      lines.push({ level, message: second ?? String(first) });
    };
  const logger = { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
  return logger as unknown as Logger;
}
