import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { assertNever } from '../../../source/invariant.ts';
import type { Source } from '../../../source/source.ts';
import type { Span } from '../../../source/span.ts';
import { type AclCommand, readCurl } from './curl-command.ts';
import { readDcosCommand } from './dcos-command.ts';
import {
  diagnosticOf,
  type Finding,
  type Grant,
  type GrantsReading,
  type Membership,
  type NamedAcl,
  subjectOf,
} from './grant.ts';
import { readShellWords, type ShellCommand, type ShellScript, type ShellWord } from './shell-words.ts';

/** What a command does, if it has to do with grants. */
export type CommandEffect =
  | { readonly kind: 'grant' | 'revoke'; readonly grant: Omit<Grant, 'file' | 'span'> }
  | AclCommand
  | { readonly kind: 'service-account'; readonly uid: string }
  | { readonly kind: 'member' | 'member-left'; readonly group: string; readonly user: string }
  /** Meant to be one of these, and cannot be. */
  | { readonly kind: 'fault'; readonly finding: Finding };

/**
 * Scripts, and command lines as people paste them: `dcos security org users|groups grant|revoke …`, and requests of `curl`
 * to the IAM API. All other commands are passed over. Nothing is run and no variable is filled in. Of a page in Markdown
 * the fenced blocks are read.
 */
export function readCommands({ file, text }: Source): GrantsReading {
  const code = /^[ \t]*```/m.test(text) ? blankOutsideFences(text) : text;
  const script = readShellWords(code);
  const collector = new Collector({ file, text: code });
  for (const command of script.commands) {
    const effect = readCommand(command);
    if (effect !== undefined) collector.add(command, effect);
  }
  return collector.finish(script);
}

/** The text with blanks in place of all that is not within fences, so that offsets stay. */
function blankOutsideFences(text: string): string {
  let isWithin = false;
  return text.replace(/[^\r\n]+/g, (line) => {
    const isFence = /^[ \t]*```/.test(line);
    if (isFence) isWithin = !isWithin;
    return isWithin && !isFence ? line : ' '.repeat(line.length);
  });
}

function readCommand(command: ShellCommand): CommandEffect | undefined {
  const [program, ...words] = programOf(command.words);
  if (program === undefined) return undefined;
  const name = baseName(program.text);
  if (name === 'dcos' || name === 'dcos.exe') return readDcosCommand(words, command.span);
  if (name === 'curl' || name === 'curl.exe') return readCurl(words, command.span);
  return undefined;
}

const wrappers = new Set(['sudo', 'time', 'exec', 'command', 'env', 'nohup', 'builtin']);
const reservedWords = new Set(['if', 'then', 'else', 'elif', 'while', 'until', 'do', '!', '{']);
/** `$`, `%`, `bash-4.2$`, `root@host:~#`, `[root@host ~]#`. */
const promptWord = /^(?:%|.*[$#])$/;

/** The words from the program on: behind prompts, assignments, reserved words and commands that run another. */
function programOf(words: readonly ShellWord[]): readonly ShellWord[] {
  let i = 0;
  for (; i < words.length; i++) {
    const { text } = words[i]!;
    if (promptWord.test(text) || reservedWords.has(text) || /^[A-Za-z_]\w*=/.test(text)) continue;
    // The first word of a prompt in brackets.
    if (text.startsWith('[') && promptWord.test(words[i + 1]?.text ?? '')) continue;
    if (!wrappers.has(baseName(text))) break;
    while (words[i + 1]?.text.startsWith('-')) i += /^-[ugh]$/.test(words[i + 1]!.text) ? 2 : 1;
  }
  return words.slice(i);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

// ---------------------------------------------------------------- the commands together

class Collector {
  readonly #file: string;
  readonly #text: string;
  readonly #grants: Grant[] = [];
  readonly #acls: NamedAcl[] = [];
  #memberships: readonly Membership[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  readonly #serviceAccounts = new Set<string>();
  readonly #read: Span[] = [];

  constructor({ file, text }: Source) {
    this.#file = file;
    this.#text = text;
  }

  add({ span }: ShellCommand, effect: CommandEffect): void {
    this.#read.push(span);
    const file = this.#file;
    switch (effect.kind) {
      case 'grant':
        this.#grants.push({ ...effect.grant, file, span });
        break;
      case 'revoke':
        this.#revoke({ ...effect.grant, file, span });
        break;
      case 'acl':
        this.#acls.push({ resource: effect.resource, file, span });
        break;
      case 'service-account':
        this.#serviceAccounts.add(effect.uid);
        break;
      case 'member':
        this.#memberships = [
          ...this.#withoutMember(effect),
          { group: effect.group, user: effect.user, file, span },
        ];
        break;
      case 'member-left':
        this.#leave(effect, span);
        break;
      case 'fault':
        this.#diagnostics.push({ ...withoutPart(effect.finding), file, span });
        break;
      default:
        assertNever(effect);
    }
  }

  /** Only what the same script granted before can be taken back here; a policy of grants alone takes nothing back. */
  #revoke(revoked: Grant): void {
    const isSame = (grant: Grant): boolean =>
      subjectOf(grant) === subjectOf(revoked) &&
      grant.resource === revoked.resource &&
      (grant.action === revoked.action || revoked.action === '');
    const before = this.#grants.filter(isSame);
    const what = `\`${revoked.action || 'everything'}\` on \`${revoked.resource}\``;
    if (before.length === 0) {
      const message = `a revocation cannot be imported: ${what} was not granted before`;
      const help = 'delete it, and see that no other source grants it';
      this.#diagnostics.push(diagnosticOf(revoked, { code: 'P4305', severity: 'error', message, help }));
      return;
    }
    const related = before.map(({ file, span }) => ({ file, span, text: 'granted' }));
    const message = `${what} is taken back here, so the grant before it is not imported`;
    const help = 'delete both';
    this.#diagnostics.push(
      diagnosticOf(revoked, { code: 'P4305', severity: 'warning', message, help, related }),
    );
    this.#grants.splice(0, Infinity, ...this.#grants.filter((grant) => !isSame(grant)));
  }

  /** As for a revocation: a member leaves if the same script brought it in. */
  #leave(left: Pick<Membership, 'group' | 'user'>, span: Span): void {
    const rest = this.#withoutMember(left);
    if (rest.length === this.#memberships.length) {
      const message = `\`${left.user}\` cannot be taken out of group \`${left.group}\`: no command before puts it in`;
      const help = 'delete it, and see that no other source names the member';
      this.#diagnostics.push({ code: 'P4305', severity: 'error', file: this.#file, span, message, help });
    }
    this.#memberships = rest;
  }

  #withoutMember({ group, user }: Pick<Membership, 'group' | 'user'>): readonly Membership[] {
    return this.#memberships.filter((member) => member.group !== group || member.user !== user);
  }

  finish({ skipped, unclosed }: ShellScript): GrantsReading {
    const diagnostics = [
      ...this.#diagnostics,
      ...this.#unreadGrants(skipped),
      ...unclosed.map((span): Diagnostic => {
        const message = 'a quote that nothing closes is taken for a character';
        return {
          code: 'P4307',
          severity: 'warning',
          file: this.#file,
          span,
          message,
          help: 'close it, or delete it',
        };
      }),
    ];
    const grants = this.#grants.map((grant) => this.#withKnownType(grant));
    return { grants, acls: this.#acls, memberships: this.#memberships, diagnostics };
  }

  #withKnownType(grant: Grant): Grant {
    const isService = grant.principalType === 'user' && this.#serviceAccounts.has(grant.principal);
    return isService ? { ...grant, principalType: 'service-account' } : grant;
  }

  /** Grants that stand in quotes or here-documents, for another shell to read. */
  #unreadGrants(skipped: readonly Span[]): Diagnostic[] {
    const found: Diagnostic[] = [];
    const comments = skipped.filter(({ start }) => this.#text[start] === '#');
    for (const match of this.#text.matchAll(
      /\bdcos security org (?:users|groups) (?:grant|revoke) (?!--help|-h\b)/g,
    )) {
      const span = { start: match.index, end: match.index + match[0].trimEnd().length };
      if (isWithin(this.#read, span.start) || isWithin(comments, span.start)) continue;
      found.push({
        code: 'P4307',
        severity: 'warning',
        file: this.#file,
        span,
        message: 'a grant in quoted text or a here-document is not imported',
        help: 'write it as a command of its own',
      });
    }
    return found;
  }
}

/** @param spans  in the order of the text, none in another */
function isWithin(spans: readonly Span[], offset: number): boolean {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (spans[middle]!.end <= offset) low = middle + 1;
    else high = middle;
  }
  const span = spans[low];
  return span !== undefined && span.start <= offset;
}

function withoutPart({ at: _, ...finding }: Finding): Omit<Finding, 'at'> {
  return finding;
}
