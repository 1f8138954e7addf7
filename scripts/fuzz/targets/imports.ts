import { exportDcosGrants, exportFormats, grantFormats, importDcosGrants } from '../../../src/dcos-grants.ts';
import { IamState } from '../../../src/iam/iam-state.ts';
import { operationsOfDump, readStateDump } from '../../../src/iam-dump.ts';
import { build, exportMesosAcls, importMesosAcls, PolicyError, RequestError } from '../../../src/index.ts';
import { MesosAuthorizer, validateMesosAcls } from '../../../src/mesos.ts';
import { Broken, type FuzzTarget, orDocumented } from '../target.ts';
import { filesIn, fixturesOf, textOf } from '../texts.ts';

/** Foreign formats. */

export const mesosTarget: FuzzTarget = {
  name: 'mesos',
  title: 'ACLs of Mesos are refused with a diagnostic, or translated there and back',
  seeds: () => [
    ...filesIn(['policies/mesos', 'test/fixtures/mesos'], /\.json$/),
    ...fixturesOf('mesos').map(({ input }) => input),
  ],
  tokens: [
    ...[
      '"permissive"',
      'true',
      'false',
      '"principals"',
      '"values"',
      '"type"',
      '"ANY"',
      '"NONE"',
      '"SOME"',
      '"users"',
      '"roles"',
    ],
    ...[
      '"run_tasks"',
      '"register_frameworks"',
      '"reserve_resources"',
      '"mark_agents_gone"',
      '"dev/%"',
      '"%"',
      '"/%"',
      '"*"',
    ],
    ...[
      '{"principals":{"type":"ANY"},"users":{"values":["root"]}},',
      '{"principals":{"values":["a","b"]},"roles":{"type":"NONE"}},',
    ],
  ],
  maxLength: 8 * 1024,
  open: () => ({ run: (input) => importAcls(textOf(input)) }),
};

function importAcls(text: string): void {
  const source = { file: 'acls.json', text };
  validateMesosAcls(source);
  const translation = orDocumented([PolicyError], () => importMesosAcls(source));
  const authorizer = orDocumented([PolicyError], () => MesosAuthorizer.fromAcls(text));
  if ((translation === undefined) !== (authorizer === undefined))
    throw new Broken('what is refused is not refused everywhere');
  for (const request of mesosRequests)
    orDocumented([RequestError], () => authorizer?.explain(request as never));
  if (translation === undefined || !translation.ok) return;
  const built = build([{ file: 'imported.acl', text: translation.text }]);
  if (!built.ok) throw new Broken('what was imported does not build', translation.text.slice(0, 2000));
  const exported = exportMesosAcls(built.model, built.image);
  if (!exported.ok) throw new Broken('what was imported cannot be exported');
}

const mesosRequests = [
  { action: 'RUN_TASK', subject: { value: 'a' }, object: { task_info: { command: { user: 'root' } } } },
  { action: 'REGISTER_FRAMEWORK', subject: null, object: { framework_info: { roles: ['dev/web', null] } } },
  { action: 'VIEW_ROLE', subject: {}, object: { value: 'dev' } },
  { action: 26, object: {} },
];

const grantTokens = [
  ...[
    'dcos security org users grant ',
    'dcos security org groups grant ',
    'dcos security org users revoke ',
    'curl -X PUT ',
  ],
  ...[
    '$DCOS/acs/api/v1/acls/',
    '/users/',
    '/groups/',
    '%252F',
    'dcos:superuser',
    'dcos:mesos:master:task:user:nobody',
    ' full',
    ' create',
  ],
  ...[
    'dcos:secrets:default:/a/*',
    'dcos:service:marathon:marathon:services:/dev',
    '"resource"',
    '"action"',
    '"/acls"',
    '"array"',
  ],
  ...["-d '{}'", "'", '"', '\\\n', '<<EOF\n', '$(x)', '`x`', ' | ', ' && ', 'sudo ', 'for x in a b; do\n'],
];

const grantSeeds = (name: string) => (): readonly Uint8Array[] => [
  ...filesIn(['test/fixtures/dcos', 'test/fixtures/iam'], /\.(sh|txt|jsonl|json|strings)$/),
  ...fixturesOf(name).map(({ input }) => input),
];

export const grantsTarget: FuzzTarget = {
  name: 'grants',
  title:
    'grants of DC/OS are imported with their proof, or refused with a diagnostic, whatever they are written as',
  seeds: grantSeeds('grants'),
  tokens: grantTokens,
  maxLength: 8 * 1024,
  open: () => ({ run: (input) => importGrants(textOf(input)) }),
};

function importGrants(text: string): void {
  const source = { file: 'fuzz', text };
  const grantee = { principalType: 'user', principal: 'alice' } as const;
  // Each takes its time, so that an input is read as what it looks like, and as one other.
  for (const format of [undefined, grantFormats[text.length % grantFormats.length]]) {
    const result = importDcosGrants([source], { ...(format && { format }), grantee });
    const built = build([{ file: 'imported.acl', text: result.text }]);
    if (!built.ok) throw new Broken('grants that were imported do not build', result.text.slice(0, 2000));
    if (result.imported.length === 0) continue;
    exportDcosGrants(built.model, { format: exportFormats[text.length % exportFormats.length]! });
  }
}

export const iamDumpTarget: FuzzTarget = {
  name: 'iam-dump',
  title: 'a dump of an IAM becomes operations of a store, or is refused with a diagnostic',
  seeds: grantSeeds('iam-dump'),
  tokens: [
    ...grantTokens,
    '"/users"',
    '"/groups"',
    '"/users?type=service"',
    '"uid"',
    '"gid"',
    '"rid"',
    '"is_service":true',
  ],
  open: () => ({
    run: (input) => {
      const reading = readStateDump({ file: 'dump.json', text: textOf(input) });
      if (reading.ok) operationsOfDump(reading.dump, IamState.empty());
    },
  }),
};
