import type { Span } from '../../source/span.ts';
import type { CommentNode } from '../../syntax/ast.ts';
import { defineRule } from '../rule.ts';
import { readNames } from '../rule-options.ts';

const defaultWords: readonly string[] = ['TODO', 'FIXME', 'XXX'];

export const todoComment = defineRule({
  id: 'todo-comment',
  summary: 'a comment that says the policy is not finished',
  category: 'style',
  presets: {},
  check: {
    of: 'tree',
    run({ tree, settings, report }) {
      const words = readNames(settings, 'todo-comment', 'words') ?? defaultWords;
      for (const comment of tree.comments) {
        for (const word of words) {
          const span = findWord(comment, word);
          if (span === undefined) continue;
          report({
            span,
            message: `a comment says \`${word}\``,
            help: 'do what it says, or write down where it is planned',
          });
          break;
        }
      }
    },
  },
});

/** The first place where the word stands by itself: `TODOs` and `METODO` are other words. */
function findWord({ text, span }: CommentNode, word: string): Span | undefined {
  if (word === '') return undefined;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const end = at + word.length;
    if (isWordUnit(text[at - 1]) || isWordUnit(text[end])) continue;
    return { start: span.start + at, end: span.start + end };
  }
  return undefined;
}

function isWordUnit(unit: string | undefined): boolean {
  return unit !== undefined && /[\p{L}\p{N}_-]/u.test(unit);
}
