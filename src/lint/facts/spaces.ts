import type { PatternElement, ResourcePattern, SubjectPattern } from '../../model/model.ts';
import { elementsOf, elementsOfId } from '../../model/template-variants.ts';
import { secretsPrefix, servicePattern } from '../knowledge/dcos.ts';

// Spaces of DC/OS: which services may be given which secrets. Paths alone decide.

/** Segments up to the first that is no plain text, which may be anything. */
export interface LiteralPath {
  readonly segments: readonly string[];
  readonly isWhole: boolean;
}

export function literalPath(elements: readonly PatternElement[]): LiteralPath {
  const end = elements.findIndex(({ kind }) => kind !== 'literal');
  const literals = end < 0 ? elements : elements.slice(0, end);
  return {
    segments: literals.map((element) => (element.kind === 'literal' ? element.text : '')),
    isWhole: end < 0,
  };
}

/** The path of `service:/…`, behind its root. */
export function serviceElements(subject: SubjectPattern): readonly PatternElement[] | undefined {
  if (subject.kind !== 'subject' && subject.kind !== 'pattern') return undefined;
  if (subject.kind === 'subject' && !/^service:\/[^/]/.test(subject.id)) return undefined;
  const elements = subject.kind === 'subject' ? elementsOfId(subject.id) : subject.elements;
  const [type, root] = elements;
  return type?.kind === 'literal' && type.text === 'service' && root?.kind === 'root'
    ? elements.slice(2)
    : undefined;
}

const secretHead = elementsOfId(secretsPrefix);

/** The path of a secret, its name last. */
export function secretPath(resource: ResourcePattern): readonly PatternElement[] | undefined {
  if (resource.kind === 'literal' && !resource.id.startsWith(secretsPrefix)) return undefined;
  const elements = elementsOf(resource);
  const isSecret =
    elements.length > secretHead.length &&
    secretHead.every((element, i) => {
      const other = elements[i]!;
      return element.kind === 'literal'
        ? other.kind === 'literal' && other.text === element.text
        : other.kind === 'root';
    });
  return isSecret ? elements.slice(secretHead.length) : undefined;
}

/** A service reads what lies on its own path or above: as far as both are known, they must be one. */
export function mayReach(service: LiteralPath, folder: LiteralPath): boolean {
  const length = Math.min(service.segments.length, folder.segments.length);
  for (let i = 0; i < length; i++) if (service.segments[i] !== folder.segments[i]) return false;
  return !service.isWhole || folder.segments.length <= service.segments.length;
}

/** Whether every service that is meant lies at or beneath the folder of every secret that is. */
export function isCertain(
  service: LiteralPath,
  folder: LiteralPath,
  serviceLength: number,
  length: number,
): boolean {
  return (
    folder.isWhole &&
    serviceLength >= length &&
    service.segments.length >= length &&
    folder.segments.every((segment, i) => segment === service.segments[i])
  );
}

/** The path that services are granted on; a pattern counts up to its first wildcard. */
export function servicePath(resource: ResourcePattern): readonly string[] | undefined {
  if (resource.kind === 'literal' && !resource.id.startsWith('dcos:')) return undefined;
  const elements = elementsOf(resource);
  const root = elements.findIndex(({ kind }) => kind === 'root');
  if (root < 0) return undefined;
  const { segments } = literalPath(elements.slice(0, root));
  return segments.length === root && servicePattern.test(segments.join(':'))
    ? literalPath(elements.slice(root + 1)).segments
    : undefined;
}

/** Whether one path is the other or above it: some service there can read some secret there. */
export function areInLine(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).every((segment, i) => segment === b[i]);
}
