import { describe, expect, test } from 'vitest';
import { buildModel } from '../src/index.ts';
import type { PathPattern, PatternElement, Template } from '../src/model/model.ts';
import { freeVariables, isVariable, namesIn, sharedNames, takesMany } from '../src/model/pattern-elements.ts';
import {
  compareSpecificity,
  coverageOf,
  elementsOf,
  elementsOfId,
  patternsOfVariant,
  variantsOf,
} from '../src/model/template-variants.ts';

const MARKS = { start: '', colon: ':', slash: '/' } as const;

/** Elements as text; the root of a path is a separator with nothing behind it. */
function textOf(elements: readonly PatternElement[]): string {
  return elements
    .map((element) => {
      const mark = MARKS[element.separator];
      if (element.kind === 'root') return `${mark}⌂`;
      if (element.kind === 'literal') return mark + element.text;
      if (element.kind === 'variable') return `${mark}{${element.name}${element.isMany ? '**' : ''}}`;
      return mark + (element.kind === 'one' ? '*' : element.kind === 'many' ? '**' : 'glob');
    })
    .join('');
}

function templateOf(text: string): Template {
  const built = buildModel([{ file: 'a.acl', text: `namespace n { resource ${text} { actions read } }\n` }]);
  if (!built.ok) throw new Error(`${text}: ${built.diagnostics[0]?.message}`);
  return built.model.namespaces[0]!.templates[0]!;
}

describe('an id', () => {
  test.each([
    ['a', 'a'],
    ['a:b/c', 'a:b/c'],
    ['/a', '⌂/a'],
    ['a:/b/c', 'a:⌂/b/c'],
    ['a:b:/', 'a:b:⌂'],
    ['/', '⌂'],
  ])('%s is the elements %s', (id, elements) => {
    expect(textOf(elementsOfId(id))).toBe(elements);
    expect(textOf(elementsOf({ kind: 'literal', id }))).toBe(elements);
  });
});

test('a pattern has the elements that it was written with', () => {
  const elements: PatternElement[] = [{ kind: 'many', separator: 'start' }];
  expect(elementsOf({ kind: 'pattern', text: '**', elements })).toBe(elements);
});

describe('a template', () => {
  test.each([
    ['n', [['n']]],
    ['n:<x>', [['n:*/**', 'n:⌂/**']]],
    ['n:<x>:b', [['n:*:b']]],
    ['n/<x>', [['n/*/**']]],
    ['/n/<x>', [['⌂/n/*/**']]],
    ['n:/<x>', [['n:⌂/*/**']]],
    ['n[:<x>]', [['n'], ['n:*/**', 'n:⌂/**']]],
    ['n:a[:<x>[:<y>]]', [['n:a'], ['n:a:*'], ['n:a:*:*/**', 'n:a:*:⌂/**']]],
    ['n:/<x...>', [['n:⌂/*/**']]],
    ['n:/[<x...>]', [['n:⌂'], ['n:⌂/*/**']]],
    ['n[:/[<x...>]]', [['n'], ['n:⌂'], ['n:⌂/*/**']]],
    ['n:<x... by ".">', [['n:*']]],
    ['n:<x>[/<p...>]', [['n:*'], ['n:*/*/**']]],
    ['n:<x>/b[/<p...>]', [['n:*/b'], ['n:*/b/*/**']]],
  ])('%s describes %j, with ever more of its optional parts', (text, expected) => {
    expect(
      variantsOf(templateOf(text).parts).map((variant) => patternsOfVariant(variant).map(textOf)),
    ).toEqual(expected);
  });

  test.each([
    ['n', 0, 'n', ['n']],
    ['n:<x>', 0, 'n:i/j', ['n:i/j']],
    ['n[:<x>]', 0, 'n', ['n', 'n:*/**', 'n:⌂/**']],
    ['n[:<x>]', 1, 'n:i', ['n:i']],
    ['n:a[:<x>[:<y>]]', 0, 'n:a', ['n:a', 'n:a:*', 'n:a:*:*/**', 'n:a:*:⌂/**']],
    ['n:a[:<x>[:<y>]]', 1, 'n:a:i', ['n:a:i', 'n:a:i:*/**', 'n:a:i:⌂/**']],
    ['n:/[<x...>]', 0, 'n:/', ['n:⌂/**']],
    ['n:/[<x...>]', 1, 'n:/i', ['n:⌂/i/**']],
    ['n[:/[<x...>]]', 0, 'n', ['n', 'n:⌂/**']],
    ['n:<x>[/<p...>]', 0, 'n:i', ['n:i/**']],
    ['n:<x>[/<p...>]', 1, 'n:i/j', ['n:i/j/**']],
    ['n:a[/<p...>]', 0, 'n:a', ['n:a/**']],
    ['n:a[:<x>[/<p...>]]', 0, 'n:a', ['n:a', 'n:a:*', 'n:a:*/*/**']],
    ['n:a[:b[:/c[/<p...>]]]', 0, 'n:a', ['n:a', 'n:a:b', 'n:a:b:⌂/c/**']],
    ['n:a[:<p...>]', 0, 'n:a', ['n:a', 'n:a:*/**']],
    ['n:a[/<x>]', 0, 'n:a', ['n:a/**']],
    ['n[/a[/b]]', 0, 'n', ['n', 'n/a', 'n/a/b']],
    ['n[:a[:b]]', 0, 'n', ['n', 'n:a', 'n:a:b']],
  ] as const)('%s with %i optional parts: a rule on %s covers %j', (text, index, id, expected) => {
    const { patterns, pieceSeparator } = coverageOf(
      elementsOfId(id),
      variantsOf(templateOf(text).parts),
      index,
    );
    expect(patterns.map(textOf)).toEqual(expected);
    expect(pieceSeparator).toBe(undefined);
  });

  test('of a path joined by another separator: a rule covers the id and its pieces', () => {
    const variants = variantsOf(templateOf('n:a[:<x... by ".">]').parts);
    const covered = coverageOf(elementsOfId('n:a:i.j'), variants, 1);
    expect([covered.patterns.map(textOf), covered.pieceSeparator]).toEqual([['n:a:i.j'], '.']);
    const short = coverageOf(elementsOfId('n:a'), variants, 0);
    expect([short.patterns.map(textOf), short.pieceSeparator]).toEqual([['n:a', 'n:a:*'], undefined]);
  });

  test('is the more specific the more literal it is from the left, then the longer it is', () => {
    // The most specific first.
    const ordered = [
      'n:a:b',
      'n:a:<x>',
      'n:a:<x...>',
      'n:a',
      'n:<x>:b',
      'n:<x>:<y>',
      'n:<x>',
      'n:<x...>',
      'n',
    ];
    const variants = ordered.map((text) => variantsOf(templateOf(text).parts)[0]!);
    for (const [i, a] of variants.entries())
      for (const [j, b] of variants.entries())
        expect(Math.sign(compareSpecificity(a, b)), `${ordered[i]} ${ordered[j]}`).toBe(Math.sign(i - j));
  });
});

describe('variables', () => {
  const one = (name: string): PatternElement => ({
    kind: 'variable',
    separator: 'colon',
    name,
    isMany: false,
  });
  const many = (name: string): PatternElement => ({
    kind: 'variable',
    separator: 'slash',
    name,
    isMany: true,
  });
  const literal: PatternElement = { kind: 'literal', separator: 'start', text: 'a' };
  const elements: PathPattern['elements'] = [
    literal,
    one('x'),
    { kind: 'one', separator: 'colon' },
    many('y'),
    { kind: 'many', separator: 'slash' },
    one('x'),
  ];

  test('take one element or many, as wildcards do', () => {
    expect(elements.map(takesMany)).toEqual([false, false, false, true, true, false]);
    expect(elements.map(isVariable)).toEqual([false, true, false, true, false, true]);
  });

  test('have names, of which those that stand twice in one rule are shared', () => {
    expect([...namesIn(elements)]).toEqual(['x', 'y']);
    expect([...sharedNames([elements])]).toEqual(['x']);
    expect([...sharedNames([[one('x')], [many('y')], [many('x'), one('z')], [one('z'), one('z')]])]).toEqual([
      'x',
      'z',
    ]);
    expect([...sharedNames([[one('x'), many('y')], [literal]])]).toEqual([]);
  });

  test('that are not bound are the wildcards that they are like', () => {
    expect(textOf(freeVariables(elements))).toBe('a:*:*/**/**:*');
    expect(textOf(freeVariables(elements, new Set(['x'])))).toBe('a:{x}:*/**/**:{x}');
    expect(textOf(freeVariables(elements, new Set(['y'])))).toBe('a:*:*/{y**}/**:*');
    expect(freeVariables(elements, new Set(['x', 'y']))).toEqual(elements);
  });
});
