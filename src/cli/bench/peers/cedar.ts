import type { PathPattern } from '../model-types.ts';
import { renderCounted } from '../words.ts';
import { separatorText } from './pattern-text.ts';
import type { Peer, PeerAdapter, PeerInput } from './peer.ts';
import type { Grant } from './translate.ts';

interface Uid {
  readonly type: string;
  readonly id: string;
}
type Answer =
  | { readonly type: 'failure'; readonly errors: readonly { readonly message: string }[] }
  | { readonly type: 'success'; readonly response?: { readonly decision: 'allow' | 'deny' } };
interface Module {
  preparsePolicySet(
    name: string,
    policies: { readonly staticPolicies: Readonly<Record<string, object>> },
  ): Answer;
  statefulIsAuthorized(call: object): Answer;
}
/** Cedar's expressions as JSON. */
type Expression = object;

const policySetName = 'postern-bench';

/** Cedar compiled to WebAssembly, its policies parsed once; each request brings the two entities that it is about. */
export const cedar: PeerAdapter = {
  engine: 'cedar',
  package: '@cedar-policy/cedar-wasm',
  entry: '@cedar-policy/cedar-wasm/nodejs',
  create: async (exports, { translation, subjects, losses }: PeerInput): Promise<Peer> => {
    const { preparsePolicySet, statefulIsAuthorized } = exports as unknown as Module;
    const policies: Record<string, object> = {};
    for (const [index, grant] of translation.grants.entries()) {
      const policy = toPolicy(grant);
      if (policy === undefined)
        losses.add('patterns with `?`, with `**` before their end, or with `*` before `**`', grant.place);
      else policies[`p${index}`] = policy;
    }
    successOf(preparsePolicySet(policySetName, { staticPolicies: policies }));
    const principals = new Map(subjects.map((subject) => [subject, principalOf(subject, translation)]));
    return {
      size: renderCounted(Object.keys(policies).length, 'policy', 'policies'),
      isAllowed: (subject, action, resource) => {
        const principal = principals.get(subject)!;
        const uid = uidOf('Resource', resource);
        const answer = statefulIsAuthorized({
          principal: principal.uid,
          action: uidOf('Action', action),
          resource: uid,
          context: {},
          preparsedPolicySetId: policySetName,
          entities: [principal, { uid, attrs: { id: resource }, parents: [] }],
        });
        return successOf(answer).response?.decision === 'allow';
      },
    };
  },
};

function successOf(answer: Answer): Extract<Answer, { readonly type: 'success' }> {
  if (answer.type === 'success') return answer;
  throw new Error(answer.errors[0]?.message ?? 'no reason given');
}

function uidOf(type: string, id: string): Uid {
  return { type, id };
}

/** An anonymous request needs a principal, too: one that is of another type, and in no group. */
function principalOf(subject: string | undefined, { groupsOf }: PeerInput['translation']) {
  if (subject === undefined) return { uid: uidOf('Nobody', ''), attrs: {}, parents: [] };
  const parents = groupsOf(subject).map((name) => uidOf('Group', name));
  return { uid: uidOf('Subject', subject), attrs: {}, parents };
}

function toPolicy({ effect, grantee, actions, resource }: Grant): object | undefined {
  const conditions = resource.kind === 'pattern' ? conditionsOf(resource) : [];
  if (conditions === undefined) return undefined;
  return {
    effect: effect === 'allow' ? 'permit' : 'forbid',
    principal: principalScope(grantee),
    action: { op: 'in', entities: actions.map((action) => uidOf('Action', action)) },
    resource:
      resource.kind === 'literal' ? { op: '==', entity: uidOf('Resource', resource.id) } : { op: 'All' },
    conditions: conditions.map((body) => ({ kind: 'when', body })),
  };
}

function principalScope(grantee: Grant['grantee']): object {
  switch (grantee.kind) {
    case 'anyone':
      return { op: 'All' };
    case 'authenticated':
      return { op: 'is', entity_type: 'Subject' };
    case 'group':
      return { op: 'in', entity: uidOf('Group', grantee.name) };
    case 'subject':
      return { op: '==', entity: uidOf('Subject', grantee.id) };
  }
}

const resourceId: Expression = { '.': { left: { Var: 'resource' }, attr: 'id' } };

/**
 * Cedar's `*` stands for any run of characters, separators too. So `a/*` is: like `a/*`, and with one slash at most, because an id
 * that is like the pattern and has no separator more can have none where the star stands. Beneath a `**` separators cannot be
 * counted, and with a star before it the pattern cannot be said.
 */
function conditionsOf({ elements }: PathPattern): Expression[] | undefined {
  const last = elements.at(-1)!;
  const hasRest = last.kind === 'many';
  const fixed = hasRest ? elements.slice(0, -1) : elements;
  const pieces: LikePiece[] = [];
  let isAfterRoot = false;
  let hasStar = false;
  for (const element of fixed) {
    const before = isAfterRoot ? '' : separatorText(element);
    isAfterRoot = element.kind === 'root';
    if (element.kind === 'many' || element.kind === 'variable') return undefined;
    if (element.kind === 'root') pieces.push(literal(`${before}/`));
    else if (element.kind === 'literal') pieces.push(literal(before + element.text));
    else if (element.kind === 'one') pieces.push(literal(before), 'Wildcard');
    else {
      if (element.glob.some(({ kind }) => kind === 'unit')) return undefined;
      const parts = element.glob.map((part) => (part.kind === 'text' ? literal(part.text) : 'Wildcard'));
      pieces.push(literal(before), ...parts);
    }
    hasStar ||= element.kind === 'one' || element.kind === 'glob';
  }
  if (!hasRest)
    return [like(pieces), ...withoutMoreSeparators(pieces), ...withoutEmptySegment(fixed, pieces)];
  if (hasStar) return undefined;
  return restConditions(pieces, isAfterRoot || fixed.length === 0 ? '' : separatorText(last));
}

type LikePiece = 'Wildcard' | { readonly Literal: string };

function literal(text: string): LikePiece {
  return { Literal: text };
}

function like(pattern: readonly LikePiece[]): Expression {
  return { like: { left: resourceId, pattern } };
}

function withoutMoreSeparators(pieces: readonly LikePiece[]): Expression[] {
  const text = pieces.map((piece) => (piece === 'Wildcard' ? '' : piece.Literal)).join('');
  return [':', '/'].map((separator) => {
    const count = text.split(separator).length - 1;
    const more = Array.from({ length: count + 1 }, () => ['Wildcard', literal(separator)] as const).flat();
    return { '!': { arg: like([...more, 'Wildcard']) } };
  });
}

/** Cedar's star takes the empty text, too; only behind a root is there an id that ends so. */
function withoutEmptySegment(elements: PathPattern['elements'], pieces: readonly LikePiece[]): Expression[] {
  if (elements.at(-1)?.kind !== 'one' || elements.at(-2)?.kind !== 'root') return [];
  return [{ '!': { arg: like(pieces.slice(0, -1)) } }];
}

function restConditions(pieces: readonly LikePiece[], separator: string): Expression[] {
  if (separator === '') return [like([...pieces, 'Wildcard'])];
  return [{ '||': { left: like(pieces), right: like([...pieces, literal(separator), 'Wildcard']) } }];
}
