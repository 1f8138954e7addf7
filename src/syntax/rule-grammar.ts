import { type IToken, MismatchedTokenException } from 'chevrotain';
import type {
  AnnotationNode,
  DefaultNode,
  GrantStatement,
  NameNode,
  PatternNode,
  PermissionNode,
  RoleStatement,
  RuleStatement,
  RulesetStatement,
  ScopeNode,
  StringNode,
  SubjectNode,
} from './ast.ts';
import { ExpressionGrammar } from './expression-grammar.ts';
import type { ItemKind } from './recovering-parser.ts';
import { spanOf } from './recovering-parser.ts';
import {
  Allow,
  Annotation,
  Anyone,
  Authenticated,
  Comma,
  Default,
  Deny,
  DenyOverrides,
  Effect,
  FirstApplicable,
  Grant,
  Id,
  LCurly,
  LParen,
  Name,
  None,
  On,
  RCurly,
  Role,
  RParen,
  Ruleset,
  Scope,
  StringLiteral,
  To,
} from './tokens.ts';

/** What stands before a statement or permission. */
export interface Decorations {
  readonly doc?: string;
  readonly annotations: readonly AnnotationNode[];
}

/** Shared by the many statements that nothing stands before. */
export const undecorated: Decorations = { annotations: [] };

/** A word, a keyword or a string: what may name an action. */
function isName(token: IToken): boolean {
  return token.tokenType === Name || (token.tokenType.CATEGORIES?.includes(Name) ?? false);
}

const permissionItem: ItemKind = {
  expected: 'a permission such as `read on …`',
  begins: (first, second) =>
    first.tokenType === Annotation ||
    (isName(first) && (second.tokenType === On || second.tokenType === Comma)),
};
const rulesetItems = new Set([Scope, Default, Allow, Deny, Grant, Annotation]);
const rulesetItem: ItemKind = {
  expected: '`scope`, `default`, `allow`, `deny` or `grant`',
  begins: (first) => rulesetItems.has(first.tokenType),
};

const expectSubject = { ERR_MSG: 'a subject such as `user:alice`' };
const expectAction = { ERR_MSG: 'an action' };
const expectResource = { ERR_MSG: 'a resource' };
const expectTo = { ERR_MSG: '`to` or `{`' };

/** Rules and what is made of them: permissions, roles, grants, rulesets. */
export abstract class RuleGrammar extends ExpressionGrammar {
  // -------------------------------------------------------------- decorations and lists

  /** `( "@" name [ "(" string ")" ] )*`, and the doc comment before. */
  protected readonly decorations = this.RULE('decorations', (): Decorations => {
    let doc = this.ACTION(() => this.takeDoc());
    const annotations: AnnotationNode[] = [];
    this.MANY(() => {
      annotations.push(this.SUBRULE(this.annotation));
      const more = this.ACTION(() => this.takeDoc());
      if (more !== undefined) doc = doc === undefined ? more : `${doc}\n${more}`;
    });
    if (doc !== undefined) return { doc, annotations };
    return annotations.length === 0 ? undecorated : { annotations };
  });

  protected readonly annotation = this.RULE('annotation', (): AnnotationNode => {
    const token = this.CONSUME(Annotation);
    const { start, end } = spanOf(token);
    const name: NameNode = { text: token.image.slice(1), span: { start: start + 1, end } };
    let value: StringNode | undefined;
    this.OPTION(() => {
      this.CONSUME(LParen);
      value = this.stringOf(this.CONSUME(StringLiteral));
      this.CONSUME(RParen);
    });
    const span = this.spanFrom(start);
    return value === undefined ? { name, span } : { name, value, span };
  });

  /** `subject { "," subject } [ "," ]` */
  protected readonly subjects = this.RULE('subjects', (): SubjectNode[] => {
    const subjects = [this.SUBRULE(this.subject)];
    this.MANY({
      GATE: () => this.continuesSubjects(),
      DEF: () => {
        this.CONSUME(Comma);
        subjects.push(this.SUBRULE2(this.subject));
      },
    });
    this.OPTION(() => this.CONSUME2(Comma));
    return subjects;
  });

  /** Behind a trailing comma come `to`, a block, a condition, or, in a grant, the next statement. */
  private continuesSubjects(): boolean {
    const after = this.LA(2);
    if (after.tokenType === To || after.tokenType === LCurly || after.tokenType === RCurly) return false;
    return !this.isStatementStartAt(2);
  }

  protected readonly subject = this.RULE('subject', (): SubjectNode => {
    this.refuseStatement(expectSubject.ERR_MSG);
    const token = this.CONSUME(Id, expectSubject);
    if (token.tokenType === Anyone) return { kind: 'anyone', span: spanOf(token) };
    if (token.tokenType === Authenticated) return { kind: 'authenticated', span: spanOf(token) };
    return this.patternOf(token);
  });

  protected readonly actions = this.RULE('actions', (): NameNode[] => {
    this.refuseStatement(expectAction.ERR_MSG);
    const actions = [this.nameOf(this.CONSUME(Name, expectAction))];
    this.MANY({
      GATE: () => this.LA(2).tokenType !== On,
      DEF: () => {
        this.CONSUME(Comma);
        actions.push(this.nameOf(this.CONSUME2(Name, expectAction)));
      },
    });
    this.OPTION(() => this.CONSUME2(Comma));
    return actions;
  });

  /** One token. A word with `on` behind it is none: it begins the next permission, and the resource was forgotten. */
  protected readonly resourceId = this.RULE('resourceId', (): PatternNode => {
    this.refuseStatement(expectResource.ERR_MSG);
    if (!this.RECORDING_PHASE && this.LA(2).tokenType === On && this.LA(1).tokenType !== StringLiteral) {
      throw new MismatchedTokenException(expectResource.ERR_MSG, this.LA(1), this.LA(0));
    }
    return this.patternOf(this.CONSUME(Id, expectResource));
  });

  protected patternOf(token: IToken): PatternNode {
    const parts = this.partsOf(token);
    // A plain id and its one part have one span: a million rules have two million of them.
    return { kind: 'pattern', parts, span: parts.length === 1 ? parts[0]!.span : spanOf(token) };
  }

  // -------------------------------------------------------------- rules

  /** `( "allow" | "deny" ) subjects ( "to" actions "on" id conditions | "{" permissions "}" )` */
  protected readonly rule = this.RULE('rule', (decorations: Decorations = undecorated): RuleStatement => {
    const effect = this.CONSUME(Effect);
    const subjects = this.SUBRULE(this.subjects);
    let form: RuleStatement['form'] = 'line';
    const permissions = this.OR({
      DEF: [
        { ALT: () => [this.SUBRULE(this.linePermission)] },
        {
          ALT: () => {
            form = 'block';
            return this.SUBRULE(this.permissions);
          },
        },
      ],
      ERR_MSG: expectTo.ERR_MSG,
    });
    return {
      kind: 'rule',
      effect: effect.tokenType === Allow ? 'allow' : 'deny',
      form,
      subjects,
      permissions,
      ...decorations,
      span: this.spanFrom(effect.startOffset),
    };
  });

  protected readonly linePermission = this.RULE('linePermission', (): PermissionNode => {
    this.CONSUME(To);
    return this.SUBRULE(this.permission);
  });

  /** `actions "on" id conditions` */
  protected readonly permission = this.RULE(
    'permission',
    (decorations: Decorations = undecorated): PermissionNode => {
      const start = this.LA(1).startOffset;
      const actions = this.SUBRULE(this.actions);
      this.CONSUME(On);
      const resource = this.SUBRULE(this.resourceId);
      const conditions = this.SUBRULE(this.conditions);
      return { ...decorations, actions, resource, ...conditions, span: this.spanFrom(start) };
    },
  );

  /** `"{" { decorations permission } "}"`: a mistake costs one permission and not the block. */
  protected readonly permissions = this.RULE('permissions', (): PermissionNode[] => {
    const permissions: PermissionNode[] = [];
    const open = this.CONSUME(LCurly);
    const skip = (): void => this.skipItem(permissionItem, open);
    do {
      this.MANY({
        GATE: () => !this.endsBlock(permissionItem, open),
        DEF: () => {
          const permission = this.recovering(() => this.SUBRULE(this.decoratedPermission), skip);
          if (permission !== undefined) permissions.push(permission);
        },
      });
    } while (this.ACTION(() => this.skipToItem(permissionItem, open)) === true);
    this.closeBlock(open);
    return permissions;
  });

  protected readonly decoratedPermission = this.RULE('decoratedPermission', (): PermissionNode => {
    const decorations = this.SUBRULE(this.decorations);
    return this.SUBRULE(this.permission, { ARGS: [decorations] });
  });

  // -------------------------------------------------------------- roles and grants

  /** `"role" name [ "(" names ")" ] permissions` */
  protected readonly role = this.RULE('role', (decorations: Decorations = undecorated): RoleStatement => {
    const keyword = this.CONSUME(Role);
    this.refuseStatement('the name of the role');
    const name = this.nameOf(this.CONSUME(Name, { ERR_MSG: 'the name of the role' }));
    const parameters: NameNode[] = [];
    this.OPTION(() => {
      this.CONSUME(LParen);
      this.OPTION2(() => {
        this.refuseStatement('the name of a parameter');
        parameters.push(this.nameOf(this.CONSUME2(Name)));
        this.MANY({
          GATE: () => this.LA(2).tokenType !== RParen,
          DEF: () => {
            this.CONSUME(Comma);
            this.refuseStatement('the name of a parameter');
            parameters.push(this.nameOf(this.CONSUME3(Name)));
          },
        });
        this.OPTION3(() => this.CONSUME2(Comma));
      });
      this.CONSUME(RParen, { ERR_MSG: '`,` or `)`' });
    });
    const permissions = this.SUBRULE(this.permissions);
    const span = this.spanFrom(keyword.startOffset);
    return { kind: 'role', ...decorations, name, parameters, permissions, span };
  });

  /** `"grant" name [ "(" ids ")" ] "to" subjects conditions` */
  protected readonly grant = this.RULE('grant', (decorations: Decorations = undecorated): GrantStatement => {
    const keyword = this.CONSUME(Grant);
    this.refuseStatement('the name of a role');
    const role = this.nameOf(this.CONSUME(Name, { ERR_MSG: 'the name of a role' }));
    const values: PatternNode[] = [];
    this.OPTION(() => {
      this.CONSUME(LParen);
      this.OPTION2(() => {
        this.refuseStatement('an argument');
        values.push(this.patternOf(this.CONSUME(Id)));
        this.MANY({
          GATE: () => this.LA(2).tokenType !== RParen,
          DEF: () => {
            this.CONSUME(Comma);
            this.refuseStatement('an argument');
            values.push(this.patternOf(this.CONSUME2(Id)));
          },
        });
        this.OPTION3(() => this.CONSUME2(Comma));
      });
      this.CONSUME(RParen, { ERR_MSG: '`,` or `)`' });
    });
    this.CONSUME(To);
    const subjects = this.SUBRULE(this.subjects);
    const conditions = this.SUBRULE(this.conditions);
    const span = this.spanFrom(keyword.startOffset);
    return { kind: 'grant', ...decorations, role, arguments: values, subjects, ...conditions, span };
  });

  // -------------------------------------------------------------- rulesets

  /** `"ruleset" name combining "{" { scope | default | rule | grant } "}"` */
  protected readonly ruleset = this.RULE(
    'ruleset',
    (decorations: Decorations = undecorated): RulesetStatement => {
      const keyword = this.CONSUME(Ruleset);
      this.refuseStatement('the name of the ruleset');
      const name = this.nameOf(this.CONSUME(Name, { ERR_MSG: 'the name of the ruleset' }));
      const combining = this.OR({
        DEF: [{ ALT: () => this.CONSUME(FirstApplicable) }, { ALT: () => this.CONSUME(DenyOverrides) }],
        ERR_MSG: '`first-applicable` or `deny-overrides`',
      });
      const body: RulesetBody = { scopes: [], rules: [], fallback: undefined };
      const open = this.CONSUME(LCurly);
      const skip = (): void => this.skipItem(rulesetItem, open);
      do {
        this.MANY({
          GATE: () => !this.endsBlock(rulesetItem, open),
          DEF: () => this.recovering(() => this.SUBRULE(this.rulesetItem, { ARGS: [body] }), skip),
        });
      } while (this.ACTION(() => this.skipToItem(rulesetItem, open)) === true);
      this.closeBlock(open);
      return {
        kind: 'ruleset',
        ...decorations,
        name,
        combining: combining.tokenType === FirstApplicable ? 'first-applicable' : 'deny-overrides',
        scopes: body.scopes,
        ...(body.fallback !== undefined ? { default: body.fallback } : {}),
        rules: body.rules,
        span: this.spanFrom(keyword.startOffset),
      };
    },
  );

  protected readonly rulesetItem = this.RULE('rulesetItem', (body: RulesetBody = emptyBody): void => {
    this.OR({
      DEF: [
        { ALT: () => body.scopes.push(this.SUBRULE(this.scope)) },
        {
          ALT: () => {
            const fallback = this.SUBRULE(this.fallback);
            if (body.fallback !== undefined) this.ACTION(() => this.reportSecondDefault(fallback));
            body.fallback = fallback;
          },
        },
        {
          ALT: () => {
            const decorations = this.SUBRULE(this.decorations);
            this.OR2({
              DEF: [
                { ALT: () => body.rules.push(this.SUBRULE(this.rule, { ARGS: [decorations] })) },
                { ALT: () => body.rules.push(this.SUBRULE(this.grant, { ARGS: [decorations] })) },
              ],
              ERR_MSG: 'a rule or a grant',
            });
          },
        },
      ],
      ERR_MSG: rulesetItem.expected,
    });
  });

  private reportSecondDefault(fallback: DefaultNode): void {
    this.report({
      code: 'P0004',
      span: fallback.span,
      message: 'second `default` in one ruleset',
      help: 'a ruleset has at most one default',
    });
  }

  protected readonly scope = this.RULE('scope', (): ScopeNode => {
    const keyword = this.CONSUME(Scope);
    const actions = this.SUBRULE(this.actions);
    this.CONSUME(On);
    const resource = this.SUBRULE(this.resourceId);
    return { actions, resource, span: this.spanFrom(keyword.startOffset) };
  });

  protected readonly fallback = this.RULE('fallback', (): DefaultNode => {
    const keyword = this.CONSUME(Default);
    const value = this.OR({
      DEF: [{ ALT: () => this.CONSUME(Effect) }, { ALT: () => this.CONSUME(None) }],
      ERR_MSG: '`allow`, `deny` or `none`',
    });
    return { value: value.image as DefaultNode['value'], span: this.spanFrom(keyword.startOffset) };
  });
}

interface RulesetBody {
  readonly scopes: ScopeNode[];
  readonly rules: (RuleStatement | GrantStatement)[];
  fallback: DefaultNode | undefined;
}

const emptyBody: RulesetBody = { scopes: [], rules: [], fallback: undefined };
