import { startAsking } from '../../../test/support/iam-conformance-asking.ts';
import type { FuzzTarget } from '../target.ts';
import { fixturesOf, inputOf, textOf } from '../texts.ts';
import { checkAnswer, readAsked } from './service-requests.ts';

const iamPaths = [
  ...[
    '/users',
    '/users/alice',
    '/users/alice/permissions',
    '/users/alice/groups',
    '/groups',
    '/groups/team',
    '/groups/team/users',
  ],
  ...[
    '/groups/team/users/alice',
    '/groups/team/permissions',
    '/acls',
    '/acls/a:x',
    '/acls/dcos%3Asecrets%3Adefault%3A%252Fa',
    '/acls/a:x/permissions',
  ],
  ...[
    '/acls/a:x/users/alice',
    '/acls/a:x/users/alice/read',
    '/acls/a:x/groups/team/full',
    '/auth/login',
    '/internal/policy',
    '/ldap/config',
    '/saml/providers',
  ],
];
const iamBodies = [
  '',
  '{"description":"x"}',
  '{"uid":"alice","password":"secret-secret"}',
  '{"description":"x","password":"long enough","public_key":"x","provider_type":"internal","is_service":true}',
  '{"uid":"x","token":"a.b.c","exp":1}',
];

export const iamTarget: FuzzTarget = {
  name: 'iam',
  title: 'every route of the permission API answers every body and path without failing',
  seeds: () => [
    ...iamPaths.flatMap((path, i) =>
      ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'].map((method, j) =>
        inputOf(`${method} ${path}\n\n${method === 'GET' ? '' : iamBodies[(i + j) % iamBodies.length]}`),
      ),
    ),
    ...fixturesOf('iam').map(({ input }) => input),
  ],
  tokens: [
    ...iamPaths,
    '"uid"',
    '"gid"',
    '"password"',
    '"description"',
    '"array"',
    '%252F',
    '%2F',
    '%25',
    '/',
    '?type=service',
    'PUT ',
    'DELETE ',
    'dcos:superuser',
    '/users/admin',
    '/groups/superusers',
  ],
  maxLength: 8 * 1024,
  async open() {
    const started = await startAsking({
      authenticate: async () => ({ subject: 'user:admin', groups: [], claims: {} }),
    });
    return {
      run: async (input) => {
        const asked = readAsked(textOf(input));
        if (asked === undefined) return;
        const { method = 'GET', url, payload } = asked;
        const answer = await started.ask(
          method,
          String(url),
          payload === undefined ? undefined : String(payload),
        );
        checkAnswer(answer.status, String(answer.headers['content-type']), answer.body);
      },
      close: async () => started.close(),
    };
  },
};
