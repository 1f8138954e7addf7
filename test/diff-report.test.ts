import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { DifferenceWitness } from '../src/analysis/compare-models.ts';
import { checkCommand } from '../src/diff/check-command.ts';
import { describeActions, describeModes, describeTruths } from '../src/diff/describe-change.ts';
import { diffModels } from '../src/diff/diff-models.ts';
import type { AccessChange, PolicyDifference, ResourceTerm } from '../src/diff/policy-difference.ts';
import { pageScript } from '../src/diff/report/page-script.ts';
import { pageStyle } from '../src/diff/report/page-style.ts';
import { renderDifferenceHtml, scriptHash, styleHash } from '../src/diff/report/render-html.ts';
import { readResourcePattern } from '../src/graph.ts';
import { build } from '../src/index.ts';
import { elementsOf, elementsOfId } from '../src/model/template-variants.ts';
import { printElements } from '../src/printing/print-pattern.ts';
import { Random, seedOfRun } from './support/generators.ts';
import { readMarkup } from './support/markup.ts';
import { runInProcess } from './support/run-command-line.ts';
import { changeSmallPolicy, generateSmallPolicy, writeSmallPolicy } from './support/small-world.ts';

const seed = seedOfRun(process.env.POSTERN_SEED);
const folder = mkdtempSync(join(tmpdir(), 'postern-diff-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sides = {
  before: { name: 'main', revision: '0123abcd', policies: [] },
  after: { name: 'work', policies: ['policies/'] },
} as const;

const equal: PolicyDifference = { kind: 'equal', gained: [], lost: [], undecided: [], modes: [] };

function termOf(text: string): ResourceTerm {
  const elements = elementsOf(readResourcePattern(text)!);
  return { text: printElements(elements), elements };
}

function idTermOf(id: string): ResourceTerm {
  return { text: id, elements: elementsOfId(id) };
}

function changeOf(change: Partial<AccessChange> = {}): AccessChange {
  return {
    subjects: [{ all: [{ kind: 'subject', id: 'user:ann' }], except: [] }],
    actions: ['read'],
    isAnyOtherAction: false,
    resources: [{ all: [idTermOf('site:/a')], except: [] }],
    isWithoutResource: false,
    witness: { subject: 'user:ann', action: 'read', resource: 'site:/a', before: 'deny', after: 'allow' },
    rules: [{ id: 'p.acl:3', file: 'p.acl', line: 3 }],
    ...change,
  };
}

function gaining(...gained: readonly AccessChange[]): PolicyDifference {
  return { kind: 'different', gained, lost: [], undecided: [], modes: [] };
}

function pageOf(difference: PolicyDifference): { readonly html: string; readonly text: string } {
  const html = renderDifferenceHtml(difference, sides);
  return { html, text: readMarkup(html).text };
}

function modelOf(text: string) {
  const result = build([{ file: 'policy.acl', text }]);
  return result.ok ? result.model : undefined;
}

describe('the page', () => {
  test('tells first how much there is, and of what', () => {
    const { text } = pageOf({
      kind: 'different',
      gained: [changeOf(), changeOf()],
      lost: [changeOf()],
      undecided: [{ ...changeOf(), reason: 'a condition on an id is involved' }],
      modes: [],
    });
    expect(text).toMatch(/main.*revision 0123abcd.*work.*policies\//s);
    expect(text).toMatch(/\+ 2gained− 1lost\? 1undecided/);
    expect(text).toMatch(/\+ Gained: 2.*− Lost: 1.*\? Undecided: 1.*a condition on an id is involved/s);
  });

  test.each<[PolicyDifference, string]>([
    [equal, 'Both decide every request alike.'],
    [{ ...equal, kind: 'unknown' }, 'No difference is known, but not every request could be decided.'],
    [gaining(changeOf()), 'These are all the requests that are decided otherwise.'],
    [
      { ...gaining(changeOf()), undecided: [{ ...changeOf(), reason: 'r' }] },
      'Beside these, there may be differences among the undecided.',
    ],
  ])('%# says what is claimed', (difference, verdict) => expect(pageOf(difference).text).toContain(verdict));

  test('stands by itself: its policy allows its own style and script and nothing else', () => {
    const { html } = pageOf(gaining(changeOf()));
    const { elements } = readMarkup(html);
    const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');
    expect({ style: styleHash, script: scriptHash }).toEqual({
      style: hashOf(pageStyle),
      script: hashOf(pageScript),
    });
    expect(elements.find(({ attributes }) => attributes.has('http-equiv'))!.attributes.get('content')).toBe(
      `default-src 'none'; style-src 'sha256-${styleHash}'; script-src 'sha256-${scriptHash}'; base-uri 'none'; form-action 'none'`,
    );
    expect(html).toContain(`<style>${pageStyle}</style>`);
    expect(html).toContain(`<script>${pageScript}</script>`);
    expect(pageStyle).not.toMatch(/url\(|@import/);
    const names = elements.flatMap(({ attributes }) => [...attributes.keys()]);
    expect(names.filter((name) => name.startsWith('on') || name === 'src' || name === 'style')).toEqual([]);
  });

  test('opens and closes without a script, by the keyboard too; what needs the script is hidden until it runs', () => {
    const { elements } = readMarkup(pageOf(gaining(changeOf())).html);
    const folds = elements.filter(({ name }) => name === 'details');
    expect(folds.length).toBe(elements.filter(({ name }) => name === 'summary').length);
    expect(folds.length).toBeGreaterThan(2);
    const tools = elements.find(({ attributes }) => attributes.get('class') === 'tools')!;
    expect(tools.attributes.has('hidden')).toBe(true);
  });

  const hostile = `"><script>alert(1)</script>&lt;'</style>\u202e`;

  test('texts of policies stay texts', () => {
    const change = changeOf({
      subjects: [{ all: [{ kind: 'subject', id: `user:${hostile}` }], except: [] }],
      actions: [hostile],
      resources: [{ all: [{ ...termOf('a:b'), text: `a:${hostile}` }, termOf('"<b>":x')], except: [] }],
      condition: [[{ kind: 'condition', text: hostile, truths: ['true'] }]],
      modes: [{ name: hostile }],
      witness: {
        action: hostile,
        context: { [hostile]: hostile },
        mode: hostile,
        before: 'deny',
        after: 'allow',
      },
      rules: [{ id: hostile, file: hostile, line: 1, role: { name: hostile, file: hostile, line: 2 } }],
    });
    const side = { name: hostile, revision: hostile, policies: [hostile] };
    const difference = { ...gaining(change), undecided: [{ ...change, reason: hostile }] };
    const html = renderDifferenceHtml(difference, { before: side, after: side });
    const { elements, text } = readMarkup(html);
    expect(elements.filter(({ name }) => name === 'script')).toHaveLength(1);
    expect(elements.filter(({ name }) => name === 'style')).toHaveLength(1);
    expect(elements.filter(({ name }) => name === 'b')).toHaveLength(3);
    expect(html).not.toContain('\u202e');
    expect(text.split('<script>alert(1)</script>').length).toBeGreaterThan(10);
  });

  test('resources stand as a tree, and a change that is in several places is told once', () => {
    const resources = ['site:/a/y/**', 'site:/a/x', 'site:/b'].map((text) => ({
      all: [termOf(text)],
      except: text === 'site:/b' ? [{ all: [termOf('site:/b/c')], except: [] }] : [],
    }));
    const { html, text } = pageOf(
      gaining(changeOf({ resources, isWithoutResource: true }), changeOf({ resources })),
    );
    expect(text.replace(/\s+/g, ' ')).toMatch(
      /every resource at once.*number 1: a request, and the rules behind it \(3 more places\).*site:\/ a .*\/x.*number 2: a request, and the rules behind it \(2 more places\).*\/y\/\*\*.*b.*except site:\/b\/c/,
    );
    expect(html.match(/ id="change-1"/g)).toHaveLength(1);
    expect(html.match(/ href="#change-1"/g)).toHaveLength(3);
    expect(html.match(/ href="#change-2"/g)).toHaveLength(2);
  });

  test('says conditions and modes in words', () => {
    const { text } = pageOf(
      gaining(
        changeOf({
          modes: ['default', { name: 'strict' }, { name: 'soft' }],
          condition: [
            [{ kind: 'condition', text: 'context.a', truths: ['false', 'error'], side: 'before' }],
            [{ kind: 'variables', text: 'user:{a} on home:/{a}', truths: ['true'] }],
          ],
        }),
      ),
    );
    expect(text).toContain('where no mode is given or in mode strict or soft.');
    expect(text).toContain('context.a does not hold or cannot be evaluated, with its groups as it was');
    expect(text).toContain('agreeing variables of user:{a} on home:/{a}: holds');
  });

  test('the words by themselves', () => {
    expect(describeModes([{ name: 'strict' }], ['strict', 'soft'])).toBe('in mode strict');
    expect(describeModes(['default', { name: 'strict' }], ['strict', 'soft'])).toBe('except in mode soft');
    expect(describeTruths({ kind: 'condition', text: '', truths: ['true'] })).toBe('holds');
    expect(describeActions(changeOf({ actions: [], isAnyOtherAction: true }))).toBe(
      'every action that nothing names',
    );
    expect(describeActions(changeOf({ actions: ['a b', 'c'], isAnyOtherAction: true }))).toBe(
      '"a b", c and every action that nothing names',
    );
  });

  test(`of random policies is well formed, tells every change once, and its links lead somewhere (seed ${seed})`, () => {
    const random = new Random(seed);
    const options = { conditions: 0.3, namespaces: true };
    let seen = 0;
    while (seen < 25) {
      const policy = generateSmallPolicy(random, options);
      const [before, after] = [policy, changeSmallPolicy(policy, options, random)].map((each) =>
        modelOf(writeSmallPolicy(each)),
      );
      if (before === undefined || after === undefined) continue;
      const difference = diffModels(before, after);
      const html = renderDifferenceHtml(difference, sides);
      const { elements } = readMarkup(html);
      const total = difference.gained.length + difference.lost.length + difference.undecided.length;
      const ids = elements.flatMap(({ attributes }) => attributes.get('id') ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      const told = Array.from({ length: total }, (_, i) => `change-${i + 1}`);
      expect(ids.filter((id) => id.startsWith('change-'))).toEqual(told);
      const links = elements.flatMap(({ attributes }) => attributes.get('href') ?? []);
      expect(links.filter((link) => !ids.includes(link.slice(1)))).toEqual([]);
      expect(renderDifferenceHtml(difference, sides)).toBe(html);
      if (total > 0) seen++;
    }
  });

  test('thousands of changes are one page, and folded from the start', () => {
    const changes = Array.from({ length: 3000 }, (_, i) =>
      changeOf({ resources: [{ all: [idTermOf(`site:/${i % 40}/${i}`)], except: [] }] }),
    );
    const { html } = pageOf(gaining(...changes));
    expect(html).toContain('<details class="subject"><summary>');
    expect(html).toContain('3,000 changes');
  });
});

describe('the command beside a change', () => {
  test.each<[string, DifferenceWitness, readonly string[], readonly string[]]>([
    [
      'names subject, action and resource',
      witnessOf({ subject: 'user:ann', resource: 'a:/b' }),
      ['p.acl'],
      ['check', 'user:ann', 'read', 'a:/b', '-p', 'p.acl'],
    ],
    [
      'has words for what is absent',
      witnessOf({}),
      [],
      ['check', 'anyone', 'read', '--every-resource', '-p', 'POLICY'],
    ],
    [
      'quotes for a shell',
      witnessOf({ subject: `user:o'hara $(x) "y"`, resource: 'a:*', groups: ['a b', 'c'], mode: 'strict' }),
      ['my policies'],
      [
        ...['check', `user:o'hara $(x) "y"`, 'read', 'a:*', '--groups', 'a b,c', '--mode', 'strict'],
        ...['-p', 'my policies'],
      ],
    ],
    [
      'keeps what looks like an option behind the end of options',
      witnessOf({ subject: '-x:y', resource: 'a' }),
      ['p'],
      ['check', '-p', 'p', '--', '-x:y', 'read', 'a'],
    ],
    [
      'writes values as JSON that prints',
      witnessOf({ resource: 'a', context: { 'é\u202e': "it's" }, attributes: { subject: { n: 1 } } }),
      ['p'],
      [
        ...['check', 'anyone', 'read', 'a', '--context', '{"\\u00e9\\u202e":"it\'s"}'],
        ...['--attributes', '{"subject":{"n":1}}', '-p', 'p'],
      ],
    ],
  ])('%s', (_, witness, policies, words) => {
    const command = checkCommand(witness, policies);
    const run = spawnSync('sh', ['-c', `postern() { printf '%s\\0' "$@"; }\n${command}`], {
      encoding: 'utf8',
    });
    expect(run.stdout.split('\0').slice(0, -1)).toEqual(words);
  });

  test('run as it stands, gives the answer that the page says', async () => {
    const text = [
      'group ops { user:root, user:kim }',
      'allow group:ops to read on site:/**',
      'allow user:bob to write on site:/a when context.hour >= 8 && subject.role == "it\'s"',
    ];
    const after = ['group ops { user:root }', text[1], 'deny user:root to read on site:/secret/**'];
    const file = join(folder, 'after.acl');
    writeFileSync(file, after.join('\n'));
    const { gained, lost } = diffModels(modelOf(text.join('\n'))!, modelOf(after.join('\n'))!);
    expect([gained.length, lost.length > 1]).toEqual([0, true]);
    for (const { witness } of lost) {
      const command = checkCommand(witness, [file]);
      const shell = spawnSync('sh', ['-c', `postern() { printf '%s\\0' "$@"; }\n${command}`], {
        encoding: 'utf8',
      });
      const { stdout } = await runInProcess(...shell.stdout.split('\0').slice(0, -1));
      expect(stdout, command).toMatch(/^deny /);
    }
  });
});

function witnessOf(witness: Partial<DifferenceWitness>): DifferenceWitness {
  return { action: 'read', before: 'deny', after: 'allow', ...witness };
}
