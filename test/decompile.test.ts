import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { compareModels } from '../src/analysis/compare-models.ts';
import { compile } from '../src/compile/compile.ts';
import { decompile } from '../src/decompile/decompile.ts';
import { readImage } from '../src/image/image.ts';
import { ImageError } from '../src/image/image-error.ts';
import { knownIds } from '../src/image/known-ids.ts';
import { build, buildFiles } from '../src/index.ts';
import { loadAcls } from '../src/interop/mesos/authorizer.ts';
import { buildModel } from '../src/interop/mesos/build-model.ts';
import { MesosNames } from '../src/interop/mesos/names.ts';
import type { Model, Template, TemplateElement } from '../src/model/model.ts';
import { cases } from './fixtures/decompile/cases.ts';
import { describeModel } from './support/describe-model.ts';
import {
  generateHttpRequest,
  generatePolicy,
  generateRequest,
  Random,
  seedOfRun,
} from './support/generators.ts';
import { isSameDecision, isSameHttpDecision, loadImage, reference } from './support/generators-evaluators.ts';
import {
  everyRequest,
  generateSmallPolicy,
  type SmallWorldOptions,
  smallContexts,
  writeSmallPolicy,
} from './support/small-world.ts';

/**
 * A model read from an image has to decide as the image does. The judges are the reference on that model, and the engine on
 * an image compiled from it. `POSTERN_SEED=… npx vitest run test/decompile.test.ts` repeats a run.
 */
const seed = seedOfRun(process.env.POSTERN_SEED);
console.log(`POSTERN_SEED=${seed}`);

const policies = fileURLToPath(new URL('../policies/', import.meta.url));

interface Built {
  readonly model: Model;
  readonly image: Uint8Array;
}

function buildText(text: string): Built {
  const built = build([{ file: 'a.acl', text }]);
  if (!built.ok) throw new Error(`no policy: ${built.diagnostics[0]?.message}\n${text}`);
  return built;
}

/**
 * What is read again from what it is compiled to is the same. One round may still change a list of actions that names all
 * there are into none: names that nothing speaks of are gone by then.
 */
function expectFixedPoint(model: Model, what: string): void {
  const again = decompile(compile(model));
  if (isDeepStrictEqual(again, model)) return;
  const last = decompile(compile(again));
  if (!isDeepStrictEqual(last, again)) expect(last, what).toEqual(again);
}

interface Question {
  readonly image: Uint8Array;
  readonly model: Model;
  readonly requests: readonly unknown[];
  /** What stands in the message of a failure. */
  readonly policy: unknown;
}

/** Every mode, every request: the image, the reference on its model, and the image made of that model agree. */
function expectSameDecisions({ image, model, requests, policy }: Question): void {
  const again = compile(model);
  for (const mode of [undefined, ...model.modes]) {
    const [engine, oracle, second] = [
      loadImage(image, mode),
      reference.load(model, mode),
      loadImage(again, mode),
    ];
    for (const request of requests) {
      const expected = engine.decide(request);
      for (const other of [oracle, second]) {
        const actual = other.decide(request);
        if (!isSameDecision(expected, actual))
          expect.fail(JSON.stringify({ policy, mode, request, expected, actual }, undefined, 2));
      }
    }
  }
}

describe('a model read from an image says', () => {
  test.each(cases)('$title', ({ policy, model }) => {
    expect(describeModel(decompile(buildText(policy).image))).toEqual(model);
  });

  test.each(cases)('the same again when it is compiled: $title', ({ policy, title }) => {
    expectFixedPoint(decompile(buildText(policy).image), title);
  });

  test.each(cases)('nothing that can be told apart from what was written: $title', ({ policy }) => {
    const { model, image } = buildText(policy);
    expect(compareModels(model, decompile(image)).kind).not.toBe('different');
  });

  test('where rules and roles stand, but no spans', () => {
    const { image } = buildText('role r {\n  read on a:b\n}\n\ngrant r to user:a\n');
    const location = { file: 'a.acl', span: { start: 0, end: 0 } };
    expect(decompile(image).rules).toMatchObject([
      { line: 5, location, role: { name: 'r', line: 2, location } },
    ]);
  });

  test('attributes of entities, whatever their names', () => {
    const text = 'entity user:a { "__proto__": "x", list: [1, null, { constructor: true }] }';
    const { model, image } = buildText(text);
    const [entity] = decompile(image).entities;
    expect(entity).toEqual({
      ...model.entities[0],
      location: { file: '', span: { start: 0, end: 0 } },
    });
  });

  test('routes as they were, with their places', () => {
    const text = 'route GET "/x/{a}/*" requires read on a:{a}, write on b\nroute any "/y/" open';
    const { model, image } = buildText(text);
    expect(decompile(image).routes).toEqual(model.routes);
  });
});

describe(`random policies (seed ${seed})`, () => {
  test('are decided alike, in every mode, and are read again from what they are compiled to', () => {
    const random = new Random(seed);
    for (let i = 0; i < 40; i++) {
      const policySeed = random.seed();
      const policy = generatePolicy(policySeed);
      const built = build(policy.sources);
      if (!built.ok) continue;
      const model = decompile(built.image);
      expectFixedPoint(model, `policy ${policySeed}`);
      const requests = random.times(30, () => generateRequest(policy, random));
      expectSameDecisions({ image: built.image, model, requests, policy: policySeed });
      const [engine, oracle] = [loadImage(built.image), reference.load(model)];
      for (let j = 0; j < 10 && policy.routes.length > 0; j++) {
        const request = generateHttpRequest(policy, random);
        const [expected, actual] = [engine.authorizeHttp(request), oracle.authorizeHttp(request)];
        if (!isSameHttpDecision(expected, actual))
          expect.fail(JSON.stringify({ policySeed, request, expected, actual }, undefined, 2));
      }
    }
  });

  test('over few names are proved to be the same wherever a proof is possible', () => {
    const random = new Random(seed);
    const kinds = new Set<string>();
    const asked = [...everyRequest()];
    for (let i = 0; i < 25; i++) {
      const options: SmallWorldOptions = {
        rules: 6,
        conditions: random.pick([0, 0.4]),
        variables: random.pick([0, 0.3]),
        namespaces: random.chance(0.7),
        rulesets: random.chance(0.4),
      };
      const small = generateSmallPolicy(random, options);
      const rules = [...small.rules, ...random.sample(telling, random.below(3))];
      const text = writeSmallPolicy({ ...small, rules });
      const built = build([{ file: 'a.acl', text }]);
      if (!built.ok) continue;
      const model = decompile(built.image);
      expectFixedPoint(model, text);
      const comparison = compareModels(built.model, model);
      kinds.add(comparison.kind);
      if (comparison.kind === 'different') expect.fail(JSON.stringify({ text, comparison }, undefined, 2));
      const requests = random.times(80, () => ({
        ...random.pick(asked),
        context: random.pick(smallContexts),
      }));
      expectSameDecisions({ image: built.image, model, requests, policy: text });
    }
    expect(kinds).toContain('equal');
  });
});

/** Rules in which an action means less, or elsewhere more, than it implies. */
const telling = [
  'allow user:b to full on a:b',
  'allow group:g to write on a:b',
  'allow svc:/** to full on **',
  'allow user:* to full on *:b',
  'deny svc:/a to read on **',
  'allow user:{x} to full on {x}:b',
];

describe('what ships', () => {
  const catalogues = readdirSync(join(policies, 'dcos'))
    .filter((name) => name.endsWith('.acl') && !name.includes('.tests.'))
    .map((name) => `dcos/${name}`);
  const others = ['mesos/mesos.acl', 'mesos/open.acl', 'mesos/hardened.acl'];
  const examples = readdirSync(join(policies, 'examples')).map((name) => `examples/${name}/policy.acl`);

  test.each([...catalogues, ...others, ...examples])(`%s is decided alike (seed ${seed})`, async (path) => {
    const built = await buildFiles([join(policies, path)]);
    if (!built.ok) throw new Error(built.diagnostics[0]?.message);
    const random = new Random(seed);
    const requests = random.times(40, () => requestOf(built, random));
    const model = decompile(built.image);
    expectSameDecisions({ image: built.image, model, requests, policy: path });
    expectFixedPoint(model, path);
  });

  test.each(readdirSync(join(policies, 'mesos/examples')))('ACLs of Mesos in %s', (name) => {
    const file = join(policies, 'mesos/examples', name, 'acls.json');
    const acls = loadAcls({ file, text: readFileSync(file, 'utf8') });
    const image = compile(buildModel(acls, new MesosNames(acls), file));
    const random = new Random(seed);
    const model = decompile(image);
    const requests = random.times(40, () => requestOf({ image }, random));
    expectSameDecisions({ image, model, requests, policy: name });
    expectFixedPoint(model, name);
  });

  test.each(['dcos', 'mesos'])(`permissions of every kind in %s are decided alike (seed ${seed})`, (name) => {
    const random = new Random(seed);
    const catalogue = buildText(`import "postern:${name}"`).model;
    const templates = catalogue.namespaces.flatMap((each) => each.templates);
    const rules = random.times(40, () => writePermission(random.pick(templates), name === 'dcos', random));
    const built = buildText(`import "postern:${name}"\n${rules.join('\n')}`);
    const model = decompile(built.image);
    const requests = random.times(50, () => requestOf(built, random));
    expectSameDecisions({ image: built.image, model, requests, policy: rules });
    expectFixedPoint(model, rules.join('\n'));
  });

  /** Somebody whom the policy knows, or not, asking for something that it knows, or something beneath. */
  function requestOf({ image }: Pick<Built, 'image'>, random: Random): unknown {
    const { subjects, actions, resources } = knownIds(image);
    const subject = random.pick([...subjects, 'user:x', undefined]);
    const beneath = random.pick(['', '', ':x', '/x', '.x', ':/x']);
    return {
      ...(subject === undefined ? {} : { subject }),
      action: random.pick([...actions.filter((action) => !action.startsWith('\0')), 'other']),
      resource: `${random.pick([...resources, 'x'])}${beneath}`,
    };
  }

  /** A rule on an id that the template describes, sometimes for an action that it does not list. */
  function writePermission(
    { parts, actions = ['read'] }: Template,
    isFullKnown: boolean,
    random: Random,
  ): string {
    const action = random.pick(isFullKnown ? [...actions, ...actions, 'full'] : actions);
    const subject = random.pick(['user:a', 'user:b', 'authenticated']);
    return `${random.pick(['allow', 'allow', 'deny'])} ${subject} to ${action} on "${fill(parts, random)}"`;
  }

  function fill(parts: readonly TemplateElement[], random: Random): string {
    return parts
      .map((part) => {
        if (part.kind === 'text') return part.text;
        if (part.kind === 'optional') return random.chance(0.5) ? fill(part.parts, random) : '';
        return part.kind === 'value' ? 'x' : random.pick(['x', `x${part.separator}y`]);
      })
      .join('');
  }
});

describe('an image', () => {
  test('that is open already is read as its bytes are', () => {
    const { image } = buildText('allow user:a to read on a:b');
    expect(decompile(readImage(image))).toEqual(decompile(image));
  });

  test('of many rules is read without getting lost', () => {
    const lines = Array.from(
      { length: 5000 },
      (_, i) => `allow user:u${i % 100} to read on a:b${i}${i % 5 === 0 ? '/*/x' : ''}`,
    );
    const { rules } = decompile(buildText(lines.join('\n')).image);
    expect(rules).toHaveLength(lines.length);
    expect(describeModel({ ...decompile(buildText('').image), rules: rules.slice(-2) })).toEqual([
      '4999: allow user:u98 to read on a:b4998',
      '5000: allow user:u99 to read on a:b4999',
    ]);
  });

  test(`with other words in its programs is read or refused, and nothing else (seed ${seed})`, () => {
    const random = new Random(seed);
    const conditions = cases.find(({ title }) => title.startsWith('conditions'))!;
    const variables = cases.find(({ title }) => title.startsWith('variables'))!;
    for (const { policy } of [conditions, variables]) {
      const image = readImage(buildText(policy).image);
      for (let i = 0; i < 300; i++) {
        const programs = image.programs.slice();
        programs[random.below(programs.length)] = random.pick([
          -1,
          0,
          3,
          8,
          17,
          999,
          2 ** 31 - 1,
          -(2 ** 31),
        ]);
        try {
          decompile({ ...image, programs });
        } catch (error) {
          expect(error).toBeInstanceOf(ImageError);
        }
      }
    }
  });
});
