import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { AclEntity, AclEntry, Acls, EntityType } from '../acls.ts';
import { isForEverything, type ListProgram, type ListStep, mergeSteps, type Side } from '../list-program.ts';
import { synthesizeSteps } from './synthesize.ts';

/** A document, or what it cannot say. */
export type WrittenAcls =
  | { readonly ok: true; readonly acls: Acls }
  | { readonly ok: false; readonly refusals: readonly Diagnostic[] };

/**
 * ACLs that decide as the programs do. An entry can deny a principal everything, or everybody an object, and no more; a
 * list with another denial is put together anew from its verdicts, and refused if no list can give them.
 */
export function writeAcls(programs: readonly ListProgram[]): WrittenAcls {
  const refusals: Diagnostic[] = [];
  const allowing = programs.filter((program) => verdictOnTheRest(program) === 'allow').length;
  const permissive = allowing > programs.length - allowing;
  const lists = new Map<string, readonly AclEntry[]>();
  for (const program of programs) {
    const result = expressibleSteps(program);
    if ('refusal' in result) refusals.push(result.refusal);
    else {
      const steps = withFallback(mergeSteps(result.steps), program.fallback, permissive);
      if (steps.length > 0) lists.set(program.list.name, entriesOf(steps, program));
    }
  }
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, acls: { permissive, lists } };
}

/** What `permissive` would have to say for the list: a list of one step that always applies needs no entry for it. */
function verdictOnTheRest({ steps, fallback }: ListProgram): 'allow' | 'deny' {
  const [only, ...others] = steps;
  return only !== undefined && others.length === 0 && isForEverything(only) ? only.effect : fallback;
}

/** The same document as JSON text, an entry a line. */
export function printAcls({ permissive, lists }: Acls, programs: readonly ListProgram[]): string {
  const members = [`  "permissive": ${permissive}`];
  for (const { list } of programs) {
    const entries = lists.get(list.name);
    if (entries === undefined) continue;
    const lines = entries.map(
      ({ principals, object }) =>
        `    {"principals": ${printEntity(principals)}, "${list.objectField}": ${printEntity(object)}}`,
    );
    members.push(`  "${list.name}": [\n${lines.join(',\n')}\n  ]`);
  }
  return `{\n${members.join(',\n')}\n}\n`;
}

function printEntity({ type, values }: AclEntity): string {
  if (type !== 'SOME') return `{"type": "${type}"}`;
  return `{"values": [${values.map(printValue).join(', ')}]}`;
}

/** What does not print is escaped, so that nothing in the text looks like something else. */
function printValue(value: string): string {
  return JSON.stringify(value).replace(
    /[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    (character) =>
      character
        .split('')
        .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join(''),
  );
}

type Expressible = { readonly steps: readonly ListStep[] } | { readonly refusal: Diagnostic };

function expressibleSteps(program: ListProgram): Expressible {
  const odd = program.steps.find((step) => !isExpressible(step));
  if (odd === undefined) return program;
  const synthesized = synthesizeSteps(program);
  if (synthesized.ok) return synthesized;
  const { rule } = odd;
  const { file, span } = rule!.location;
  const name = rule!.id === undefined ? `at ${file}:${rule!.line}` : `\`${rule!.id}\``;
  return {
    refusal: {
      code: 'P4201',
      severity: 'error',
      file,
      span,
      message: `rule ${name} denies some principals some of \`${program.list.name}\`: ${synthesized.reason}`,
      help: 'an entry of ACLs denies a principal everything, or everybody a value: deny one of these',
    },
  };
}

/** NONE on one side denies all of the other, so a denial of some to some has no entry. */
function isExpressible({ effect, principals, objects }: ListStep): boolean {
  return effect === 'allow' || principals === 'any' || objects === 'any';
}

/** `permissive` is one for all lists: a list that ends otherwise gets an entry that says so. */
function withFallback(
  steps: readonly ListStep[],
  fallback: 'allow' | 'deny',
  permissive: boolean,
): readonly ListStep[] {
  const end = steps.findIndex(isForEverything);
  const isSaid = (effect: 'allow' | 'deny'): boolean => permissive === (effect === 'allow');
  if (end === 0 && isSaid(steps[0]!.effect)) return [];
  if (end >= 0) return steps.slice(0, end + 1);
  return isSaid(fallback) ? steps : [...steps, { effect: fallback, principals: 'any', objects: 'any' }];
}

function entriesOf(steps: readonly ListStep[], { list }: ListProgram): AclEntry[] {
  return steps.map(({ effect, principals, objects }, index) => {
    const isDenial = effect === 'deny';
    return {
      list: list.name,
      index,
      pointer: `/${list.name}/${index}`,
      principals: entityOf(principals, isDenial && objects !== 'any' ? 'NONE' : 'ANY'),
      object: entityOf(objects, isDenial ? 'NONE' : 'ANY'),
    };
  });
}

function entityOf(side: Side, type: EntityType): AclEntity {
  return side === 'any' ? { type, values: [] } : { type: 'SOME', values: side };
}
