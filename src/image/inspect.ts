import { type Image, type ImageSource, readImage, textAt } from './image.ts';
import {
  LAYOUT_VERSION,
  NAME_SIZE,
  NAMESPACE_SIZE,
  NONE,
  RULE_SIZE,
  RULESET_SIZE,
  SCALAR_ENTRY_COUNT,
  SCALAR_MODE,
  SCALAR_NODE_COUNT,
  SCALAR_SUBJECT_COUNT,
  SECTIONS,
  type SectionName,
} from './layout.ts';

/** What is in an image, for people. */
export interface ImageSummary {
  readonly layoutVersion: number;
  readonly revision: string;
  readonly sizeBytes: number;
  /** The mode that the policy set names. */
  readonly mode?: string;
  readonly modes: readonly string[];
  readonly namespaces: readonly string[];
  readonly files: readonly string[];
  readonly counts: {
    readonly rules: number;
    readonly rulesets: number;
    readonly subjects: number;
    readonly groups: number;
    readonly actions: number;
    readonly entities: number;
    readonly routes: number;
    readonly nodes: number;
    readonly entries: number;
  };
  readonly sectionBytes: Readonly<Record<SectionName, number>>;
}

/** @throws {ImageError} if the bytes are no sound image */
export function inspectImage(bytes: ImageSource): ImageSummary {
  const image = readImage(bytes);
  const modes = namesOf(image, image.modes, NAME_SIZE);
  const mode = image.scalars[SCALAR_MODE]!;
  return {
    layoutVersion: LAYOUT_VERSION,
    revision: image.revision,
    sizeBytes: image.sizeBytes,
    ...(mode === NONE ? {} : { mode: modes[mode]! }),
    modes,
    namespaces: namesOf(image, image.namespaces, NAMESPACE_SIZE),
    files: namesOf(image, image.files, NAME_SIZE),
    counts: {
      rules: image.rules.length / RULE_SIZE,
      rulesets: image.rulesets.length / RULESET_SIZE,
      subjects: image.scalars[SCALAR_SUBJECT_COUNT]!,
      groups: image.groups.length / NAME_SIZE,
      actions: image.actions.length / NAME_SIZE,
      entities: image.entities.length / NAME_SIZE,
      routes: image.routes.length / NAME_SIZE,
      nodes: image.scalars[SCALAR_NODE_COUNT]!,
      entries: image.scalars[SCALAR_ENTRY_COUNT]!,
    },
    sectionBytes: Object.fromEntries(SECTIONS.map((name) => [name, image[name].byteLength])) as Record<
      SectionName,
      number
    >,
  };
}

function namesOf(image: Image, rows: Int32Array, size: number): string[] {
  return Array.from({ length: rows.length / size }, (_, row) =>
    textAt(image, rows[row * size]!, rows[row * size + 1]!),
  );
}
