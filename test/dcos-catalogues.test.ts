import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createImporter } from '../src/files/importer.ts';
import { Authorizer, type BuildResult, build, ConfigurationError, type Model } from '../src/index.ts';
import { templateOf } from '../src/reference/matching.ts';
import { createReference } from '../src/reference/reference.ts';
import { parse } from '../src/syntax/parser.ts';
import { printTree } from '../src/syntax/print.ts';

/**
 * The catalogues of DC/OS permissions, one for each version. What they must hold is computed here from the facts in
 * test/fixtures/dcos/resources.json, which share no field with the data that the catalogues are made from.
 */
interface Fact {
  /** As the newest reference writes it. */
  readonly template: string;
  /** Ticked in the newest reference. */
  readonly actions: readonly string[];
  /** Named by real grants alone. */
  readonly actionsAlsoSeen?: readonly string[];
  readonly enforcedIn: Readonly<Record<string, boolean>>;
  readonly since: string | null;
  readonly until: string | null;
  readonly segmentKinds: readonly string[];
  readonly hierarchical: boolean;
  readonly pathSeparator?: string;
  readonly status: 'reference' | 'docs-only' | 'observed-only';
  readonly changes?: readonly { readonly at: string; readonly what: string }[];
}

interface DataEntry {
  readonly template: string;
  readonly section: string;
  readonly status: string;
  readonly since?: string;
  readonly until?: string;
  readonly actions: readonly string[];
  readonly unlistedActions?: readonly string[];
  readonly observedActions?: readonly string[];
}

interface Row {
  /** The template without the names of its values. */
  readonly text: string;
  readonly actions: readonly string[];
  /** `permissive*` where only requests with a token are checked; undefined where there are no modes. */
  readonly enforcedIn: readonly string[] | undefined;
}

const policies = fileURLToPath(new URL('../policies/', import.meta.url));
const facts = readJson<{ readonly templates: readonly Fact[] }>('./fixtures/dcos/resources.json').templates;
const documented = facts.filter(({ status }) => status !== 'observed-only');
const data = readJson<{
  readonly sections: readonly { readonly id: string }[];
  readonly resources: readonly DataEntry[];
}>('../policies/dcos/resources.json');

const versions = ['1.7', '1.8', '1.9', '1.10', '1.11', '1.12', '1.13', '2.0', '2.1', '2.2'];
const newest = '2.2';
const fiveActions = ['full', 'create', 'read', 'update', 'delete'];

const isIn = (version: string, since: string, until = newest): boolean =>
  versions.indexOf(since) <= versions.indexOf(version) &&
  versions.indexOf(version) <= versions.indexOf(until);
const from = (since: string, until = newest): string[] =>
  versions.filter((version) => isIn(version, since, until));

/** The modes of a cluster of that version. The newest catalogue names `disabled` too, for older clusters. */
function modesOf(version: string): string[] {
  if (version === '1.7') return [];
  return isIn(version, '1.8', '1.11') || version === newest
    ? ['disabled', 'permissive', 'strict']
    : ['permissive', 'strict'];
}

// ------------------------------------------------------------------------------------------------ the facts, by version

/** What the facts tell in words of how a row changed. `wording`: neither ids nor actions are others. */
const changes: Readonly<Record<string, 'wording' | 'form' | 'actions'>> = {
  'dcos:adminrouter:ops:ca:rw @ 1.13': 'wording',
  'dcos:adminrouter:ops:networking @ 1.13': 'wording',
  // An alias of early 1.11, which is no id of the release.
  'dcos:adminrouter:licensing @ 1.11': 'wording',
  'dcos:adminrouter:secrets @ 1.11': 'wording',
  'dcos:adminrouter:secrets @ 1.9-2.2': 'wording',
  'dcos:adminrouter:service:<service-endpoint> @ 1.7-1.9': 'wording',
  'dcos:adminrouter:service:<service-endpoint> @ 1.10': 'form',
  'dcos:adminrouter:service:<service-endpoint> @ 1.11-1.12': 'form',
  'dcos:adminrouter:service:<service-endpoint> @ 1.13': 'wording',
  // `read` is accepted in every version, so that of 1.10 is no change.
  'dcos:mesos:master:framework:role[:<role-name>] @ 1.10': 'wording',
  'dcos:mesos:master:framework:role[:<role-name>] @ 1.12.5 and 2.0.0': 'wording',
  'dcos:service:marathon:marathon:admin:events @ 1.8-1.9': 'actions',
  'dcos:service:marathon:marathon:admin:events @ 1.10': 'actions',
  'dcos:service:marathon:marathon:admin:events @ 1.11': 'actions',
  'dcos:service:marathon:<marathon-instance>:services:/[<service-group>] @ 1.7': 'form',
  'dcos:service:marathon:<marathon-instance>:services:/[<service-group>] @ 1.8': 'form',
  'dcos:service:marathon:<marathon-instance>:services:/[<service-group>] @ 1.11': 'wording',
  // One canonical id in every version: with the slash.
  'dcos:secrets:default:[/<path>/]<secret-name> @ 1.8-1.10': 'wording',
  'dcos:secrets:default:[/<path>/]<secret-name> @ 1.11': 'wording',
  // The mode goes for all rows alike.
  'dcos:cluster:linker:<cluster-id> @ 1.12': 'wording',
  'dcos:superuser @ 1.7-1.9': 'actions',
  'dcos:superuser @ 1.10': 'actions',
};

/** The rows whose actions changed, by version; the others have those of the newest reference. */
const changedActions: Readonly<Record<string, (version: string) => readonly string[]>> = {
  'dcos:superuser': (version) => (isIn(version, '1.10') ? fiveActions : ['full']),
  'dcos:service:marathon:marathon:admin:events': (version) =>
    isIn(version, '1.11') ? ['full', 'read'] : ['read'],
};

/** Granted by every recipe for looking on; no current reference lists them. */
const acceptedActions: Readonly<Record<string, readonly string[]>> = {
  'dcos:mesos:master:framework:role[:<role-name>]': ['read'],
  'dcos:mesos:master:task:app_id[:<service-or-job-group>]': ['read'],
};

/** The rows whose ids changed, by version, and those with something in the middle. */
const changedForms: Readonly<Record<string, (version: string) => readonly string[]>> = {
  'dcos:service:marathon:<marathon-instance>:services:/[<service-group>]': (version) =>
    version === '1.7'
      ? ['dcos:service:marathon:<>[:services/<.../>]']
      : ['dcos:service:marathon:<>:services:/[<.../>]'],
  'dcos:adminrouter:service:<service-endpoint>': (version) => [
    'dcos:adminrouter:service:<>',
    ...(version === '1.10' ? ['dcos:adminrouter:service:<>:<>'] : []),
  ],
};

/** Ids cut short, which the facts write as one. */
const cutShort = /^(.*:)<([a-z]+(?:\|[a-z]+)+)>$/;

function formsOf(fact: Fact, version = newest): readonly string[] {
  const changed = changedForms[fact.template];
  if (changed !== undefined) return changed(version);
  const cut = cutShort.exec(fact.template);
  if (cut !== null) return cut[2]!.split('|').map((name) => cut[1]! + name);
  return [formOf(fact)];
}

/** What is before the last part, and then that part as its kind says. */
function formOf({ template, segmentKinds, pathSeparator = '/' }: Fact): string {
  const head = /^[^[<]*/.exec(template)![0];
  const kind = segmentKinds.at(-1)!;
  switch (kind) {
    case 'literal':
    case 'wildcard':
      return template;
    case 'path':
      return `${head}[<.../>]`;
    case 'path?':
      return `${head}[:/[<.../>]]`;
    case 'job-path?':
      return `${head}[:<...${pathSeparator}>]`;
    case 'secret-path':
      return `${head}/<>`;
    default:
      return kind.endsWith('?') ? `${head}[:<>]` : `${head}<>`;
  }
}

function rowsOf(version: string): Row[] {
  return documented
    .filter(({ since, until }) => isIn(version, since!, until ?? newest))
    .flatMap((fact) => {
      const ticked = changedActions[fact.template]?.(version) ?? fact.actions;
      const actions = [...ticked, ...(acceptedActions[fact.template] ?? [])].sort();
      return formsOf(fact, version).map((text) => ({
        text,
        actions,
        enforcedIn: enforcementOf(fact, version),
      }));
    })
    .sort(byText);
}

function enforcementOf({ template, enforcedIn }: Fact, version: string): string[] | undefined {
  const modes = modesOf(version);
  if (modes.length === 0) return undefined;
  const isService = template.startsWith('dcos:service:');
  return modes
    .filter((mode) => enforcedIn[mode])
    .map((mode) => (isService && mode === 'permissive' ? 'permissive*' : mode));
}

describe('the facts', () => {
  test('say nothing of changes that is not taken into account', () => {
    const told = facts.flatMap(({ template, changes: told = [] }) =>
      told.map(({ at }) => `${template} @ ${at}`),
    );
    expect([...new Set(told)].sort()).toEqual(Object.keys(changes).sort());
    const changedIn = (kind: string) =>
      Object.keys(changes)
        .filter((key) => changes[key] === kind)
        .map((key) => key.split(' @ ')[0]!);
    expect(new Set(changedIn('actions'))).toEqual(new Set(Object.keys(changedActions)));
    expect(new Set(changedIn('form'))).toEqual(new Set(Object.keys(changedForms)));
  });

  test('have a tree where ids are paths, and nowhere else', () => {
    for (const fact of documented) {
      for (const version of versions) {
        for (const form of formsOf(fact, version)) {
          expect(form.includes('<...'), `${form} in ${version}`).toBe(fact.hierarchical);
        }
      }
    }
  });
});

// ------------------------------------------------------------------------------------------------ the data

describe('policies/dcos/resources.json', () => {
  const entries = data.resources.map((entry) => ({ ...entry, text: withoutNames(entry.template) }));

  test('has every id of the facts, documented or not, with its status, versions and actions', () => {
    for (const fact of facts) {
      for (const text of formsOf(fact)) {
        const entry = entries.find((candidate) => candidate.text === text);
        const isObserved = fact.status === 'observed-only';
        const { since, until, status, actions, unlistedActions = [], observedActions = [] } = entry ?? {};
        expect({ text, since: since ?? null, until: until ?? null, status }).toEqual({
          text,
          since: fact.since,
          until: fact.until,
          status: fact.status,
        });
        const listed = actions?.filter((action) => !unlistedActions.includes(action));
        expect([...listed!].sort(), text).toEqual(isObserved ? [] : [...fact.actions].sort());
        const seen = isObserved ? fact.actions : (fact.actionsAlsoSeen ?? []);
        const named = [...observedActions, ...unlistedActions];
        // Of the ids cut short each export names some actions, the facts all of them.
        if (cutShort.test(fact.template)) expect(seen).toEqual(expect.arrayContaining(named));
        else expect(named.sort(), text).toEqual([...seen].sort());
      }
    }
  });

  test('has nothing else but the form of 1.10', () => {
    const known = facts.flatMap((fact) => [...formsOf(fact)]);
    const others = entries.filter(({ text }) => !known.includes(text));
    expect(others.map(({ text, since, until }) => ({ text, since, until }))).toEqual([
      { text: 'dcos:adminrouter:service:<>:<>', since: '1.10', until: '1.10' },
    ]);
    expect(new Set(entries.map(({ text }) => text)).size).toBe(entries.length);
  });

  test('puts every id into a section that exists', () => {
    const sections = data.sections.map(({ id }) => id);
    expect(new Set(entries.map(({ section }) => section))).toEqual(new Set(sections));
  });

  function withoutNames(template: string): string {
    return template
      .replace('"*"', '*')
      .replaceAll(/<[\w-]+>/g, '<>')
      .replace(/<\w+\.\.\.(?: by "(.)")?>/, (_, separator: string | undefined) => `<...${separator ?? '/'}>`);
  }
});

// ------------------------------------------------------------------------------------------------ the catalogues

const models = new Map(versions.map((version) => [version, buildCatalogue(version).model]));

describe.each(versions)('the catalogue of %s', (version) => {
  const model = models.get(version)!;

  test('describes what the version documents, with its actions and modes, and nothing else', () => {
    const found = model.namespaces[0]!.templates.map(({ text, actions, enforcedIn }) => ({
      text,
      actions: [...actions!].sort(),
      enforcedIn: enforcedIn
        ?.map(({ mode, authenticatedOnly }) => (authenticatedOnly ? `${mode}*` : mode))
        .sort(),
    }));
    expect(found.sort(byText)).toEqual(rowsOf(version));
  });

  test('is one namespace with one superuser and one implication', () => {
    expect(
      model.namespaces.map(({ name, isClosed, superuser, implications }) => ({
        name,
        isClosed,
        superuser,
        implications,
      })),
    ).toEqual([
      {
        name: 'dcos',
        isClosed: false,
        superuser: 'dcos:superuser',
        implications: [{ action: 'full', implies: ['create', 'read', 'update', 'delete'] }],
      },
    ]);
    expect(model.modes).toEqual(modesOf(version));
    expect(model.mode).toBeUndefined();
  });

  test('grants nothing to anybody', () => {
    const { rules, groups, rulesets, routes, entities, tests, implications } = model;
    expect([rules, groups, rulesets, routes, entities, tests, implications].flat()).toEqual([]);
    const authorizer = authorizerOf(version);
    for (const { text } of rowsOf(version)) {
      for (const resource of [sampleOf(text), sampleOf(text, true)]) {
        for (const action of fiveActions) {
          for (const subject of ['user:alice', undefined]) {
            const request = { ...(subject === undefined ? {} : { subject }), action, resource };
            expect(authorizer.decide(request)).toEqual({ decision: 'deny', reason: 'default' });
          }
        }
      }
    }
  });

  test('has a head that says where it comes from, and the canonical layout', () => {
    const text = readCatalogue(version);
    expect(text).toMatch(
      /^# generated by scripts\/gen-dcos\.ts from policies\/dcos\/resources\.json; do not edit\n#\n/,
    );
    expect(text).toContain(`DC/OS Enterprise ${version}:`);
    expect(text).toContain(`Import it as \`${specifierOf(version)}\`.`);
    const { tree, diagnostics } = parse({ file: 'a.acl', text });
    expect(diagnostics).toEqual([]);
    expect(printTree(tree)).toBe(text);
    for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(120);
  });

  test('documents every row', () => {
    const lines = readCatalogue(version)
      .split('\n')
      .map((line) => line.trim());
    for (const [i, line] of lines.entries()) {
      if (!line.startsWith('resource ')) continue;
      const before = lines.slice(0, i).reverse();
      const comment = before.slice(
        0,
        before.findIndex((above) => !above.startsWith('#')),
      );
      expect(
        comment.some((above) => above.startsWith('## ')),
        line,
      ).toBe(true);
    }
  });
});

test('a policy set has the catalogue of one version', () => {
  const text = 'import "postern:dcos"\nimport "postern:dcos/1.11"';
  const result = build([{ file: 'a.acl', text }], { importer: createImporter(policies) });
  expect(result.ok).toBe(false);
});

describe('what one version has and another lacks', () => {
  const path = 'dcos:service:marathon:marathon:services';
  test.each<readonly [action: string, id: string, described: readonly string[]]>([
    ['full', 'dcos:adminrouter:package', from('1.7')],
    ['full', 'dcos:adminrouter:ops:mesos', from('1.7')],
    ['full', 'dcos:adminrouter:service:spark', from('1.7')],
    ['full', 'dcos:adminrouter:service:group/spark', from('1.7')],
    ['full', 'dcos:adminrouter:service:group:spark', ['1.10']],
    ['full', 'dcos:adminrouter:service:a:b:spark', []],
    ['full', 'dcos:adminrouter:service:edgelb:/ping', ['1.10']],
    ['full', 'dcos:adminrouter:ops:metadata', from('1.8')],
    ['full', 'dcos:adminrouter:ops:ca:ro', from('1.8')],
    ['full', 'dcos:adminrouter:ops:historyservice', from('1.8', '1.12')],
    ['full', 'dcos:adminrouter:acs', from('1.9')],
    ['full', 'dcos:adminrouter:capabilities', from('1.9')],
    ['full', 'dcos:adminrouter:secrets', from('1.9')],
    ['full', 'dcos:adminrouter:system:agent', from('1.9')],
    ['full', 'dcos:adminrouter:ops:system-logs', from('1.9')],
    ['full', 'dcos:adminrouter:ops:system-metrics', from('1.9')],
    ['full', 'dcos:adminrouter:ops:cockroachdb', from('1.10')],
    ['full', 'dcos:adminrouter:ops:system-backup', from('1.10')],
    ['full', 'dcos:adminrouter:licensing', from('1.11')],
    ['full', 'dcos:adminrouter:ops:license', []],
    ['full', 'dcos:adminrouter:ops:cluster-link', from('1.11')],
    ['read', 'dcos:adminrouter:package', []],
    ['read', 'dcos:cluster:linker:abc', from('1.11')],
    ['create', 'dcos:cluster:linker:abc', []],
    ['create', 'dcos:cluster:linker:*', from('1.11')],
    ['full', 'dcos:cluster:linker:*', []],
    ['full', 'dcos:superuser', from('1.7')],
    ['read', 'dcos:superuser', from('1.10')],
    ['create', 'dcos:service:marathon:marathon', ['1.7']],
    ['create', `${path}/dev/web`, ['1.7']],
    ['create', `${path}:/dev/web`, from('1.8')],
    ['create', `${path}:/`, from('1.8')],
    ['create', path, []],
    ['update', 'dcos:service:marathon:mom:services:/dev', from('1.8')],
    ['read', 'dcos:service:marathon:marathon:admin:config', from('1.8')],
    ['read', 'dcos:service:marathon:marathon:admin:events', from('1.8')],
    ['full', 'dcos:service:marathon:marathon:admin:events', from('1.11')],
    ['update', 'dcos:service:marathon:marathon:admin:leader', from('1.8')],
    ['full', 'dcos:service:marathon:mom:admin:leader', []],
    ['read', 'dcos:service:metronome:metronome:jobs', from('1.8')],
    ['read', 'dcos:service:metronome:metronome:jobs:dev.batch', from('1.8')],
    ['read', 'dcos:service:metronome:metronome:jobs:dev/batch', []],
    ['read', 'dcos:secrets:default:/a', from('1.8')],
    ['read', 'dcos:secrets:default:/a/b', from('1.8')],
    ['read', 'dcos:secrets:default:a/b', []],
    ['read', 'dcos:secrets:list:default:/', from('1.8')],
    ['read', 'dcos:secrets:list:default:/a', from('1.8')],
    ['read', 'dcos:secrets:list:default:a', []],
    ['full', 'dcos:secrets:list:default:/a', []],
    ['read', 'dcos:mesos:master:log', from('1.8')],
    ['full', 'dcos:mesos:master:log', []],
    ['create', 'dcos:mesos:master:framework:role:*', from('1.8')],
    ['read', 'dcos:mesos:master:framework:role:kafka', from('1.8')],
    ['read', 'dcos:mesos:master:task:app_id:/dev', from('1.8')],
    ['delete', 'dcos:mesos:master:task:app_id:/dev', []],
    ['read', 'dcos:mesos:master:reservation:role:kafka', []],
    ['update', 'dcos:mesos:agent:container:app_id:/dev', from('1.9')],
    ['read', 'dcos:mesos:agent:container:app_id:/dev', []],
    ['create', 'dcos:mesos:agent:nested_container_session:user:nobody', from('1.9')],
    ['read', 'dcos:mesos:agent:resource_provider', from('1.12')],
    ['create', 'dcos:mesos:agent:resource_provider_config', from('1.12')],
    ['create', 'dcos:mesos:master:block_disk', from('1.12')],
    ['delete', 'dcos:mesos:master:mount_disk', from('1.12')],
    ['create', 'dcos:mesos:master:mount_disk:role', []],
    ['update', 'dcos:mesos:master:agent', from('2.0')],
    ['create', 'dcos:mesos:agent:task:user:root', []],
    ['full', 'dcos:mesos:master:raw_disk:role', []],
    ['create', 'dcos:mesos:master:framework', []],
    ['create', 'dcos:mesos:master:task', []],
    ['delete', 'dcos:mesos:master:reservation', []],
    ['delete', 'dcos:mesos:master:volume', []],
  ])('%s on %s is described in %j', (action, id, described) => {
    expect(versions.filter((version) => isDescribed(version, action, id))).toEqual(described);
  });

  function isDescribed(version: string, action: string, id: string): boolean {
    return templateOf(models.get(version)!, id)?.actions?.includes(action) === true;
  }
});

// ------------------------------------------------------------------------------------------------ decisions

describe.each(versions)('who is a superuser in %s', (version) => {
  const hasAny = isIn(version, '1.10');
  const grants = [
    ...fiveActions.map((action) => `allow user:${action} to ${action} on dcos:superuser`),
    'allow user:four to create, read, update, delete on dcos:superuser',
  ];
  const superusers = hasAny ? [...fiveActions, 'four'] : ['full'];
  const law = hasAny ? 'whoever holds any action' : 'who holds `full`';
  const requests = [...fiveActions, 'four', 'nobody'].flatMap((user) =>
    ['dcos:adminrouter:ops:mesos', 'dcos:adminrouter:package', 'dcos:adminrouter:x'].map((resource) => ({
      subject: `user:${user}`,
      action: 'full',
      resource,
    })),
  );

  test.each(withNone(modesOf(version)))(`${law}, in $title`, ({ mode }) => {
    const evaluators = [authorizerOf(version, grants, mode), referenceOf(version, grants, mode)];
    for (const request of requests) {
      const isSuperuser = superusers.includes(request.subject.slice('user:'.length));
      for (const evaluator of evaluators) {
        const { decision, reason } = evaluator.decide(request);
        expect({ request, decision, reason }).toEqual({
          request,
          decision: isSuperuser ? 'allow' : 'deny',
          reason: isSuperuser ? 'superuser' : 'default',
        });
      }
    }
  });
});

describe.each(versions)('which requests %s lets pass unchecked', (version) => {
  /** One id of each component, an action, and what lets it pass: always, only without a token, never. */
  const samples = [
    { action: 'full', resource: 'dcos:superuser', component: 'superuser' },
    { action: 'full', resource: 'dcos:adminrouter:package', component: 'adminrouter' },
    { action: 'full', resource: 'dcos:adminrouter:service:marathon', component: 'adminrouter' },
    { action: 'update', resource: 'dcos:service:marathon:marathon:services:/x', component: 'service' },
    { action: 'read', resource: 'dcos:service:marathon:marathon:admin:config', component: 'service' },
    { action: 'delete', resource: 'dcos:service:metronome:metronome:jobs:a.b', component: 'service' },
    { action: 'read', resource: 'dcos:secrets:default:/a', component: 'secrets' },
    { action: 'read', resource: 'dcos:secrets:list:default:/', component: 'secrets' },
    { action: 'create', resource: 'dcos:mesos:master:task:user:root', component: 'mesos' },
    { action: 'read', resource: 'dcos:mesos:agent:flags', component: 'mesos' },
    { action: 'read', resource: 'dcos:cluster:linker:a', component: 'linker' },
    { action: 'create', resource: 'dcos:cluster:linker:*', component: 'linker' },
    // Nobody's: checked in every mode, in every version.
    { action: 'create', resource: 'dcos:mesos:agent:task:user:root', component: 'nobody' },
    { action: 'delete', resource: 'dcos:mesos:master:volume', component: 'nobody' },
  ];
  const tables: Readonly<Record<string, Readonly<Record<string, 'always' | 'without a token'>>>> = {
    disabled: { service: 'always', mesos: 'always' },
    permissive: { service: 'without a token', mesos: 'always' },
    strict: {},
  };
  const modes = modesOf(version);

  test.each(withNone(modes))('in $title', ({ mode }) => {
    const evaluators = [authorizerOf(version, [], mode), referenceOf(version, [], mode)];
    for (const { action, resource, component } of samples) {
      const open = mode === undefined ? undefined : tables[mode]![component];
      for (const subject of ['user:alice', undefined]) {
        const isOpen = open === 'always' || (open === 'without a token' && subject === undefined);
        const request = { ...(subject === undefined ? {} : { subject }), action, resource };
        for (const evaluator of evaluators) {
          expect({ request, ...evaluator.decide(request) }).toEqual({
            request,
            decision: isOpen ? 'allow' : 'deny',
            reason: isOpen ? 'not-enforced' : 'default',
          });
        }
      }
    }
  });

  test('and it refuses to be asked in a mode that it does not have', () => {
    const others = ['disabled', 'permissive', 'strict', 'Strict', ''].filter((mode) => !modes.includes(mode));
    for (const mode of others) {
      expect(() => authorizerOf(version, [], mode), mode).toThrow(ConfigurationError);
    }
  });
});

describe('ids of 1.7', () => {
  const grants = [
    'allow user:all to full on dcos:service:marathon:marathon',
    'allow user:dev to read on dcos:service:marathon:marathon:services/dev',
  ];
  test.each([
    ['a Marathon without a path covers all of its services', 'all', 'marathon:services/dev/web', true],
    ['it covers itself', 'all', 'marathon', true],
    ['it covers no other Marathon', 'all', 'marathon-user:services/dev', false],
    ['a path covers itself', 'dev', 'marathon:services/dev', true],
    ['a path covers what is beneath', 'dev', 'marathon:services/dev/team/db', true],
    ['a path covers no longer name', 'dev', 'marathon:services/development', false],
    ['a path does not cover all', 'dev', 'marathon', false],
    ['ids of later versions are others', 'all', 'marathon:services:/dev', false],
  ])('%s', (_, user, id, isAllowed) => {
    const request = { subject: `user:${user}`, action: 'read', resource: `dcos:service:marathon:${id}` };
    for (const evaluator of [authorizerOf('1.7', grants), referenceOf('1.7', grants)]) {
      expect(evaluator.decide(request).decision).toBe(isAllowed ? 'allow' : 'deny');
    }
  });
});

/** Every mode, and none: then everything is enforced. */
function withNone(
  modes: readonly string[],
): readonly { readonly mode: string | undefined; readonly title: string }[] {
  return [...modes, undefined].map((mode) => ({
    mode,
    title: mode === undefined ? 'no mode' : `mode ${mode}`,
  }));
}

function specifierOf(version: string): string {
  return version === newest ? 'postern:dcos' : `postern:dcos/${version}`;
}

function readCatalogue(version: string): string {
  return readFileSync(`${policies}dcos/${version === newest ? 'dcos' : version}.acl`, 'utf8');
}

/** A policy set that imports the catalogue by its name. */
function buildCatalogue(
  version: string,
  rules: readonly string[] = [],
): Extract<BuildResult, { readonly ok: true }> {
  const text = [`import "${specifierOf(version)}"`, ...rules].join('\n');
  const result = build([{ file: 'a.acl', text }], { importer: createImporter(policies) });
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 2));
  return result;
}

function authorizerOf(version: string, rules: readonly string[] = [], mode?: string): Authorizer {
  return Authorizer.fromImage(buildCatalogue(version, rules).image, { mode });
}

function referenceOf(
  version: string,
  rules: readonly string[] = [],
  mode?: string,
): Pick<Authorizer, 'decide'> {
  const model: Model = buildCatalogue(version, rules).model;
  return createReference(model, mode === undefined ? {} : { mode });
}

/** An id of that form: with what may be absent, or without. */
function sampleOf(form: string, isShort = false): string {
  const text = isShort ? form.replace(/\[.*\]$/, '') : form.replaceAll(/[[\]]/g, '');
  return text.replaceAll(/<\.\.\.(.)>/g, 'a$1b').replaceAll('<>', 'x');
}

function byText(a: Row, b: Row): number {
  return a.text < b.text ? -1 : 1;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as T;
}
