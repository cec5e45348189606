// Grammar of netc. It says what is a sentence; what is legal (names, types,
// verdicts, hooks) is the checker's. The words that hooks give to the language
// (verdicts, effects, fields) are plain identifiers here: hooks are data.
//
// Two tokens are enough to know which alternative begins, everywhere but in
// lists with a trailing comma: keep it so, prediction is most of a parse's time.
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
  : IMPORT path (AS ident)? SEMI                                          # importItem
  | KERNEL INT DOT INT SEMI                                               # kernelItem
  | CONST? PARAM ident COLON type (ASSIGN value)? SEMI                    # paramItem
  | CONST ident (COLON type)? ASSIGN value SEMI                           # constItem
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

path: ident (DOT ident)*;
fieldList: LBRACE (field (COMMA field)* COMMA?)? RBRACE;
field: ident COLON type (ASSIGN value)?;
memberList: LBRACE (member (COMMA member)* COMMA?)? RBRACE;
member: ident (ASSIGN expr)?;
parameters: LPAREN (parameter (COMMA parameter)*)? RPAREN;
parameter: ident (COLON type)?;
attributes: LPAREN (attribute (COMMA attribute)* COMMA?)? RPAREN;
attribute: ident COLON value;

type
  : path (LT type (COMMA type)* GT)?  # namedType
  | LPAREN type (COMMA type)+ RPAREN  # tupleType
  | LBRACKET type SEMI expr RBRACKET  # arrayType
  ;

// `per cpu counter<ipv4_addr>(lru: 1_000)`, `per socket u64`, `sockets(16)`.
stateKind: (PER ident)? type arguments?;
entries: LBRACE (entry (COMMA entry)* COMMA?)? RBRACE;
entry: value (COLON value)?;

// --- Protocols ----------------------------------------------------------------

// Where a header is found: at the packet's start (`frame`), or behind a header
// that names it through a selector; `inner` begins an encapsulated packet.
place: INNER? ident (LPAREN expr (COMMA expr)* RPAREN)?;

headerMember
  : LAYOUT? ident COLON type (ASSIGN expr)? SEMI                          # headerField
  | LET ident ASSIGN expr SEMI                                            # headerProperty
  | REQUIRE expr SEMI                                                     # headerRequire
  | SIZE expr SEMI                                                        # headerSize
  | CHECKSUM ident ASSIGN expr SEMI                                       # headerChecksum
  | NEXT INNER? ident LPAREN expr RPAREN guard? SEMI                      # headerNext
  | EXTENT expr SEMI                                                      # headerExtent
  | OPTIONS LBRACE optionMember* RBRACE                                   # headerOptions
  | OPTION ident LPAREN expr (COMMA expr)* RPAREN LBRACE headerMember* RBRACE  # headerOption
  ;

optionMember
  : ident COLON type SEMI  # optionField
  | SIZE expr SEMI         # optionSize
  | ident guard SEMI       # optionMark
  ;

viewMember: ident COLON type (ASSIGN path (PIPE path)*)? SEMI;

ccMember
  : PER ident fieldList                       # ccState
  | ON? ident parameters (ARROW type)? block  # ccFunction
  ;

// --- Statements ---------------------------------------------------------------

block: LBRACE statement* RBRACE;

statement
  : LET ident (COLON type)? ASSIGN value SEMI                    # letStatement
  | VAR ident (COLON type)? ASSIGN value SEMI                    # varStatement
  | IF condition block (ELSE IF condition block)* (ELSE block)?  # ifStatement
  | MATCH expr LBRACE arm* RBRACE                                # matchStatement
  | FOR ident IN expr block                                      # forStatement
  | CASE ident guard? block                                      # caseStatement
  | EMIT ident initializers? guard? SEMI                         # emitStatement
  | RETURN value? SEMI                                           # returnStatement
  | BREAK guard? SEMI                                            # breakStatement
  | CONTINUE guard? SEMI                                         # continueStatement
  | block                                                        # blockStatement
  | ACTION value (COMMA value)* guard? (SEMI | ELSE block)       # actionStatement
  | expr (assignOp value)? guard? (SEMI | ELSE block)            # expressionStatement
  ;

guard: WHEN expr;

condition
  : LET ident ASSIGN expr  # letCondition
  | expr                   # plainCondition
  ;

arm: (pattern (COMMA pattern)* | ELSE) FAT_ARROW statement;
pattern: expr;

assignOp
  : ASSIGN | ADD_ASSIGN | SUB_ASSIGN | MUL_ASSIGN | OR_ASSIGN | AND_ASSIGN | XOR_ASSIGN
  | SHL_ASSIGN | SHR_ASSIGN
  ;

// --- Expressions, tightest first -----------------------------------------------

// Where a struct literal may stand without parentheses. What stands before the
// initializers must be a path; the tree builder refuses the rest, so that no path
// is read twice.
value: expr initializers?;
initializers: LBRACE (initializer (COMMA initializer)* COMMA?)? RBRACE;
initializer: ident COLON value;

// One left-recursive rule: ANTLR turns it into a loop over precedences, which is
// several times cheaper than a rule a level. `a < b < c` parses and is refused
// by the tree builder, and so is `a > > b`.
expr
  : ( INT | QUANTITY | FREQUENCY | IPV4 | IPV4_PREFIX | IPV6 | IPV6_PREFIX | MAC | STRING
    | TRUE | FALSE )                                  # literalExpr
  | ident                                             # nameExpr
  | LPAREN value (COMMA value)* RPAREN                # groupExpr
  | LBRACE (value (COMMA value)* COMMA?)? RBRACE      # setExpr
  | LBRACKET (value (COMMA value)* COMMA?)? RBRACKET  # arrayExpr
  | expr DOT (ident | INT)                            # memberExpr
  | expr LBRACKET value RBRACKET                      # indexExpr
  | expr arguments                                    # callExpr
  | (MINUS | TILDE) expr                              # prefixExpr
  | expr AS castType                                  # castExpr
  | expr (STAR | SLASH | PERCENT) expr                # binaryExpr
  | expr (PLUS | MINUS) expr                          # binaryExpr
  | expr (SHL | GT GT) expr                           # binaryExpr
  | expr AMP expr                                     # binaryExpr
  | expr CARET expr                                   # binaryExpr
  | expr PIPE expr                                    # binaryExpr
  | expr (DOTDOT | UNTIL) expr                        # rangeExpr
  | expr comparisonOp expr                            # comparisonExpr
  | NOT expr                                          # notExpr
  | expr AND expr                                     # andExpr
  | expr OR expr                                      # orExpr
  | expr OR_INSERT expr                               # orInsertExpr
  ;
// Without type arguments: `x as u32 < y` compares.
castType: path;
comparisonOp: EQ | NE | LT | LE | GT | GE | IN | NOT IN | IS | IS NEGATION | HAS;

arguments: LPAREN (argument (COMMA argument)* COMMA?)? RPAREN;
argument: (ident COLON)? value;

// --- Tests --------------------------------------------------------------------

testStep
  : SEND packet (ident INT)? SEMI  # sendStep
  | EXPECT expectation SEMI        # expectStep
  | GIVEN expr ASSIGN value SEMI   # givenStep
  | expr (ASSIGN value)? SEMI      # stateStep
  ;

packet: layer (SLASH layer)*;
layer: ident (initializers | STRING | arguments)?;

expectation
  : EVENT ident initializers?  # eventExpectation
  | NOT EVENT ident?           # noEventExpectation
  | ident ASSIGN packet        # packetExpectation
  | ACTION value               # phraseExpectation
  | expr                       # plainExpectation
  ;

// Words that are keywords only where they begin something of their own.
ident
  : ID | PIPELINE | MODULE | KERNEL | PARAM | STATE | EVENT | FLAGS | SELECTOR | HEADER | VIEW
  | OPTION | OPTIONS | LAYOUT | REQUIRE | NEXT | INNER | WITHIN | CHECKSUM | SIZE | EXTENT | DEPTH
  | TEST | SEND | EXPECT | GIVEN | PER | CC | SWEEP | OVER | EVERY
  ;
