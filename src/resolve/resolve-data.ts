import type { AttributeObject, AttributeValue, Entity, PolicyTest, PolicyTestCase } from '../model/model.ts';
import { assertNever } from '../source/invariant.ts';
import type { DataNode, EntityStatement, ObjectNode, TestCaseNode, TestStatement } from '../syntax/ast.ts';
import { quoteSome } from './quote-some.ts';
import { resolveAction } from './resolve-namespaces.ts';
import { resolveLiteral } from './resolve-pattern.ts';
import type { Declarations, FileScope } from './scope.ts';

/** A known entity; its id may be a subject's or a resource's, and is held to the rules for resources. */
export function resolveEntity(node: EntityStatement, scope: FileScope, entities: Declarations<Entity>): void {
  const id = resolveLiteral(node.id, 'resource');
  const attributes = attributesOf(node.attributes, scope);
  if (!id.ok) {
    scope.report(id.finding);
    return;
  }
  const location = scope.locate(node.id.span);
  entities.declare(id.value, { id: id.value, attributes, location }, location, scope.report);
}

/** The requests of a `test` block with the answers it expects. */
export function resolveTest(node: TestStatement, scope: FileScope, modes: readonly string[]): PolicyTest {
  const cases = node.cases.flatMap((testCase) => {
    const resolved = resolveCase(testCase, scope, modes);
    return resolved === undefined ? [] : [resolved];
  });
  return { title: node.title.value, location: scope.locate(node.title.span), cases };
}

const WITH_KEYS = ['context', 'attributes', 'groups', 'mode'];

function resolveCase(
  node: TestCaseNode,
  scope: FileScope,
  modes: readonly string[],
): PolicyTestCase | undefined {
  const subject = resolveTestSubject(node, scope);
  const action = resolveAction(node.action, scope.report);
  const resource = resolveLiteral(node.resource, 'resource');
  if (!resource.ok) scope.report(resource.finding);
  if (subject === undefined || !resource.ok) return undefined;
  const extra = node.with === undefined ? {} : readWith(node.with, scope, modes);
  return {
    expected: node.expected,
    ...(subject === '' ? {} : { subject }),
    action,
    resource: resource.value,
    ...extra,
    location: scope.locate(node.span),
    line: scope.lineOf(node.span),
  };
}

/** The subject's id, the empty text for `anyone`, undefined for a mistake. */
function resolveTestSubject({ subject }: TestCaseNode, scope: FileScope): string | undefined {
  if (subject.kind === 'anyone') return '';
  if (subject.kind === 'authenticated') {
    scope.report({
      code: 'P1016',
      span: subject.span,
      message: 'a test asks for one subject',
      help: 'write such as `user:someone`, or `anyone` for a request without a subject',
    });
    return undefined;
  }
  const id = resolveLiteral(subject, 'subject');
  if (id.ok && id.value.startsWith('group:')) {
    scope.report({
      code: 'P1016',
      span: subject.span,
      message: 'a group cannot ask',
      help: 'write a member of it, or `with { groups: ["…"] }`',
    });
    return undefined;
  }
  if (id.ok) return id.value;
  scope.report(id.finding);
  return undefined;
}

function readWith(node: ObjectNode, scope: FileScope, modes: readonly string[]): Partial<PolicyTestCase> {
  const extra: { -readonly [K in keyof PolicyTestCase]?: PolicyTestCase[K] } = {};
  for (const { key, value } of uniqueEntries(node, scope)) {
    const invalid = (message: string, help: string): void =>
      scope.report({ code: 'P1016', span: value.span, message, help });
    if (key.text === 'context') {
      if (value.kind === 'object') extra.context = jsonOf(value, scope);
      else invalid('`context` is an object', 'write `{ name: value }`');
    } else if (key.text === 'attributes') {
      if (value.kind === 'object')
        extra.attributes = jsonOf(value, scope) as NonNullable<PolicyTestCase['attributes']>;
      else invalid('`attributes` is an object', 'write `{ subject: { … } }`');
    } else if (key.text === 'groups') {
      if (value.kind === 'list' && value.items.every((item) => item.kind === 'string')) {
        extra.groups = value.items.map((item) => (item as { value: string }).value);
      } else invalid('`groups` is a list of names in quotes', 'write `["ops"]`');
    } else if (key.text === 'mode') {
      if (value.kind === 'string' && modes.includes(value.value)) extra.mode = value.value;
      else
        invalid(
          'unknown mode',
          modes.length === 0 ? 'no `enforced in` names a mode' : `write one of ${quoteSome(modes, '"')}`,
        );
    } else {
      scope.report({
        code: 'P1016',
        span: key.span,
        message: `unknown key \`${key.text}\``,
        help: `write one of ${WITH_KEYS.map((name) => `\`${name}\``).join(', ')}`,
      });
    }
  }
  return extra;
}

function attributesOf(node: ObjectNode, scope: FileScope): AttributeObject {
  const attributes = new Map<string, AttributeValue>();
  for (const { key, value } of uniqueEntries(node, scope))
    attributes.set(key.text, attributeOf(value, scope));
  return attributes;
}

function attributeOf(node: DataNode, scope: FileScope): AttributeValue {
  switch (node.kind) {
    case 'string':
    case 'number':
    case 'boolean':
      return node.value;
    case 'null':
      return null;
    case 'list':
      return node.items.map((item) => attributeOf(item, scope));
    case 'object':
      return attributesOf(node, scope);
    default:
      return assertNever(node);
  }
}

/** Plain JSON data with own properties only: `__proto__` is an ordinary name. */
function jsonOf(node: DataNode, scope: FileScope): unknown {
  if (node.kind === 'object') {
    return Object.fromEntries(
      uniqueEntries(node, scope).map(({ key, value }) => [key.text, jsonOf(value, scope)]),
    );
  }
  if (node.kind === 'list') return node.items.map((item) => jsonOf(item, scope));
  return node.kind === 'null' ? null : node.value;
}

function uniqueEntries(node: ObjectNode, scope: FileScope): ObjectNode['entries'] {
  const seen = new Map<string, ObjectNode['entries'][number]>();
  for (const entry of node.entries) {
    const earlier = seen.get(entry.key.text);
    if (earlier === undefined) seen.set(entry.key.text, entry);
    else {
      scope.report({
        code: 'P1001',
        span: entry.key.span,
        message: `\`${entry.key.text}\` stands twice`,
        help: 'delete one of the two',
        related: [{ ...scope.locate(earlier.key.span), text: 'first given here' }],
      });
    }
  }
  return [...seen.values()];
}
