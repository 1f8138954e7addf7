import fc, { type Arbitrary } from 'fast-check';
import type {
  AnnotationNode,
  DataNode,
  ExpressionNode,
  NameNode,
  ObjectNode,
  PatternNode,
  PatternPart,
  PermissionNode,
  Statement,
  SubjectNode,
  TemplateNode,
  TemplatePart,
} from '../../src/syntax/ast.ts';

/**
 * Syntax trees as the parser could have made them, without places. They say less than the types allow: neighbouring
 * unquoted texts are one text, an id begins with no `@`, and so on; what they leave out cannot be written.
 */

const span = { start: 0, end: 0 };

function optional<T>(key: string, value: Arbitrary<T>): Arbitrary<Record<string, T>> {
  return fc.option(value, { nil: undefined }).map((found) => (found === undefined ? {} : { [key]: found }));
}

const keywordNames = [
  'test',
  'mode',
  'group',
  'on',
  'to',
  'when',
  'unless',
  'in',
  'has',
  'like',
  'allow',
  'with',
  'open',
  'entity',
];
const wordText = fc.stringMatching(/^[A-Za-z0-9_.\-@+=~$!]{1,8}$/);
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  fc.constantFrom('a b', '"', '\\', '\n', '\t', '\u202e', '#x', '{', 'é', '日本', 'a:b', '*'),
);
const nameText = fc.oneof(wordText, fc.constantFrom(...keywordNames), anyText);
const name: Arbitrary<NameNode> = nameText.map((text) => ({ text, span }));
const identifier = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,6}$/);
const string = fc.oneof(anyText, fc.constant('')).map((value) => ({ value, span }));

// ---------------------------------------------------------------- ids

const plainText = fc.stringMatching(/^[A-Za-z0-9_.\-+=~$:/]{1,8}$/).filter((text) => !text.startsWith('//'));

const unquoted: Arbitrary<PatternPart> = plainText.map((text) => ({
  kind: 'text',
  text,
  isQuoted: false,
  span,
}));
const others: Arbitrary<PatternPart> = fc.oneof(
  anyText.map((text): PatternPart => ({ kind: 'text', text, isQuoted: true, span })),
  fc.constantFrom<PatternPart>({ kind: 'stars', count: 1, span }, { kind: 'stars', count: 2, span }),
  fc.constant<PatternPart>({ kind: 'question', span }),
  fc
    .tuple(identifier, fc.boolean())
    .map(([text, isMany]): PatternPart => ({ kind: 'variable', name: text, isMany, span })),
  fc
    .constantFrom('1..5', '01..10', 'a..e', '0..100..10', '-3..3')
    .map((text): PatternPart => ({ kind: 'range', text, span })),
);

/** Drops parts that would be read as one with the part before. */
function separate(parts: readonly PatternPart[]): PatternPart[] {
  return parts.filter((part, i) => {
    const before = parts[i - 1];
    if (before === undefined) return true;
    if (part.kind === 'text' && !part.isQuoted) return !(before.kind === 'text' && !before.isQuoted);
    return !(part.kind === 'stars' && before.kind === 'stars');
  });
}

const alternatives: Arbitrary<PatternPart> = fc
  .array(fc.array(fc.oneof(unquoted, others), { maxLength: 3 }).map(separate), { minLength: 2, maxLength: 3 })
  .map((options) => ({ kind: 'alternatives', options, span }));
const part = fc.oneof({ weight: 5, arbitrary: unquoted }, { weight: 2, arbitrary: others }, alternatives);

const reserved = new Set(['on', 'to', 'when', 'unless']);

/** At the start of an id some words are something else. */
function isId(parts: readonly PatternPart[]): boolean {
  const first = parts[0];
  if (first?.kind !== 'text' || first.isQuoted) return first !== undefined;
  if (/^[@=.!]/.test(first.text) || /^(?:in|has|like)(?![A-Za-z0-9_-])/.test(first.text)) return false;
  return !(parts.length === 1 && (reserved.has(first.text) || /^(?:anyone|authenticated)$/.test(first.text)));
}

const pattern: Arbitrary<PatternNode> = fc
  .array(part, { minLength: 1, maxLength: 4 })
  .map(separate)
  .filter(isId)
  .map((parts) => ({ kind: 'pattern', parts, span }));
const subject: Arbitrary<SubjectNode> = fc.oneof(
  { weight: 6, arbitrary: pattern },
  fc.constantFrom<SubjectNode>({ kind: 'anyone', span }, { kind: 'authenticated', span }),
);

const placeholder: Arbitrary<TemplatePart> = fc.oneof(
  identifier.map((text): TemplatePart => ({ kind: 'value', name: text, span })),
  fc
    .tuple(identifier, fc.constantFrom('/', '.', '"', '--'))
    .map(([text, separator]): TemplatePart => ({ kind: 'path', name: text, separator, span })),
);
const templateText = fc
  .constantFrom('a', 'a:', 'a b:', ':c', 'é/', '/')
  .map((text): TemplatePart => ({ kind: 'text', text, span }));
const tail: Arbitrary<TemplatePart> = fc
  .tuple(fc.constantFrom(':', '/', ':x y:'), placeholder)
  .map(([text, value]) => ({ kind: 'optional', parts: [{ kind: 'text', text, span }, value], span }));
const template: Arbitrary<TemplateNode> = fc
  .tuple(
    templateText.filter((text) => text.kind === 'text' && /^[a-z]/.test(text.text)),
    fc.array(placeholder, { maxLength: 2 }),
    fc.array(tail, { maxLength: 2 }),
  )
  .map(([text, values, tails]) => ({ parts: [text, ...values, ...tails], span }));

// ---------------------------------------------------------------- conditions and data

const number = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => value + 0);
const operators = ['&&', '||', '==', '!=', '<', '<=', '>', '>=', 'in', 'like'] as const;

const leaf: Arbitrary<ExpressionNode> = fc.oneof(
  string.map((value): ExpressionNode => ({ kind: 'string', ...value })),
  number.map((value): ExpressionNode => ({ kind: 'number', value, span })),
  fc.boolean().map((value): ExpressionNode => ({ kind: 'boolean', value, span })),
  fc
    .constantFrom('subject', 'action', 'resource', 'context')
    .map((text): ExpressionNode => ({ kind: 'root', name: text, span })),
  nameText.map((text): ExpressionNode => ({ kind: 'group', name: text, span })),
);

const { expression } = fc.letrec<{ expression: ExpressionNode }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc
      .tuple(fc.constantFrom(...operators), tie('expression'), tie('expression'))
      .map(([operator, left, right]): ExpressionNode => ({ kind: 'binary', operator, left, right, span })),
    tie('expression').map((operand): ExpressionNode => ({ kind: 'not', operand, span })),
    fc
      .tuple(tie('expression'), name)
      .map(([target, key]): ExpressionNode => ({ kind: 'attribute', target, name: key, span })),
    fc
      .tuple(tie('expression'), name)
      .map(([target, key]): ExpressionNode => ({ kind: 'has', target, name: key, span })),
    fc
      .array(tie('expression'), { maxLength: 3 })
      .map((items): ExpressionNode => ({ kind: 'list', items, span })),
    fc
      .tuple(
        fc.constantFrom('ip', 'cidr', 'time', 'duration', 'unknown'),
        fc.array(tie('expression'), { maxLength: 2 }),
      )
      .map(
        ([text, items]): ExpressionNode => ({ kind: 'call', callee: { text, span }, arguments: items, span }),
      ),
  ),
}));

const conditions = fc
  .tuple(optional('when', expression), optional('unless', expression))
  .map(([when, unless]) => ({ ...when, ...unless }));

const { data, object } = fc.letrec<{ data: DataNode; object: ObjectNode }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      string.map((value): DataNode => ({ kind: 'string', ...value })),
      number.map((value): DataNode => ({ kind: 'number', value, span })),
      fc.boolean().map((value): DataNode => ({ kind: 'boolean', value, span })),
      fc.constant<DataNode>({ kind: 'null', span }),
    ),
    fc.array(tie('data'), { maxLength: 3 }).map((items): DataNode => ({ kind: 'list', items, span })),
    tie('object'),
  ),
  object: fc
    .array(fc.record({ key: name, value: tie('data') }), { maxLength: 4 })
    .map((entries): ObjectNode => ({ kind: 'object', entries, span })),
}));
void data;

// ---------------------------------------------------------------- statements

const annotation: Arbitrary<AnnotationNode> = fc
  .tuple(identifier, optional('value', string))
  .map(([text, value]) => ({ name: { text, span }, ...value, span }));
const docLine = fc.stringMatching(/^[a-z`é#][ -~é]{0,10}[a-z]$/);
const decorations = fc
  .tuple(
    optional(
      'doc',
      fc.array(docLine, { minLength: 1, maxLength: 2 }).map((lines) => lines.join('\n')),
    ),
    fc.array(annotation, { maxLength: 2 }),
  )
  .map(([doc, annotations]) => ({ ...doc, annotations }));

const names = fc.array(name, { minLength: 1, maxLength: 3 });
const subjects = fc.array(subject, { minLength: 1, maxLength: 3 });
const bare: Arbitrary<PermissionNode> = fc
  .tuple(names, pattern, conditions)
  .map(([actions, resource, found]) => ({ annotations: [], actions, resource, ...found, span }));
const permission: Arbitrary<PermissionNode> = fc
  .tuple(decorations, bare)
  .map(([decoration, found]) => ({ ...found, ...decoration }));
const permissions = fc.array(permission, { maxLength: 4 });
const effect = fc.constantFrom('allow', 'deny');

type Node<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

/** A statement from its own parts and what may stand before any. */
function statement<K extends Statement['kind']>(kind: K, parts: Arbitrary<object>): Arbitrary<Node<K>> {
  return fc
    .tuple(decorations, parts)
    .map(([decoration, found]) => ({ kind, ...decoration, ...found, span }) as unknown as Node<K>);
}

const rule = statement(
  'rule',
  fc.oneof(
    fc.record({ effect, form: fc.constant('line'), subjects, permissions: bare.map((found) => [found]) }),
    fc.record({ effect, form: fc.constant('block'), subjects, permissions }),
  ),
);
const grant = statement(
  'grant',
  fc
    .tuple(fc.record({ role: name, arguments: fc.array(pattern, { maxLength: 2 }), subjects }), conditions)
    .map(([found, condition]) => ({ ...found, ...condition })),
);
const action = statement('action', fc.record({ name, implies: names }));
const enforcement = fc.record({ mode: name, authenticatedOnly: fc.boolean(), span: fc.constant(span) });
const resource = fc
  .tuple(
    decorations,
    template,
    optional('actions', names),
    optional('enforcedIn', fc.array(enforcement, { minLength: 1, maxLength: 2 })),
  )
  .map(([decoration, found, actions, enforcedIn]) => ({
    kind: 'resource',
    ...decoration,
    template: found,
    ...actions,
    ...enforcedIn,
    span,
  }));
const superuser = fc
  .tuple(decorations, pattern)
  .map(([decoration, found]) => ({ kind: 'superuser', ...decoration, resource: found, span }));
const testCase = fc
  .tuple(fc.record({ expected: effect, subject, action: name, resource: pattern }), optional('with', object))
  .map(([found, attributes]) => ({ ...found, ...attributes, span }));
const combining = fc.constantFrom('first-applicable', 'deny-overrides');
const fallback = fc.constantFrom('allow', 'deny', 'none').map((value) => ({ value, span }));

const anyStatement: Arbitrary<Statement> = fc.oneof(
  statement('import', fc.record({ path: string })),
  statement('mode', fc.record({ name })),
  statement('group', fc.record({ name, members: fc.array(subject, { maxLength: 8 }) })),
  statement('role', fc.record({ name, parameters: fc.array(name, { maxLength: 2 }), permissions })),
  grant,
  rule,
  statement(
    'ruleset',
    fc
      .tuple(
        fc.record({
          name,
          combining,
          scopes: fc.array(fc.record({ actions: names, resource: pattern, span: fc.constant(span) }), {
            maxLength: 2,
          }),
        }),
        optional('default', fallback),
        fc.array(fc.oneof(rule, grant), { maxLength: 2 }),
      )
      .map(([found, value, rules]) => ({ ...found, ...value, rules })),
  ),
  statement(
    'namespace',
    fc.record({
      name,
      isClosed: fc.boolean(),
      members: fc.array(fc.oneof(action, superuser, resource), { maxLength: 3 }),
    }),
  ),
  action,
  statement(
    'route',
    fc.record({
      method: name,
      path: string,
      requirements: fc.array(fc.record({ action: name, resource: pattern, span: fc.constant(span) }), {
        maxLength: 3,
      }),
    }),
  ),
  statement('entity', fc.record({ id: pattern, attributes: object })),
  statement('test', fc.record({ title: string, cases: fc.array(testCase, { maxLength: 3 }) })),
);

export const arbitraryStatements: Arbitrary<readonly Statement[]> = fc.array(anyStatement, { maxLength: 6 });
