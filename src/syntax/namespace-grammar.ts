import type { IToken } from 'chevrotain';
import type {
  ActionStatement,
  EnforcementNode,
  NameNode,
  NamespaceStatement,
  ResourceNode,
  SuperuserNode,
  TemplateNode,
} from './ast.ts';
import { parseTemplate } from './parse-template.ts';
import { type ItemKind, spanOf } from './recovering-parser.ts';
import { type Decorations, RuleGrammar, undecorated } from './rule-grammar.ts';
import {
  Action,
  Actions,
  Annotation,
  Authenticated,
  Closed,
  Comma,
  Enforced,
  Id,
  Implies,
  InWord,
  LCurly,
  LParen,
  Name,
  Namespace,
  RCurly,
  Resource,
  RParen,
  Superuser,
} from './tokens.ts';

const memberTypes = new Set([Action, Superuser, Resource, Annotation]);
const namespaceItem: ItemKind = {
  expected: '`action`, `superuser` or `resource`',
  begins: (first) => memberTypes.has(first.tokenType),
};
const resourceItem: ItemKind = {
  expected: '`actions` or `enforced in`',
  begins: () => false,
  isEndedBy: (first) => first.tokenType !== Action && memberTypes.has(first.tokenType),
};

type Clauses = { actions?: readonly NameNode[]; enforcedIn?: readonly EnforcementNode[] };

/** Namespaces: actions and what they imply, superusers, resource templates. */
export abstract class NamespaceGrammar extends RuleGrammar {
  /** `[ "closed" ] "namespace" name "{" { action | superuser | resource } "}"` */
  protected readonly namespace = this.RULE(
    'namespace',
    (decorations: Decorations = undecorated): NamespaceStatement => {
      const start = this.LA(1).startOffset;
      const closed = this.OPTION(() => this.CONSUME(Closed));
      this.CONSUME(Namespace);
      this.refuseStatement('the name of the namespace');
      const name = this.nameOf(this.CONSUME(Name, { ERR_MSG: 'the name of the namespace' }));
      const open = this.CONSUME(LCurly);
      const members: NamespaceStatement['members'][number][] = [];
      const skip = (): void => this.skipItem(namespaceItem, open);
      do {
        this.MANY({
          GATE: () => !this.endsBlock(namespaceItem, open),
          DEF: () => {
            const member = this.recovering(() => this.SUBRULE(this.namespaceMember), skip);
            if (member !== undefined) members.push(member);
          },
        });
      } while (this.ACTION(() => this.skipToItem(namespaceItem, open)) === true);
      this.closeBlock(open);
      const isClosed = closed !== undefined;
      return { kind: 'namespace', ...decorations, name, isClosed, members, span: this.spanFrom(start) };
    },
  );

  protected readonly namespaceMember = this.RULE(
    'namespaceMember',
    (): ActionStatement | SuperuserNode | ResourceNode => {
      const decorations = this.SUBRULE(this.decorations);
      const ARGS: [Decorations] = [decorations];
      return this.OR({
        DEF: [
          { ALT: () => this.SUBRULE(this.action, { ARGS }) },
          { ALT: () => this.SUBRULE(this.superuser, { ARGS }) },
          { ALT: () => this.SUBRULE(this.resourceTemplate, { ARGS }) },
        ],
        ERR_MSG: namespaceItem.expected,
      });
    },
  );

  /** `"action" name "implies" names` */
  protected readonly action = this.RULE(
    'action',
    (decorations: Decorations = undecorated): ActionStatement => {
      const keyword = this.CONSUME(Action);
      this.refuseStatement('the name of an action');
      const name = this.nameOf(this.CONSUME(Name, { ERR_MSG: 'the name of an action' }));
      this.CONSUME(Implies);
      const implies = this.SUBRULE(this.names);
      return { kind: 'action', ...decorations, name, implies, span: this.spanFrom(keyword.startOffset) };
    },
  );

  /** `name { "," name } [ "," ]` */
  protected readonly names = this.RULE('names', (): NameNode[] => {
    const names = [this.nameOf(this.CONSUME(Name, { ERR_MSG: 'an action' }))];
    this.MANY({
      GATE: () => this.continuesNames(),
      DEF: () => {
        this.CONSUME(Comma);
        names.push(this.nameOf(this.CONSUME2(Name, { ERR_MSG: 'an action' })));
      },
    });
    this.OPTION(() => this.CONSUME2(Comma));
    return names;
  });

  /** Behind a trailing comma come a brace, another clause or statement. `enforced in` is no action's name. */
  private continuesNames(): boolean {
    const after = this.LA(2).tokenType;
    if (after === RCurly || after === Annotation) return false;
    if (after === Enforced && this.LA(3).tokenType === InWord) return false;
    if ((after === Resource || after === Superuser) && !this.endsName(3)) return false;
    return !this.isStatementStartAt(2);
  }

  /** Whether what stands at `LA(distance)` shows that the word before it was a name in a list. */
  private endsName(distance: number): boolean {
    const { tokenType } = this.LA(distance);
    return tokenType === Comma || tokenType === RCurly || tokenType === Enforced || tokenType === LParen;
  }

  protected readonly superuser = this.RULE(
    'superuser',
    (decorations: Decorations = undecorated): SuperuserNode => {
      const keyword = this.CONSUME(Superuser);
      const resource = this.SUBRULE(this.resourceId);
      return { kind: 'superuser', ...decorations, resource, span: this.spanFrom(keyword.startOffset) };
    },
  );

  /** `"resource" template "{" { "actions" names | "enforced" "in" modes } "}"`, each clause at most once */
  protected readonly resourceTemplate = this.RULE(
    'resourceTemplate',
    (decorations: Decorations = undecorated): ResourceNode => {
      const keyword = this.CONSUME(Resource);
      const token = this.CONSUME(Id, { ERR_MSG: 'a resource template' });
      const template = this.ACTION(() => this.templateOf(token));
      const open = this.CONSUME(LCurly);
      const clauses: Clauses = {};
      this.recovering(
        () => this.SUBRULE(this.clauses, { ARGS: [clauses] }),
        () => this.skipItem(resourceItem, open),
      );
      this.ACTION(() => this.skipToItem(resourceItem, open));
      this.closeBlock(open);
      return {
        kind: 'resource',
        ...decorations,
        template,
        ...clauses,
        span: this.spanFrom(keyword.startOffset),
      };
    },
  );

  private templateOf(token: IToken): TemplateNode {
    return { parts: parseTemplate(token.image, token.startOffset, this.report), span: spanOf(token) };
  }

  protected readonly clauses = this.RULE('clauses', (clauses: Clauses = {}): void => {
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const keyword = this.CONSUME(Actions);
            if (clauses.actions !== undefined) this.reportSecondClause(keyword);
            clauses.actions = this.SUBRULE(this.names);
          },
        },
        {
          ALT: () => {
            const keyword = this.CONSUME(Enforced);
            if (clauses.enforcedIn !== undefined) this.reportSecondClause(keyword);
            this.CONSUME(InWord);
            clauses.enforcedIn = this.SUBRULE(this.modes);
          },
        },
      ]);
    });
  });

  private reportSecondClause(keyword: IToken): void {
    if (this.RECORDING_PHASE) return;
    this.report({
      code: 'P0004',
      span: spanOf(keyword),
      message: `second \`${keyword.image}\` of one resource`,
      help: 'put both lists into one',
    });
  }

  /** `mode [ "(" "authenticated" ")" ] { "," … } [ "," ]` */
  protected readonly modes = this.RULE('modes', (): EnforcementNode[] => {
    const modes = [this.SUBRULE(this.enforcement)];
    this.MANY({
      GATE: () => this.LA(2).tokenType !== RCurly && !(this.LA(2).tokenType === Actions && !this.endsName(3)),
      DEF: () => {
        this.CONSUME(Comma);
        modes.push(this.SUBRULE2(this.enforcement));
      },
    });
    this.OPTION(() => this.CONSUME2(Comma));
    return modes;
  });

  protected readonly enforcement = this.RULE('enforcement', (): EnforcementNode => {
    const token = this.CONSUME(Name, { ERR_MSG: 'a mode' });
    const mode = this.nameOf(token);
    let authenticatedOnly = false;
    this.OPTION(() => {
      this.CONSUME(LParen);
      this.CONSUME(Authenticated);
      this.CONSUME(RParen);
      authenticatedOnly = true;
    });
    return { mode, authenticatedOnly, span: this.spanFrom(token.startOffset) };
  });
}
