import type { IToken } from 'chevrotain';
import type {
  ActionStatement,
  EnforcementNode,
  EntityStatement,
  GroupStatement,
  ImportStatement,
  ModeStatement,
  NameNode,
  NamespaceStatement,
  RequirementNode,
  ResourceNode,
  RouteStatement,
  Statement,
  SubjectNode,
  SuperuserNode,
  TemplateNode,
  TestCaseNode,
  TestStatement,
} from './ast.ts';
import { parseTemplate } from './parse-template.ts';
import { type ItemKind, spanOf } from './recovering-parser.ts';
import { type Decorations, RuleGrammar } from './rule-grammar.ts';
import {
  Action,
  Actions,
  Allow,
  Annotation,
  Authenticated,
  Closed,
  Comma,
  Deny,
  Effect,
  Enforced,
  Entity,
  Group,
  Id,
  Implies,
  Import,
  InWord,
  LCurly,
  LParen,
  Mode,
  Name,
  Namespace,
  On,
  Open,
  RCurly,
  Requires,
  Resource,
  Route,
  RParen,
  StringLiteral,
  Superuser,
  Test,
  To,
  With,
} from './tokens.ts';

const undecorated: Decorations = { annotations: [] };
const memberTypes = new Set([Action, Superuser, Resource, Annotation]);
const namespaceItem: ItemKind = {
  expected: '`action`, `superuser` or `resource`',
  begins: (first) => memberTypes.has(first.tokenType),
};
const testItem: ItemKind = {
  expected: '`allow` or `deny`',
  begins: (first) => first.tokenType === Allow || first.tokenType === Deny,
};
const memberItem: ItemKind = { expected: '`,` or `}`', begins: () => false };
const resourceItem: ItemKind = {
  expected: '`actions` or `enforced in`',
  begins: () => false,
  isEndedBy: (first) => memberTypes.has(first.tokenType),
};

type Clauses = { actions?: readonly NameNode[]; enforcedIn?: readonly EnforcementNode[] };

/** The whole language: what may stand in a file. */
export class PolicyGrammar extends RuleGrammar {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  /** `{ statement }`: a mistake costs one statement and not the file. */
  readonly policy = this.RULE('policy', (): Statement[] => {
    const statements: Statement[] = [];
    do {
      this.MANY(() => {
        const statement = this.recovering(() => this.SUBRULE(this.statement), this.skipStatement);
        if (statement !== undefined) statements.push(statement);
      });
    } while (this.ACTION(() => this.skipToStatement()) === true);
    return statements;
  });

  protected readonly statement = this.RULE('statement', (): Statement => {
    const decorations = this.SUBRULE(this.decorations);
    const ARGS: [Decorations] = [decorations];
    return this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.rule, { ARGS }) },
        { ALT: () => this.SUBRULE(this.grant, { ARGS }) },
        { ALT: () => this.SUBRULE(this.group, { ARGS }) },
        { ALT: () => this.SUBRULE(this.role, { ARGS }) },
        { ALT: () => this.SUBRULE(this.import, { ARGS }) },
        { ALT: () => this.SUBRULE(this.mode, { ARGS }) },
        { ALT: () => this.SUBRULE(this.ruleset, { ARGS }) },
        { ALT: () => this.SUBRULE(this.namespace, { ARGS }) },
        { ALT: () => this.SUBRULE(this.action, { ARGS }) },
        { ALT: () => this.SUBRULE(this.route, { ARGS }) },
        { ALT: () => this.SUBRULE(this.entity, { ARGS }) },
        { ALT: () => this.SUBRULE(this.test, { ARGS }) },
      ],
      ERR_MSG: 'a statement',
    });
  });

  protected readonly import = this.RULE(
    'import',
    (decorations: Decorations = undecorated): ImportStatement => {
      const keyword = this.CONSUME(Import);
      const path = this.stringOf(this.CONSUME(StringLiteral, { ERR_MSG: 'a quoted path' }));
      return { kind: 'import', ...decorations, path, span: this.spanFrom(keyword.startOffset) };
    },
  );

  protected readonly mode = this.RULE('mode', (decorations: Decorations = undecorated): ModeStatement => {
    const keyword = this.CONSUME(Mode);
    const name = this.nameOf(this.CONSUME(Name, { ERR_MSG: 'the name of a mode' }));
    return { kind: 'mode', ...decorations, name, span: this.spanFrom(keyword.startOffset) };
  });

  /** `"group" name "{" [ subject { "," subject } [ "," ] ] "}"` */
  protected readonly group = this.RULE('group', (decorations: Decorations = undecorated): GroupStatement => {
    const keyword = this.CONSUME(Group);
    const name = this.nameOf(this.CONSUME(Name, { ERR_MSG: 'the name of the group' }));
    const open = this.CONSUME(LCurly);
    const members: SubjectNode[] = [];
    this.OPTION({
      GATE: () => !this.endsBlock(memberItem, open),
      DEF: () =>
        this.recovering(
          () => this.SUBRULE(this.members, { ARGS: [members] }),
          () => this.skipItem(memberItem, open),
        ),
    });
    this.ACTION(() => this.skipToItem(memberItem, open));
    this.closeBlock(open);
    return { kind: 'group', ...decorations, name, members, span: this.spanFrom(keyword.startOffset) };
  });

  /** Fills the list it is given, so that a mistake in the middle keeps what came before. */
  protected readonly members = this.RULE('members', (members: SubjectNode[] = []): void => {
    members.push(this.SUBRULE(this.subject));
    this.MANY({
      GATE: () => this.LA(2).tokenType !== RCurly && !this.isStatementStartAt(2),
      DEF: () => {
        this.CONSUME(Comma);
        members.push(this.SUBRULE2(this.subject));
      },
    });
    this.OPTION(() => this.CONSUME2(Comma));
  });

  // -------------------------------------------------------------- namespaces

  /** `[ "closed" ] "namespace" name "{" { action | superuser | resource } "}"` */
  protected readonly namespace = this.RULE(
    'namespace',
    (decorations: Decorations = undecorated): NamespaceStatement => {
      const start = this.LA(1).startOffset;
      const closed = this.OPTION(() => this.CONSUME(Closed));
      this.CONSUME(Namespace);
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

  // -------------------------------------------------------------- routes, entities, tests

  /** `"route" method path ( "open" | "requires" requirement { "," requirement } )` */
  protected readonly route = this.RULE('route', (decorations: Decorations = undecorated): RouteStatement => {
    const keyword = this.CONSUME(Route);
    const method = this.nameOf(this.CONSUME(Name, { ERR_MSG: '`any` or a method' }));
    const path = this.stringOf(this.CONSUME(StringLiteral, { ERR_MSG: 'a quoted path' }));
    const requirements = this.OR({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(Requires);
            return this.SUBRULE(this.requirements);
          },
        },
        {
          ALT: () => {
            this.CONSUME(Open);
            return [];
          },
        },
      ],
      ERR_MSG: '`requires` or `open`',
    });
    const span = this.spanFrom(keyword.startOffset);
    return { kind: 'route', ...decorations, method, path, requirements, span };
  });

  protected readonly requirements = this.RULE('requirements', (): RequirementNode[] => {
    const requirements = [this.SUBRULE(this.requirement)];
    this.MANY({
      GATE: () => this.LA(3).tokenType === On || !this.isStatementStartAt(2),
      DEF: () => {
        this.CONSUME(Comma);
        requirements.push(this.SUBRULE2(this.requirement));
      },
    });
    this.OPTION(() => this.CONSUME2(Comma));
    return requirements;
  });

  protected readonly requirement = this.RULE('requirement', (): RequirementNode => {
    const token = this.CONSUME(Name, { ERR_MSG: 'an action' });
    const action = this.nameOf(token);
    this.CONSUME(On);
    const resource = this.SUBRULE(this.resourceId);
    return { action, resource, span: this.spanFrom(token.startOffset) };
  });

  protected readonly entity = this.RULE(
    'entity',
    (decorations: Decorations = undecorated): EntityStatement => {
      const keyword = this.CONSUME(Entity);
      const id = this.patternOf(this.CONSUME(Id, { ERR_MSG: 'an id' }));
      const attributes = this.recovering(() => this.SUBRULE(this.object), this.skipObject);
      const span = this.spanFrom(keyword.startOffset);
      return { kind: 'entity', ...decorations, id, attributes: attributes ?? emptyObject(span), span };
    },
  );

  /** `"test" string "{" { case } "}"` */
  protected readonly test = this.RULE('test', (decorations: Decorations = undecorated): TestStatement => {
    const keyword = this.CONSUME(Test);
    const title = this.stringOf(this.CONSUME(StringLiteral, { ERR_MSG: 'a quoted title' }));
    const open = this.CONSUME(LCurly);
    const cases: TestCaseNode[] = [];
    const skip = (): void => this.skipItem(testItem, open);
    do {
      this.MANY({
        GATE: () => !this.endsBlock(testItem, open),
        DEF: () => {
          const found = this.recovering(() => this.SUBRULE(this.testCase), skip);
          if (found !== undefined) cases.push(found);
        },
      });
    } while (this.ACTION(() => this.skipToItem(testItem, open)) === true);
    this.closeBlock(open);
    return { kind: 'test', ...decorations, title, cases, span: this.spanFrom(keyword.startOffset) };
  });

  /** `( "allow" | "deny" ) subject "to" action "on" id [ "with" object ]` */
  protected readonly testCase = this.RULE('testCase', (): TestCaseNode => {
    const effect = this.CONSUME(Effect);
    const subject = this.SUBRULE(this.subject);
    this.CONSUME(To);
    const action = this.nameOf(this.CONSUME(Name, { ERR_MSG: 'an action' }));
    this.CONSUME(On);
    const resource = this.SUBRULE(this.resourceId);
    const attributes = this.OPTION(() => {
      this.CONSUME(With);
      return this.recovering(() => this.SUBRULE(this.object), this.skipObject);
    });
    return {
      expected: effect.tokenType === Allow ? 'allow' : 'deny',
      subject,
      action,
      resource,
      ...(attributes !== undefined ? { with: attributes } : {}),
      span: this.spanFrom(effect.startOffset),
    };
  });
}

function emptyObject(span: ReturnType<typeof spanOf>): EntityStatement['attributes'] {
  return { kind: 'object', entries: [], span };
}
