import { IamError } from '../iam-error.ts';
import type { Handle, Route } from '../route-table.ts';

/** What the IAM of DC/OS has beside permissions. Whoever asks is told, and not that the address were wrong. */
const refuse: Handle = () => {
  throw new IamError(
    501,
    'This is not served here: directories and identity providers (LDAP, OIDC, SAML) have to be connected to the proxy or to another service.',
  );
};

export const notHereRoutes: readonly Route[] = [
  'ldap/**',
  'auth/oidc/**',
  'auth/saml/**',
  'uiconfig',
  'internal/openapispec.yaml',
].map((path) => ({ path, methods: { ANY: refuse } }));
