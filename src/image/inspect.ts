import { type Image, readImage, textAt } from './image.ts';
import {
  ENTRY,
  LAYOUT_VERSION,
  NAME,
  NAMESPACE,
  NODE,
  NONE,
  RULE,
  RULESET,
  SCALAR,
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
export function inspectImage(bytes: Uint8Array | ArrayBufferLike): ImageSummary {
  const image = readImage(bytes);
  const modes = namesOf(image, image.modes, NAME.size);
  const mode = image.scalars[SCALAR.mode]!;
  return {
    layoutVersion: LAYOUT_VERSION,
    revision: image.revision,
    sizeBytes: image.sizeBytes,
    ...(mode === NONE ? {} : { mode: modes[mode]! }),
    modes,
    namespaces: namesOf(image, image.namespaces, NAMESPACE.size),
    files: namesOf(image, image.files, NAME.size),
    counts: {
      rules: image.rules.length / RULE.size,
      rulesets: image.rulesets.length / RULESET.size,
      subjects: image.subjects.length / NAME.size,
      groups: image.groups.length / NAME.size,
      actions: image.actions.length / NAME.size,
      entities: image.entities.length / NAME.size,
      routes: image.routes.length / NAME.size,
      nodes: image.nodes.length / NODE.size,
      entries: image.entries.length / ENTRY.size,
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
