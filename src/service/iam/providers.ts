import type { ProviderType } from '../../iam/operation.ts';
import { basePath } from './paths.ts';

const providerTypes: readonly ProviderType[] = ['internal', 'ldap', 'oidc', 'saml'];

export function isProviderType(text: string): text is ProviderType {
  return (providerTypes as readonly string[]).includes(text);
}

const config = { start_flow_url: `${basePath}/auth/login` };

/** How to log in, as command lines ask for it: the two ways that need no identity provider. */
export const loginProviders = {
  'dcos-users': {
    'authentication-type': 'dcos-uid-password',
    'client-method': 'dcos-usercredential-post-receive-authtoken',
    config,
    description: 'Log in with a user ID and a password',
  },
  'dcos-services': {
    'authentication-type': 'dcos-uid-servicekey',
    'client-method': 'dcos-servicecredential-post-receive-authtoken',
    config,
    description: 'Log in as a service account, with a token that its private key signs',
  },
} as const;
