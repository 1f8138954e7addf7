import { describe, expect, test } from 'vitest';
import { compile } from '../src/compile/compile.ts';
import { buildEntryFinder } from '../src/compile/entry-finder.ts';
import { RESOURCE_ROOT } from '../src/image/layout.ts';
import { buildModel } from '../src/index.ts';
import type { Model, Rule } from '../src/model/model.ts';
import { InvariantError } from '../src/source/invariant.ts';

// `resolve` makes no such model. Whoever else makes one gets no image of it: a rule that the compiler does not understand
// would be a rule that is not there, and that may be a deny.

const base = modelOf(`
namespace box { resource box:<x> { actions read } }
group g { user:a }
deny user:{x} to read on doc:{x}/y when context.a == 1
`);

function modelOf(text: string): Model {
  const built = buildModel([{ file: 'a.acl', text }]);
  if (!built.ok) throw new Error(`the policy does not build: ${built.diagnostics[0]?.message}`);
  return built.model;
}

/** The model with its rule changed, also into what its type forbids. */
const withRule = (change: Record<string, unknown>): Model => ({
  ...base,
  rules: [{ ...base.rules[0]!, ...change } as unknown as Rule],
});
const unknown = { kind: 'unheard-of', separator: 'colon' };
const pattern = (...elements: unknown[]) => ({ kind: 'pattern', text: '', elements });
const variable = { kind: 'variable', separator: 'start', name: 'x', isMany: false };

const wrong: readonly [string, Model, string | RegExp][] = [
  [
    'a rule for a group that is not declared',
    withRule({ subjects: [{ kind: 'group', name: 'h' }] }),
    'group h is not declared',
  ],
  [
    'a condition on a group that is not declared',
    withRule({ condition: { kind: 'in-group', group: 'h' } }),
    'group h is not declared',
  ],
  [
    'a literal id that is not well formed',
    withRule({ resources: [{ kind: 'literal', id: 'doc://x' }] }),
    'malformed id reached the compiler: doc://x',
  ],
  [
    'two namespaces of one root',
    { ...base, namespaces: [...base.namespaces, ...base.namespaces] },
    'two namespaces share a root',
  ],
  ['a condition of an unknown kind', withRule({ condition: unknown }), /unheard-of/],
  ['an operand of an unknown kind', withRule({ condition: { kind: 'not', operand: unknown } }), /unheard-of/],
  [
    'a constant of an unknown kind',
    withRule({ condition: { kind: 'constant', value: unknown } }),
    /unheard-of/,
  ],
  [
    'an element of an unknown kind beside a variable',
    withRule({ subjects: [pattern(variable)], resources: [pattern(variable, unknown)] }),
    /unheard-of/,
  ],
];

test.each(wrong)('%s is our bug, and gives no image', (_, model, message) => {
  expect(() => compile(model)).toThrow(InvariantError);
  expect(() => compile(model)).toThrow(message);
});

describe('what is beneath an id by a separator of pieces', () => {
  test('begins with the last segment of the id, which is literal', () => {
    const fill = (kind: 'one' | 'root') => () =>
      buildEntryFinder(RESOURCE_ROOT, (builder) => {
        builder.listOfPieces(RESOURCE_ROOT, [{ kind, separator: 'start' }], '.');
      });
    expect(fill('one')).toThrow(InvariantError);
    expect(fill('root')).toThrow('pieces of what is no literal');
  });
});
