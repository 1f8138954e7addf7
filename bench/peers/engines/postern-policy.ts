import { readFileSync } from 'node:fs';
import { Authorizer, build, inspectImage, type Source } from '../../../src/index.ts';
import type { Figures } from '../engine.ts';
import type { Grant, Policy } from '../workload.ts';

const RULES_A_FILE = 100_000;

/**
 * Sections of an image that a decision never reads: names and places for explanations. Whatever else there is counts as the
 * decision index, so a section that is new to this list makes the index look larger, never smaller.
 */
const ONLY_FOR_EXPLANATIONS: readonly string[] = ['rules', 'roles', 'files', 'routes'];

export const posternVersion = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** From grants to an authorizer the way a user goes: policy text, image, load. */
export function loadPostern(policy: Policy): { authorizer: Authorizer; figures: Figures } {
  const sources = renderPolicy(policy);
  const started = performance.now();
  const result = build(sources);
  if (!result.ok) throw new Error(`the policy does not build: ${result.diagnostics[0]?.message}`);
  const compiled = performance.now();
  const authorizer = Authorizer.fromImage(result.image);
  const loadMs = performance.now() - compiled;
  const figures = {
    compileMs: compiled - started,
    loadMs,
    imageBytes: result.image.byteLength,
    decisionIndexBytes: decisionIndexBytesOf(result.image),
  };
  return { authorizer, figures };
}

function decisionIndexBytesOf(image: Uint8Array): number {
  const sections = Object.entries(inspectImage(image).sectionBytes);
  return sections.reduce(
    (sum, [name, bytes]) => (ONLY_FOR_EXPLANATIONS.includes(name) ? sum : sum + bytes),
    0,
  );
}

function renderPolicy({ grants, groups }: Policy): Source[] {
  const sources: Source[] = [{ file: 'groups.acl', text: [...groups].map(renderGroup).join('') }];
  for (let first = 0; first < grants.length; first += RULES_A_FILE)
    sources.push({
      file: `grants-${String(sources.length).padStart(3, '0')}.acl`,
      text: grants
        .slice(first, first + RULES_A_FILE)
        .map(renderGrant)
        .join(''),
    });
  return sources;
}

function renderGroup([group, members]: readonly [string, readonly string[]]): string {
  return `group ${group.slice('group:'.length)} { ${members.join(', ')} }\n`;
}

function renderGrant({ effect, grantee, action, resource, tail }: Grant): string {
  return `${effect} ${grantee} to ${action} on ${resource}${tail}\n`;
}
