/**
 * Text that somebody is meant to replace: variables of a shell, of Windows and of templates, `<what-to-write>`, and the
 * `[…]` of a manual.
 */
const placeholderPattern =
  /\$\{[^}]*\}|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`|\$[A-Za-z_]\w*|\$[0-9@*#?$!]|\{\{[^{}]*\}\}|\{[A-Za-z_][\w.-]*\}|<[^<>\s](?:[^<>]*[^<>\s])?>|%(?![0-9A-Fa-f]{2}%)[A-Za-z_]\w*%|\[[^[\]]*\]/g;

/** The placeholders in a text, as written, each once. */
export function placeholdersIn(text: string): string[] {
  return [...new Set(text.match(placeholderPattern) ?? [])];
}

/** Units of a plane for private use: no id of a policy or of DC/OS has them, and none is a separator. */
const firstMark = 0xe000;
const marks = /[\ue000-\uf8ff]/g;

/**
 * A text whose placeholders are single units, so that what they hold is not taken for separators: `<group/name>` is one
 * value, whatever is written in it.
 */
export class MaskedText {
  readonly text: string;
  readonly #placeholders: string[] = [];

  constructor(text: string) {
    const limit = 0xf8ff - firstMark;
    this.text = text.replace(marks, '\ufffd').replace(placeholderPattern, (found) => {
      if (this.#placeholders.length >= limit) return found;
      this.#placeholders.push(found);
      return String.fromCharCode(firstMark + this.#placeholders.length - 1);
    });
  }

  /** A piece of the text, or one built of such pieces, with the placeholders as they were. */
  restore(piece: string): string {
    return piece.replace(marks, (mark) => this.#placeholders[mark.charCodeAt(0) - firstMark] ?? '');
  }

  /** The placeholder that a unit stands for, if it stands for one. */
  placeholderAt(unit: string | undefined): string | undefined {
    return unit === undefined ? undefined : this.#placeholders[unit.charCodeAt(0) - firstMark];
  }
}

/**
 * Whether a placeholder may stand for a text that begins or ends with a separator. A variable of a script may hold anything;
 * what a manual asks for is the bare name.
 */
export function mayHoldSeparators(placeholder: string): boolean {
  return /^[$`%{]/.test(placeholder);
}
