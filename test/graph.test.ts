import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { lettersOfId } from '../src/analysis/letters.ts';
import { ownersOf, PatternTrie } from '../src/analysis/pattern-trie.ts';
import type { AccessGraph, Holder } from '../src/graph/access-graph.ts';
import { buildGraph, conditionClause } from '../src/graph/build-graph.ts';
import { viewOf } from '../src/graph/claims.ts';
import { drawAccess } from '../src/graph/draw-access.ts';
import { foldGraph } from '../src/graph/fold-graph.ts';
import { permissionLabel } from '../src/graph/labels.ts';
import { boxHeight, layOut } from '../src/graph/layout.ts';
import { placeApart } from '../src/graph/place-apart.ts';
import { type Selection, selectView } from '../src/graph/select-view.ts';
import { cellsOf, shorten } from '../src/graph/shorten.ts';
import { grantArguments, readResourcePattern } from '../src/graph.ts';
import { type BuildResult, build } from '../src/index.ts';
import type { Model } from '../src/model/model.ts';
import { elementsOf } from '../src/model/template-variants.ts';
import { printElements } from '../src/printing/print-pattern.ts';
import { printSubject } from '../src/printing/print-rule.ts';
import type { Source } from '../src/source/source.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { reference } from './support/generators-evaluators.ts';
import { generatePolicy } from './support/generators-policy.ts';
import { readMarkup } from './support/markup.ts';
import { runInProcess } from './support/run-command-line.ts';
import { generateSmallPolicy, smallIds, writeSmallPolicy } from './support/small-world.ts';

const seed = seedOfRun(process.env.POSTERN_SEED);
const fixtures = fileURLToPath(new URL('fixtures/graph/', import.meta.url));
const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const cases = readdirSync(fixtures).flatMap((name) => (name.endsWith('.acl') ? [name.slice(0, -4)] : []));
const folder = mkdtempSync(join(tmpdir(), 'postern-graph-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Built = Extract<BuildResult, { readonly ok: true }>;

function buildText(text: string): Built {
  const result = build([{ file: 'policy.acl', text }]);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result;
}

function fixture(name: string): Built {
  return buildText(readFileSync(join(fixtures, `${name}.acl`), 'utf8'));
}

function graphOf({ model, textOf }: Built, selection: Selection = {}): AccessGraph {
  return buildGraph(selectView(model, selection), { argumentsOf: grantArguments(textOf) });
}

/** A graph as lines that can be read. */
function outline(graph: AccessGraph): string {
  const name = (place: number): string => graph.holders[place]!.label;
  const lines = [
    ...graph.links.map(({ from, to }) => `${name(from)} -> ${name(to)}`),
    '',
    ...graph.rows.flatMap((row, i) => [
      `${'  '.repeat(row.depth)}${row.label}`,
      ...graph.permissions.flatMap((each) =>
        each.row === i
          ? [`${'  '.repeat(row.depth + 2)}${permissionLabel(each)}: ${each.holders.map(name).join(', ')}`]
          : [],
      ),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

describe('the graph of a policy', () => {
  test.each(cases)('%s shows who is what, and who has what', async (name) => {
    await expect(outline(graphOf(fixture(name)))).toMatchFileSnapshot(join(fixtures, `${name}.txt`));
  });

  test('without the text of policies a role is known by its name alone', () => {
    const { model } = fixture('tenants');
    const labels = buildGraph(viewOf(model)).holders.map(({ label }) => label);
    expect(labels.filter((label) => label.startsWith('tenant'))).toEqual(['tenant', 'tenant']);
  });

  test(`draws what the rules say, no less and no more (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 100; i++) {
      const { model } = randomPolicy(random);
      expect([...saidByGraph(buildGraph(viewOf(model)))].sort()).toEqual([...saidByModel(model)].sort());
    }
  });
});

function randomPolicy(random: Random): Built {
  return builtBy(() => generatePolicy(random.seed()).sources);
}

function smallSource(random: Random): Source {
  const policy = generateSmallPolicy(random, { rules: 6, namespaces: true, rulesets: true });
  return { file: 'policy.acl', text: writeSmallPolicy(policy) };
}

/** The first of random policies that is one. */
function builtBy(invent: () => readonly Source[]): Built {
  for (;;) {
    const result = build(invent());
    if (result.ok) return result;
  }
}

function saidByModel({ rules, rulesets }: Model): Set<string> {
  const said = new Set<string>();
  for (const { subjects, effect, actions, resources, condition, ruleset } of rules) {
    const when = condition && conditionClause(condition);
    const within = ruleset === undefined ? undefined : rulesets[ruleset]!.name;
    for (const subject of subjects.map(printSubject)) {
      for (const action of actions) {
        for (const resource of resources.map((each) => printElements(elementsOf(each))))
          said.add(JSON.stringify([subject, effect, action, resource, when, within]));
      }
    }
  }
  return said;
}

/** What is said of the holders of roles is said of those who have the roles. */
function saidByGraph({ holders, links, rows, permissions }: AccessGraph): Set<string> {
  const said = new Set<string>();
  for (const { row, effect, actions, condition, ruleset, isDefault, holders: all } of permissions) {
    if (isDefault) continue;
    const names = all.flatMap((place) => {
      if (holders[place]!.kind !== 'role') return [holders[place]!.label];
      return links.flatMap(({ from, to }) => (to === place ? [holders[from]!.label] : []));
    });
    for (const name of names) {
      for (const action of actions)
        said.add(JSON.stringify([name, effect, action, rows[row]!.text, condition, ruleset]));
    }
  }
  return said;
}

describe('a selection', () => {
  test.each<[string, Selection]>([
    ['a subject with its groups and patterns', { subject: 'service:/prod/web' }],
    ['a group with its members and the groups around it', { group: 'prod-b' }],
    ['a resource with whom it is open to', { resource: readResourcePattern('secret:/prod-a/*')! }],
    [
      'all of them together',
      { subject: 'user:cory', group: 'prod-a', resource: readResourcePattern('svc:**')! },
    ],
  ])('shows %s', async (title, selection) => {
    const name = `select ${title}.txt`.replaceAll(' ', '-');
    await expect(outline(graphOf(fixture('tenants'), selection))).toMatchFileSnapshot(join(fixtures, name));
  });

  test(`leaves nothing out that decides a request about it (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 30; i++) {
      const { model } = builtBy(() => [smallSource(random)]);
      const subject = random.pick(['user:a', 'user:b', 'svc:/a', 'svc:/a/b', 'svc:x', 'user:x']);
      const text = random.pick(['a', 'a:b', 'a/**', 'a:**', 'ab:*/**', 'x/*', '**', 'a:/b', '*:b/*']);
      const resource = readResourcePattern(text)!;
      const kept = new Set(selectView(model, { subject, resource }).claims.map(({ rule }) => rule));
      const part = { ...model, rules: model.rules.filter((rule) => kept.has(rule)) };
      const [whole, shown] = [reference.load(model), reference.load(part)];
      const wanted = new PatternTrie();
      wanted.add(elementsOf(resource), 0);
      const all = smallIds.filter((id) => ownersOf(wanted, lettersOfId(id)).length > 0);
      const ids = random.sample(all, 80);
      for (const action of ['read', 'write', 'full', 'other']) {
        for (const request of ids.map((id) => ({ subject, action, resource: id }))) {
          const [expected, answer] = [whole.decide(request), shown.decide(request)];
          if (!isDeepStrictEqual(answer, expected))
            expect(answer, JSON.stringify({ request, text })).toEqual(expected);
        }
      }
    }
  });

  test.each(['a:b allow anyone to read on c:d', 'a:b when true', '{a,b}', '', 'a b', 'a:{x'])(
    'takes no %j for a pattern',
    (text) => expect(readResourcePattern(text)).toBeUndefined(),
  );
});

describe('folding', () => {
  test.each([8, 12, 20, 50, 120])('keeps to %i nodes, and counts all that it does not draw', (most) => {
    const whole = graphOf(manyTenants(60));
    const { graph, folding } = foldGraph(whole, most);
    expect(graph.holders.length + graph.rows.length).toBeLessThanOrEqual(most);
    for (const kind of ['subject', 'group', 'role'] as const)
      expect(countOf(graph, kind), kind).toBe(countOf(whole, kind));
    expect(patternsOf(graph)).toBe(120);
    expect(folding.resource).toBeGreaterThan(0);
    expect(folding.resource).toBe(
      patternsOf({ ...graph, rows: graph.rows.filter(({ isFolded }) => isFolded) }),
    );
    expect(folding.role).toBeGreaterThan(0);
  });

  test(`loses no permission of anybody, random policies too (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 60; i++) {
      const whole = buildGraph(viewOf(randomPolicy(random).model));
      const { graph } = foldGraph(whole, random.between(8, 20));
      const rules = (all: AccessGraph): unknown => new Set(all.permissions.flatMap((each) => each.rules));
      expect(rules(graph)).toEqual(rules(whole));
      for (const kind of ['subject', 'group', 'role'] as const)
        expect(countOf(graph, kind)).toBe(countOf(whole, kind));
      expect(patternsOf(graph)).toBe(patternsOf(whole));
      const effects = ({ permissions }: AccessGraph): unknown =>
        new Set(permissions.flatMap(({ effect, actions }) => actions.map((action) => `${effect} ${action}`)));
      expect(effects(graph)).toEqual(effects(whole));
    }
  });

  test('folds first what says the same', () => {
    const members = Array.from({ length: 50 }, (_, i) => `user:u${i}`);
    const text = `group many { ${members.join(', ')} }\nallow group:many, user:other to read on a:b\n`;
    const { holders } = foldGraph(graphOf(buildText(text)), 10).graph;
    expect(holders.filter(({ count }) => count > 1)).toHaveLength(1);
    expect(holders.map(({ label, count }) => (count > 1 ? `${count}` : label))).toContain('user:other');
  });

  test('many conditions on one resource are one permission, and said to be', () => {
    const rules = Array.from({ length: 80 }, (_, i) => `allow user:a to read on a:b when context.n == ${i}`);
    const { graph, folding } = foldGraph(graphOf(buildText(rules.join('\n'))), 20);
    expect(graph.permissions.map(permissionLabel)).toEqual(['allow read when …']);
    expect(folding.permission).toBe(80);
  });

  test('does nothing to what is small enough', () => {
    const whole = graphOf(fixture('tenants'));
    expect(foldGraph(whole, 400).graph).toBe(whole);
    expect(drawAccess(fixture('tenants').model, { format: 'svg' }).folded).toBeUndefined();
  });
});

function countOf({ holders }: AccessGraph, kind: Holder['kind']): number {
  return holders.reduce((sum, each) => (each.kind === kind ? sum + each.count : sum), 0);
}

function patternsOf({ rows }: AccessGraph): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

function manyTenants(count: number): Built {
  const tenants = Array.from(
    { length: count },
    (_, i) => `group t${i} { user:a${i}, user:b${i} }\ngrant tenant(t${i}) to group:t${i}\n`,
  );
  return buildText(`role tenant(x) { full on svc:/{x}\n read on sec:/{x}/** }\n${tenants.join('')}`);
}

describe('the layout', () => {
  test(`puts nothing on anything else, and lines go to the right (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 60; i++) {
      const layout = layOut(buildGraph(viewOf(randomPolicy(random).model)));
      const boxes = [...layout.holders, ...layout.permissions];
      for (const [, column] of Map.groupBy(boxes, ({ x }) => x)) {
        const places = column.map(({ y }) => y).sort((a, b) => a - b);
        for (let j = 1; j < places.length; j++)
          expect(places[j]! - places[j - 1]!).toBeGreaterThanOrEqual(boxHeight);
      }
      for (const { x, y, width } of boxes) {
        expect(y - boxHeight / 2).toBeGreaterThanOrEqual(-0.001);
        expect(y + boxHeight / 2).toBeLessThanOrEqual(layout.height + 0.001);
        expect(x + width).toBeLessThanOrEqual(layout.width + 0.001);
      }
      for (const { stretches } of layout.lines) {
        const xs = stretches.flatMap(({ x, endX }) => [x, endX]);
        expect(xs).toEqual(xs.toSorted((a, b) => a - b));
      }
    }
  });

  test(`things are as near to their wishes as can be (seed ${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 300; i++) {
      const wishes = random.times(random.between(1, 8), () => random.below(100));
      const gaps = wishes.map(() => random.between(1, 30));
      const places = placeApart(wishes, gaps);
      const costOf = (all: readonly number[]): number =>
        all.reduce((sum, place, at) => sum + (place - wishes[at]!) ** 2, 0);
      const isValid = (all: readonly number[]): boolean =>
        all.every((place, at) => at === 0 || place - all[at - 1]! >= gaps[at]! - 1e-9);
      expect(isValid(places)).toBe(true);
      for (let tries = 0; tries < 30; tries++) {
        const moved = places.map((place) => place + (random.next() - 0.5) * 4);
        if (isValid(moved)) expect(costOf(moved)).toBeGreaterThanOrEqual(costOf(places) - 1e-9);
      }
    }
  });

  test('long texts keep their ends, and wide letters count twice', () => {
    expect(shorten('dcos:service:marathon:/prod/web', 13)).toBe('dcos:s…od/web');
    expect(cellsOf('日本')).toBe(4);
    for (const text of ['日本語のとても長い名前です', 'a'.repeat(50), '😀'.repeat(20)])
      expect(cellsOf(shorten(text, 11))).toBeLessThanOrEqual(11);
    expect(shorten('short', 5)).toBe('short');
  });
});

describe('pictures', () => {
  test.each(cases)('%s is well-formed SVG, the same every time', (name) => {
    const { model, textOf } = fixture(name);
    const options = { format: 'svg', argumentsOf: grantArguments(textOf) } as const;
    const { text } = drawAccess(model, options);
    expect(drawAccess(fixture(name).model, options).text).toBe(text);
    const { elements } = readMarkup(text);
    const [svg] = elements;
    expect(svg!.attributes.get('role')).toBe('img');
    const named = svg!.attributes.get('aria-labelledby')!.split(' ');
    expect(elements.flatMap(({ attributes }) => attributes.get('id') ?? [])).toEqual(
      expect.arrayContaining(named),
    );
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/);
  });

  test('foreign text stays text', () => {
    const { model } = fixture('awkward');
    const { elements, text } = readMarkup(drawAccess(model, { format: 'svg' }).text);
    const known = ['svg', 'title', 'desc', 'style', 'defs', 'marker', 'path', 'rect', 'text', 'g'];
    expect(elements.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
    expect(text).toContain(`site:/"]]><script>alert(2)</script>"`);
    expect(text).toContain('</title><script>');
  });

  test('allow and deny differ by word, shape and dashes', () => {
    const { text } = drawAccess(fixture('tenants').model, { format: 'svg' });
    expect(text).toMatch(/class="allow"><title>[^<]*<\/title><rect [^>]*rx="11"\/><text [^>]*>allow full</);
    expect(text).toMatch(/class="deny"><title>[^<]*<\/title><rect [^>]*rx="0"\/><text [^>]*>deny /);
    expect(text).toMatch(/\.deny \.pill \{[^}]*stroke-dasharray/);
    expect(text).toContain('prefers-color-scheme: dark');
  });

  test.each(cases)('%s for Graphviz has one statement a line, its strings closed', (name) => {
    const { text } = drawAccess(fixture(name).model, { format: 'dot' });
    const [first, ...lines] = text.trimEnd().split('\n');
    expect([first, lines.pop()]).toEqual(['digraph postern {', '}']);
    const value = /(?:"(?:[^"\\]|\\.)*"|[a-z0-9]+)/.source;
    const list = ` \\[\\w+=${value}(?:, \\w+=${value})*\\]`;
    const statement = new RegExp(`^ {2}(?:(?:label|rankdir)=(?:${value}|LR)|\\w+(?: -> \\w+)?${list});$`);
    for (const line of lines) expect(line).toMatch(statement);
  });

  test('for Graphviz a backslash is no escape', () => {
    const { text } = drawAccess(fixture('awkward').model, { format: 'dot' });
    expect(text).toContain(String.raw`\\\\N \\\\G`);
    expect(text).not.toMatch(/(?<!\\)(?:\\\\)*\\[NGETHL]/);
  });

  test('twenty thousand rules are drawn, deep ones and a group of many too', () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `allow user:u${i} to read on site:/${i % 300}/${i % 7}/${i}`,
    );
    const deep = `allow user:deep to read on site:/${'d/'.repeat(250)}e`;
    const members = Array.from({ length: 5_000 }, (_, i) => `user:m${i}`);
    const text = `group g { ${members.join(', ')} }\n${deep}\n${lines.join('\n')}\n`;
    const picture = drawAccess(buildText(text).model, { format: 'svg' });
    expect(picture.folded).toMatch(/subjects, .* resources/);
    expect(picture.text.length).toBeLessThan(1_000_000);
  });
});

test('the picture of docs/graph.md is that of its policy', async () => {
  const page = readFileSync(join(docs, 'graph.md'), 'utf8');
  const [, policy] = /^```acl shop\.acl\n(.*?)^```/ms.exec(page)!;
  const result = build([{ file: 'shop.acl', text: policy! }]);
  if (!result.ok) throw new Error('the policy of the page does not build');
  const { text } = drawAccess(result.model, { format: 'svg', argumentsOf: grantArguments(result.textOf) });
  await expect(text).toMatchFileSnapshot(join(docs, 'graph.svg'));
});

describe('postern graph', () => {
  const policy = join(fixtures, 'tenants.acl');

  test('writes SVG, or what the name of the file or --format says', async () => {
    const svg = join(folder, 'all.svg');
    const dot = join(folder, 'all.dot');
    const first = await runInProcess('graph', '-p', policy);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^<svg .*<\/svg>\n$/s);
    const second = await runInProcess('graph', '-p', policy, '-o', svg);
    expect(second).toEqual({
      code: 0,
      stdout: '',
      stderr: `${svg}: 7 subjects, 3 groups, 2 roles; 7 permissions on 7 resources\n`,
    });
    expect(readFileSync(svg, 'utf8')).toBe(first.stdout);
    await runInProcess('graph', '-p', policy, '-o', dot);
    expect(readFileSync(dot, 'utf8')).toMatch(/^digraph /);
    const { stdout } = await runInProcess('graph', '-p', policy, '--format', 'dot');
    expect(stdout).toBe(readFileSync(dot, 'utf8'));
    expect(stdout).toContain(String.raw`label="tenant(\"prod b\")"`);
  });

  test('says what is not drawn one by one', async () => {
    const { code, stdout, stderr } = await runInProcess('graph', '-p', policy, '--max-nodes', '8');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^postern: not drawn one by one: \d+ subjects, .* resources \(more than 8 nodes/);
    expect(stdout).toContain('Not drawn one by one: ');
  });

  test('says where nothing is to be drawn', async () => {
    const run = await runInProcess('graph', '-p', policy, '--resource', 'nothing:/here');
    expect(run.code).toBe(0);
    expect(run.stderr).toBe('postern: no rule speaks of what is to be drawn\n');
    expect(readMarkup(run.stdout).elements.length).toBeGreaterThan(0);
  });

  test.each([
    [['--subject', 'cory'], 'postern: `cory` is no subject: write its id, such as `user:alice`'],
    [['--group', 'prod-c'], 'postern: the policies have no group `prod-c`, did you mean `prod-a`'],
    [
      ['--resource', '{a,b}'],
      'postern: `{a,b}` is no resource pattern: write one as in a rule, without braces',
    ],
    [
      ['-o', 'x.png'],
      'postern: `x.png` does not say what to write: name it `.svg` or `.dot`, or give --format',
    ],
    [['--max-nodes', '3'], "postern: option '--max-nodes <number>' argument '3' is invalid"],
  ])('%j is a usage error', async (words, message) => {
    const run = await runInProcess('graph', '-p', policy, ...words);
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 2, stdout: '' });
    expect(run.stderr).toContain(message);
  });

  test('draws an image too, its roles by their names alone, and of broken policies nothing', async () => {
    const image = join(folder, 'a.pimg');
    writeFileSync(image, fixture('tenants').image);
    const { code, stdout, stderr } = await runInProcess('graph', '-p', image, '--format', 'dot');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('label="7 subjects, 3 groups, 2 roles; 7 permissions on 7 resources"');
    expect(stdout.match(/shape=hexagon, label="tenant"/g)).toHaveLength(2);
    const broken = join(folder, 'broken.acl');
    writeFileSync(broken, 'allow');
    expect(await runInProcess('graph', '-p', broken)).toMatchObject({ code: 3, stdout: '' });
  });
});
