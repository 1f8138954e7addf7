import { compareModels } from '../analysis/compare-models.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { TextOf } from '../diagnostics/locate.ts';
import { sortDiagnostics } from '../diagnostics/sort.ts';
import type { Model } from '../model/model.ts';
import { loadTrees } from '../resolve/load-trees.ts';
import { resolve } from '../resolve/resolve.ts';
import { RuleMemory } from '../resolve/rule-memory.ts';
import { TreeMemory } from '../resolve/tree-memory.ts';
import type { Importer } from '../source/importer.ts';
import type { Source } from '../source/source.ts';
import type { CommentNode, CompactTree, Statement, SyntaxTree } from '../syntax/ast.ts';
import { expandTree } from '../syntax/plain-rule.ts';
import { defaultConfiguration, type LintConfiguration } from './configuration.ts';
import { effortOfProofs } from './effort.ts';
import { applyFixes, type Fixable } from './fixes/apply-fixes.ts';
import { keepHolding } from './fixes/prove-fixes.ts';
import { type LintReport, lint } from './lint.ts';
import { rules as allRules } from './registry.ts';
import type { LintRule } from './rule.ts';
import { catalogueName, type LintTarget } from './settings.ts';

export interface LintSourcesOptions {
  readonly importer: Importer;
  /** Of files that could not be read. */
  readonly diagnostics?: readonly Diagnostic[];
  /** Default: the rules that come with the linter. */
  readonly rules?: readonly LintRule[];
  readonly configuration?: LintConfiguration;
  /** `YYYY-MM-DD`: suppressions end by it. */
  readonly today: string;
  readonly onProgress?: (progress: LintProgress) => void;
}

/** How far a run is: files that are parsed, or the lint rule that is at work. */
export type LintProgress =
  | { readonly stage: 'parse'; readonly files: number }
  | { readonly stage: 'lint'; readonly rule: string };

/** Lints the sources and all that they import by a path. Never throws on account of a text. */
export function lintSources(sources: readonly Source[], options: LintSourcesOptions): LintReport {
  return new Linter(sources, options).lint();
}

/** Texts of files in place of those that they have, imported ones too. */
type Texts = ReadonlyMap<string, string>;

/** Lints a policy set again and again, as its texts are mended: what has not changed is not parsed again. */
export class Linter {
  readonly #sources: readonly Source[];
  readonly #options: LintSourcesOptions;
  readonly #trees = new TreeMemory();
  readonly #rules = new RuleMemory();

  constructor(sources: readonly Source[], options: LintSourcesOptions) {
    this.#sources = sources;
    this.#options = options;
  }

  lint(texts: Texts = new Map()): LintReport {
    const { diagnostics = [], rules = allRules, configuration = defaultConfiguration, today } = this.#options;
    const { onProgress } = this.#options;
    const set = this.#load(texts, onProgress && ((files) => onProgress({ stage: 'parse', files })));
    const effort = effortOfProofs(set.model);
    const textsOfFiles = new Map(set.trees.map((tree) => [tree.file, tree.text]));
    return lint({
      trees: set.trees.filter(({ file }) => !isShipped(file)).map((tree) => new ExpandedTree(tree)),
      model: set.model,
      diagnostics: sortDiagnostics([...diagnostics, ...set.diagnostics]),
      textOf: (file) => textsOfFiles.get(file),
      rules,
      configuration,
      today,
      rebuild: (changed) => this.#rebuild(new Map([...texts, ...changed])),
      compare: (before, after) => compareModels(before, after, { endsAtUndecided: true, effort }),
      effort,
      onRule: onProgress && ((rule) => onProgress({ stage: 'lint', rule })),
    });
  }

  /** Those of the fixes that, applied together, change no decision. They must not meet. */
  keepSafe<Item extends Fixable>(items: readonly Item[], texts: Texts, textOf: TextOf): readonly Item[] {
    const before = items.length === 0 ? undefined : this.#rebuild(texts);
    if (before === undefined) return [];
    const effort = effortOfProofs(before);
    return keepHolding(items, before.rules.length, (chosen) => {
      if (effort.isSpent) return false;
      const after = this.#rebuild(new Map([...texts, ...applyFixes(chosen, textOf)]));
      const options = { endsAtUndecided: true, effort };
      return after !== undefined && compareModels(before, after, options).kind === 'equal';
    });
  }

  /** Those of the fixes that, applied together, bring no error that was not there. They must not meet. */
  keepLoading<Item extends Fixable>(items: readonly Item[], texts: Texts, textOf: TextOf): readonly Item[] {
    if (items.length === 0) return [];
    const before = this.#load(texts);
    return keepHolding(items, before.model.rules.length, (chosen) => {
      const after = this.#load(new Map([...texts, ...applyFixes(chosen, textOf)]));
      return after.diagnostics.length <= before.diagnostics.length;
    });
  }

  #rebuild(texts: Texts): Model | undefined {
    const { model, diagnostics } = this.#load(texts);
    return diagnostics.some(({ severity }) => severity === 'error') ? undefined : model;
  }

  #load(texts: Texts, onFile?: (count: number) => void): LoadedSet {
    const replaced = this.#sources.map((source) => replaceText(source, texts));
    const importer = replacingImporter(this.#options.importer, texts);
    const options = { memory: this.#trees, onFile };
    const given = loadTrees(replaced, importer, options);
    const catalogue = catalogueFor(this.#options.configuration?.settings.target, given.trees);
    // Parsed files are remembered: the second time costs nothing.
    const loaded = catalogue === undefined ? given : loadTrees([...replaced, catalogue], importer, options);
    const { model, diagnostics } = resolve([...loaded.trees], { memory: this.#rules });
    return { trees: loaded.trees, model, diagnostics: [...loaded.diagnostics, ...diagnostics] };
  }
}

interface LoadedSet {
  readonly trees: readonly CompactTree[];
  readonly model: Model;
  readonly diagnostics: readonly Diagnostic[];
}

/** What imports the catalogue of the target, where no file of the set declares its namespace or imports one that does. */
function catalogueFor(target: LintTarget | undefined, trees: readonly CompactTree[]): Source | undefined {
  if (target === undefined) return undefined;
  const isDeclared = trees.some(({ statements }) =>
    statements.some((statement) => statement.kind === 'namespace' && statement.name.text === target.product),
  );
  if (isDeclared) return undefined;
  return { file: 'postern:target', text: `import "${catalogueName(target)}"\n` };
}

function replacingImporter(importer: Importer, texts: Texts): Importer {
  return {
    resolveImport(specifier, fromFile) {
      const result = importer.resolveImport(specifier, fromFile);
      return result.ok ? { ok: true, source: replaceText(result.source, texts) } : result;
    },
  };
}

function replaceText(source: Source, texts: Texts): Source {
  const text = texts.get(source.file);
  return text === undefined ? source : { file: source.file, text };
}

/** A name that no file of a user has. */
function isShipped(file: string): boolean {
  return file.startsWith('postern:');
}

/** A tree whose plain rules become nodes when somebody asks for them: an error, or no rule that is on, may leave them be. */
class ExpandedTree implements SyntaxTree {
  readonly file: string;
  readonly text: string;
  readonly comments: readonly CommentNode[];
  readonly #compact: CompactTree;
  #statements: readonly Statement[] | undefined;

  constructor(compact: CompactTree) {
    this.file = compact.file;
    this.text = compact.text;
    this.comments = compact.comments;
    this.#compact = compact;
  }

  get statements(): readonly Statement[] {
    this.#statements ??= expandTree(this.#compact).statements;
    return this.#statements;
  }
}
