import type { TestCase } from '../../index.ts';

export interface CaseFilters {
  readonly filter?: string;
  readonly file?: string;
  readonly mode?: string;
}

/** The cases that filters leave: by title, by file, and in `mode` all that name no other. */
export function selectCases(cases: readonly TestCase[], { filter, file, mode }: CaseFilters): TestCase[] {
  const hasTitle = matcherOf(filter);
  const isInFile = matcherOf(file);
  return cases.filter(
    (each) =>
      hasTitle(each.title) && isInFile(each.file) && (mode === undefined || (each.mode ?? mode) === mode),
  );
}

/** Whether a text contains another; with `*` or `?` in that, whether the whole text is like it. */
function matcherOf(wanted: string | undefined): (text: string) => boolean {
  if (wanted === undefined) return () => true;
  if (!/[*?]/.test(wanted)) return (text) => text.includes(wanted);
  const source = wanted
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const pattern = new RegExp(`^${source}$`, 's');
  return (text) => pattern.test(text);
}
