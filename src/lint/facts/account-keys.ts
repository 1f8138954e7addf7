import { secretsPrefix } from '../knowledge/dcos.ts';
import type { LintSettings } from '../settings.ts';
import type { PolicyFacts } from './policy-facts.ts';

/** What follows the name of an account in the names of secrets that guides keep its private key in. */
const keySuffix =
  /[-_.](?:secret|key|private[-_.]?key|sa|sa[-_.]secret|service[-_.]account(?:[-_.](?:secret|key))?)$/;

/**
 * The secrets that hold the key of an account, by account, as ids without the leading slash: those that the configuration
 * names, and those of the policy that are called like an account of the policy, as guides call them.
 */
export function accountKeys(
  { model }: PolicyFacts,
  { options }: LintSettings,
): ReadonlyMap<string, ReadonlySet<string>> {
  const keys = new Map<string, Set<string>>();
  const add = (account: string, secret: string): void => {
    const known = keys.get(account);
    if (known === undefined) keys.set(account, new Set([secret]));
    else known.add(secret);
  };
  const configured = options.get('escalation-path')?.keys;
  if (typeof configured === 'object' && configured !== null) {
    for (const [account, secret] of Object.entries(configured)) {
      if (typeof secret === 'string') add(account, secret.replace(secretsPrefix, '').replace(/^\//, ''));
    }
  }
  const accounts = new Set(
    model.rules.flatMap(({ subjects }) =>
      subjects.flatMap((each) => (each.kind === 'subject' ? [each.id] : [])),
    ),
  );
  for (const { resources } of model.rules) {
    for (const resource of resources) {
      if (resource.kind === 'pattern' || !resource.id.startsWith(secretsPrefix)) continue;
      const secret = resource.id.slice(secretsPrefix.length);
      const name = secret.slice(secret.lastIndexOf('/') + 1);
      const account = `user:${name.replace(keySuffix, '')}`;
      if (keySuffix.test(name) && accounts.has(account)) add(account, secret);
    }
  }
  return keys;
}
