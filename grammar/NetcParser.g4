// Grammar of netc. It says what is a sentence; what is legal (names, types,
// verdicts, hooks) is the checker's. The words that hooks give to the language
// (verdicts, effects, fields) are plain identifiers here: hooks are data.
//
// One token chooses every alternative, but in what a test expects: keep it so. ANTLR then generates plain switches; its prediction, which
// handles the rest, was four fifths of a parse's time. What the grammar gives away
// for that is refused by the tree builder. A comma before a closing bracket is
// allowed everywhere and hidden by the pass over the tokens.
parser grammar NetcParser;
options { tokenVocab = NetcLexer; }

// The parser's driver reads the unit and then item by item, so that an error in
// one item can't spread to the next; this rule says what it does.
file: unit item* EOF;

unit
  : PIPELINE ident SEMI  # pipelineUnit
  | MODULE path SEMI     # moduleUnit
  ;

item
  : IMPORT path ((AS ident)? SEMI | STRING LBRACE cFunction* RBRACE)      # importItem
  | KERNEL INT DOT INT SEMI                                               # kernelItem
  | PARAM param SEMI                                                      # paramItem
  | CONST (PARAM param | ID (COLON type)? ASSIGN value) SEMI              # constItem
  | LET ident (COLON type)? ASSIGN value SEMI                             # letItem
  | STATE ident COLON stateKind (ASSIGN entries)? SEMI                    # stateItem
  | EVENT ident fieldList                                                 # eventItem
  | STRUCT ident fieldList                                                # structItem
  | ENUM ident (COLON type)? memberList                                   # enumItem
  | FLAGS ident (COLON type)? memberList                                  # flagsItem
  | FN ident parameters (ARROW type)? block                               # fnItem
  | SELECTOR ident COLON type (DEPTH INT)? SEMI                           # selectorItem
  | HEADER ident (ON place (COMMA place)*)? (WITHIN ident)? LBRACE headerMember* RBRACE  # headerItem
  | VIEW ident ASSIGN ident (PIPE ident)* LBRACE viewMember* RBRACE       # viewItem
  | ON path ident? attributes? block                                      # hookItem
  | CC ident attributes? LBRACE ccMember* RBRACE                          # ccItem
  | SWEEP ident OVER ident attributes? (EVERY expr)? block                # sweepItem
  | TEST STRING ON ident LBRACE testStep* RBRACE                          # testItem
  ;

// A function of a C header: `import c "policy.h" { … }`.
cFunction: FN ident parameters (ARROW type)? SEMI;
param: ident COLON type (ASSIGN value)?;
path: ident (DOT ident)*;
fieldList: LBRACE (field (COMMA field)*)? RBRACE;
field: ident COLON type (ASSIGN value)?;
memberList: LBRACE (member (COMMA member)*)? RBRACE;
member: ident (ASSIGN expr)?;
parameters: LPAREN (parameter (COMMA parameter)*)? RPAREN;
parameter: ident (COLON type)?;
attributes: LPAREN (attribute (COMMA attribute)*)? RPAREN;
attribute: ident COLON value;

type
  : path (LT type (COMMA type)* GT)?  # namedType
  | LPAREN type (COMMA type)+ RPAREN  # tupleType
  | LBRACKET type SEMI expr RBRACKET  # arrayType
  ;

// `per cpu counter<ipv4_addr>(lru: 1_000)`, `per socket u64`, `sockets(16)`.
stateKind: (PER ident)? type arguments?;
entries: LBRACE (entry (COMMA entry)*)? RBRACE;
entry: value (COLON value)?;

// --- Protocols ----------------------------------------------------------------

// Where a header is found: at the packet's start (`frame`), or behind a header
// that names it through a selector; `inner` begins an encapsulated packet.
place: INNER? ID (LPAREN expr (COMMA expr)* RPAREN)?;

headerMember
  : LAYOUT? ID COLON type (ASSIGN expr)? SEMI                             # headerField
  | LET ident ASSIGN expr SEMI                                            # headerProperty
  | REQUIRE expr SEMI                                                     # headerRequire
  | SIZE expr SEMI                                                        # headerSize
  | CHECKSUM ident ASSIGN expr SEMI                                       # headerChecksum
  | NEXT INNER? ID LPAREN expr RPAREN guard? SEMI                         # headerNext
  | EXTENT expr SEMI                                                      # headerExtent
  | OPTIONS LBRACE optionMember* RBRACE                                   # headerOptions
  | OPTION ident LPAREN expr (COMMA expr)* RPAREN LBRACE headerMember* RBRACE  # headerOption
  ;

optionMember
  : ID (COLON type | guard) SEMI  # optionNamed
  | SIZE expr SEMI                # optionSize
  ;

viewMember: ident COLON type (ASSIGN path (PIPE path)*)? SEMI;

ccMember
  : PER ident fieldList                       # ccState
  | ON? ident parameters (ARROW type)? block  # ccFunction
  ;

// --- Statements ---------------------------------------------------------------

block: LBRACE statement* RBRACE;

statement
  : LET ident (COLON type)? ASSIGN value SEMI               # letStatement
  | VAR ident (COLON type)? (ASSIGN value)? SEMI            # varStatement
  | IF condition block otherwise*                           # ifStatement
  | MATCH expr LBRACE arm* RBRACE                           # matchStatement
  | FOR ident IN expr block                                 # forStatement
  | CASE ident guard? block                                 # caseStatement
  | EMIT ident initializers? guard? SEMI                    # emitStatement
  | RETURN value? SEMI                                      # returnStatement
  | BREAK guard? SEMI                                       # breakStatement
  | CONTINUE guard? SEMI                                    # continueStatement
  | block                                                   # blockStatement
  | ACTION value (COMMA value)* guard? (SEMI | ELSE block)  # actionStatement
  | expr (assignOp value)? guard? (SEMI | ELSE block)       # expressionStatement
  ;

guard: WHEN expr;
// A plain `else` must be the last.
otherwise: ELSE (IF condition block | block);

condition
  : LET ident ASSIGN expr  # letCondition
  | expr                   # plainCondition
  ;

arm: (pattern (COMMA pattern)* | DEFAULT) FAT_ARROW statement;
pattern: expr;

assignOp
  : ASSIGN | ADD_ASSIGN | SUB_ASSIGN | MUL_ASSIGN | OR_ASSIGN | AND_ASSIGN | XOR_ASSIGN
  | SHL_ASSIGN | SHR_ASSIGN
  ;

// --- Expressions, tightest first -----------------------------------------------

// Where a struct literal may stand without parentheses. What stands before the
// initializers must be a path; the tree builder refuses the rest, so that no path
// is read twice.
// A set stands for itself or on the right of an operator: at the begin of a
// statement `{` is a block.
value: set | expr initializers?;
set: LBRACE (value (COMMA value)*)? RBRACE;
initializers: LBRACE (initializer (COMMA initializer)*)? RBRACE;
initializer: ident COLON value;

// Operators are read as a flat list, in which one token decides each step; the
// tree builder gives them their precedence. From tightest to loosest, binary ones
// leaning to the left:
//   .name  [index]  (arguments)     - ~ (before an operand)
//   as     * / %     + -     << >>     &     ^     |     .. ..<
//   == != < <= > >= in, not in, is, is not, has     (these can't be chained)
//   not     and     or     or_insert
expr: operand (binaryOp (operand | set) | AS castType)*;
operand: (MINUS | TILDE | NOT)* atom suffix*;
atom
  : ( INT | QUANTITY | FREQUENCY | IPV4 | IPV4_PREFIX | IPV6 | IPV6_PREFIX | MAC | STRING
    | TRUE | FALSE )                           # literalAtom
  | ident                                      # nameAtom
  | LPAREN value (COMMA value)* RPAREN         # groupAtom
  | LBRACKET (value (COMMA value)*)? RBRACKET  # arrayAtom
  ;
suffix
  : DOT (ident | INT)        # memberSuffix
  | LBRACKET value RBRACKET  # indexSuffix
  | arguments                # callSuffix
  ;
// `>>` is two tokens, so that `set<range<port>>` needs no blank.
binaryOp
  : STAR | SLASH | PERCENT | PLUS | MINUS | SHL | GT GT? | AMP | CARET | PIPE | DOTDOT | UNTIL
  | EQ | NE | LT | LE | GE | IN | NOT IN | IS NEGATION? | HAS | AND | OR | OR_INSERT
  ;
castType: path;

arguments: LPAREN (argument (COMMA argument)*)? RPAREN;
// `name: value`, or a value alone.
argument: value (COLON value)?;

// --- Tests --------------------------------------------------------------------

testStep
  : SEND packet ((ID | ACTION) INT)? SEMI  # sendStep
  | EXPECT expectation SEMI                # expectStep
  | GIVEN expr (ASSIGN value)? SEMI        # givenStep
  | expr (ASSIGN value)? SEMI              # stateStep
  ;

packet: layer (SLASH layer)*;
layer: ident (DOT ident)? (initializers | STRING | arguments)?;

expectation
  : EVENT ident initializers?  # eventExpectation
  | NOT EVENT ident?           # noEventExpectation
  | ACTION value               # phraseExpectation
  | expr (ASSIGN packet)?      # plainExpectation
  ;

// Words that are keywords only where they begin something of their own.
ident
  : ID | PIPELINE | MODULE | KERNEL | PARAM | STATE | EVENT | FLAGS | SELECTOR | HEADER | VIEW
  | OPTION | OPTIONS | LAYOUT | REQUIRE | NEXT | INNER | WITHIN | CHECKSUM | SIZE | EXTENT | DEPTH
  | TEST | CC | SWEEP | OVER | EVERY
  ;
