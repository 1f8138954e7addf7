import { readFileSync } from 'node:fs';
import { RuntimeAuthorizer } from '../../src/evaluate/authorizer.ts';
import { createShippedImporter } from '../../src/files/importer.ts';
import { build, PolicyError } from '../../src/index.ts';
import { resourceKinds } from '../../src/interop/mesos/lists.ts';
import { MesosNames } from '../../src/interop/mesos/names.ts';
import { exportMesosAcls, importMesosAcls } from '../../src/mesos-policies.ts';
import { parse } from '../../src/syntax/parser.ts';
import { printTree } from '../../src/syntax/print.ts';
import type { Random } from './generators-random.ts';
import { randomAcls } from './mesos-generators.ts';
import { authorized, loadAcls, type MesosMessage, type ReferenceAcls } from './mesos-reference.ts';

// Documents turned into policies and back. What comes out is compared with what went in by putting every kind of question
// to both, each as a request that a daemon could make, judged by the reference. Which kinds there are is found here from
// the values alone, by other means than where translations are proved.

interface Step {
  readonly when: string;
  readonly value?: string;
}

interface Tables {
  readonly actions: readonly {
    readonly action: string;
    readonly acl: string | readonly string[] | null;
    readonly lists?: { readonly parent: string; readonly child: string };
    readonly steps: readonly Step[];
    readonly childSteps?: readonly Step[];
    readonly objectMustHave?: readonly string[];
  }[];
  readonly acls: readonly {
    readonly list: string;
    readonly objectField: string;
    readonly hierarchicalRoles: boolean;
  }[];
}

const TABLES: Tables = JSON.parse(
  readFileSync(new URL('../fixtures/mesos/actions.json', import.meta.url), 'utf8'),
);

/** What a list can be asked; `null` is ANY. */
export interface ListQuestion {
  readonly list: string;
  readonly principal: string | null;
  readonly object: string | null;
}

// ---------------------------------------------------------------- one list by itself

/** How a list is asked: by which action, and at which place of the object the value stands. */
interface Way {
  readonly action: string;
  /** Absent where nothing but ANY is ever asked. */
  readonly path?: string;
  readonly mustHave: readonly string[];
  /** The list that has its say beside this one. */
  readonly parent?: string;
}

const WAYS = new Map(TABLES.acls.map(({ list }) => [list, wayTo(list)]));
const ROLE_LISTS = new Set(TABLES.acls.filter((table) => table.hierarchicalRoles).map(({ list }) => list));

function wayTo(list: string): Way {
  // Of the two actions that share a list the later one reads `value`.
  const table = TABLES.actions.findLast(({ acl }) => [acl].flat().includes(list))!;
  const isChild = table.lists?.child === list;
  const steps = isChild ? table.childSteps! : table.steps;
  const step = steps.find(({ when }) => when === 'value') ?? steps[0];
  return {
    action: table.action,
    mustHave: (table.objectMustHave ?? []).map((need) => need.split(' or ')[0]!),
    ...(step === undefined ? {} : { path: step.value ?? step.when }),
    ...(isChild ? { parent: table.lists!.parent } : {}),
  };
}

/** What the reference says to a question. The list beside it, if there is one, allows everything meanwhile. */
export function askList(acls: ReferenceAcls, { list, principal, object }: ListQuestion): boolean {
  const way = WAYS.get(list)!;
  const everything = { type: 'ANY', values: [] } as const;
  const asked =
    way.parent === undefined
      ? acls
      : {
          ...acls,
          lists: new Map(acls.lists).set(way.parent, [{ principals: everything, object: everything }]),
        };
  const request = {
    action: way.action,
    subject: principal === null ? null : { value: principal },
    object: objectOf(way, object),
  };
  const verdict = authorized(asked, request);
  if (verdict === 'error') throw new Error(`not to be asked: ${JSON.stringify(request)}`);
  return verdict;
}

/** ANY is asked without an object, but of the second list of a launch, which has a say only if there is a command. */
function objectOf({ path, mustHave, parent }: Way, value: string | null): MesosMessage | null {
  if (value === null) return parent === undefined ? null : { value: '', command_info: {} };
  if (path === undefined) return { value };
  const object: Record<string, unknown> = Object.fromEntries(mustHave.map((field) => [field, {}]));
  // Something that counts as set, where a command alone does not.
  if (parent !== undefined) object.value = '';
  const fields = path.split('.');
  const last = fields.pop()!;
  let message = object;
  for (const field of fields) {
    const inner: Record<string, unknown> = {};
    message[field] = inner;
    message = inner;
  }
  message[last] = value;
  return object;
}

// ---------------------------------------------------------------- every kind of question

/** No document of the generators speaks of it. */
const FRESH = 'nobody-lists-this';

/** One question of every kind that documents can tell apart: all 54 lists with all that any of the documents lists there. */
export function questionsOf(...documents: readonly ReferenceAcls[]): ListQuestion[] {
  return TABLES.acls.flatMap(({ list }) => {
    const rules = documents.flatMap((acls) => acls.lists.get(list) ?? []);
    const principals = new Set([null, FRESH, ...rules.flatMap((rule) => rule.principals.values)]);
    const values = rules.flatMap((rule) => rule.object.values);
    const objects = new Set([null, FRESH, ...values]);
    if (ROLE_LISTS.has(list))
      for (const value of values) for (const near of rolesNear(value)) objects.add(near);
    return [...principals].flatMap((principal) =>
      [...objects].map((object): ListQuestion => ({ list, principal, object })),
    );
  });
}

/** Below a recursive value, and at the two roles above that which it might be taken for. */
function rolesNear(value: string): string[] {
  if (!value.endsWith('/%')) return [];
  const prefix = value.slice(0, -1);
  return [`${prefix}${FRESH}`, prefix, prefix.slice(0, -1)];
}

/** A question to which the documents give different answers. */
export function findDifference(a: ReferenceAcls, b: ReferenceAcls): ListQuestion | undefined {
  return questionsOf(a, b).find((question) => askList(a, question) !== askList(b, question));
}

// ---------------------------------------------------------------- there and back

/** What became of the documents. */
export interface RoundTripShares {
  documents: number;
  /** Mesos refuses them. */
  faulty: number;
  /** There and back, and the same. */
  same: number;
  questions: number;
  allowed: number;
  /** Translations that were refused, by code and message without the names in it. */
  readonly refusals: Map<string, number>;
}

export function emptyRoundTripShares(): RoundTripShares {
  return { documents: 0, faulty: 0, same: 0, questions: 0, allowed: 0, refusals: new Map() };
}

const importer = createShippedImporter();

/**
 * Imports a random document and exports it again.
 *
 * @returns what is wrong with that, as text to read; undefined if nothing is
 */
export function roundTripOnce(random: Random, shares: RoundTripShares): string | undefined {
  const text = randomAcls(random);
  shares.documents++;
  try {
    const fault = roundTrip(text, shares);
    return fault === undefined ? undefined : `${fault}\n  ${text}`;
  } catch (error) {
    return `${error}\n  ${text}`;
  }
}

function roundTrip(text: string, shares: RoundTripShares): string | undefined {
  const original = loadOrUndefined(() => loadAcls(text));
  if (original === undefined) {
    shares.faulty++;
    return isRefused(text) ? undefined : 'a document that Mesos refuses is imported';
  }
  const imported = importMesosAcls({ file: 'acls.json', text });
  if (!imported.ok) return countRefusal(shares, imported.diagnostics[0]!);
  if (printTree(parse({ file: 'a.acl', text: imported.text }).tree) !== imported.text) {
    return `the imported text is not in canonical layout:\n${imported.text}`;
  }
  const built = build([{ file: 'a.acl', text: imported.text }], { importer });
  if (!built.ok) return `the imported text does not build:\n${imported.text}`;
  const exported = exportMesosAcls(built.model, built.image);
  if (!exported.ok) return countRefusal(shares, exported.diagnostics[0]!);
  const returned = loadAcls(exported.text);
  const policy = new RuntimeAuthorizer(built.image);
  for (const question of questionsOf(original, returned)) {
    shares.questions++;
    const expected = askList(original, question);
    if (expected) shares.allowed++;
    if (askPolicy(policy, question) !== expected) {
      return `the policy decides otherwise: ${JSON.stringify(question)}\n${imported.text}`;
    }
    if (askList(returned, question) !== expected) {
      return `what is exported decides otherwise: ${JSON.stringify(question)}\n${exported.text}`;
    }
  }
  shares.same++;
  return undefined;
}

function countRefusal(
  shares: RoundTripShares,
  { code, message }: { code: string; message: string },
): undefined {
  const reason = `${code} ${message.replaceAll(/`[^`]*`/g, '`…`')}`;
  shares.refusals.set(reason, (shares.refusals.get(reason) ?? 0) + 1);
}

function isRefused(text: string): boolean {
  try {
    importMesosAcls({ file: 'acls.json', text });
    return false;
  } catch (error) {
    if (error instanceof PolicyError) return true;
    throw error;
  }
}

function loadOrUndefined<T>(load: () => T): T | undefined {
  try {
    return load();
  } catch {
    return undefined;
  }
}

const names = new MesosNames({ permissive: true, lists: new Map() });
const KINDS: Readonly<Record<string, string>> = resourceKinds;
const FIELDS = new Map(TABLES.acls.map(({ list, objectField }) => [list, objectField]));

/** The question as a policy is asked it, by the names that need no document. */
export function policyRequest({ list, principal, object }: ListQuestion): {
  readonly subject?: string;
  readonly action: string;
  readonly resource: string;
} {
  const field = FIELDS.get(list)! as keyof typeof resourceKinds;
  const isValueAsked = object !== null && WAYS.get(list)!.path !== undefined;
  return {
    ...(principal === null ? {} : { subject: names.principal(principal) }),
    action: list,
    resource: isValueAsked ? names.resource(field, object) : `mesos:${KINDS[field]}`,
  };
}

function askPolicy(policy: RuntimeAuthorizer, question: ListQuestion): boolean {
  const { subject, action, resource } = policyRequest(question);
  return policy.isAllowed(subject, action, resource);
}
