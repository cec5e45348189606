// Tokens of netc. A literal with a unit, an address or a prefix is one token, so
// that `10.0.0.0/8`, `fd00::/8`, `200/s` and `4KiB` can't be torn apart by blanks;
// that is also why a division is written with blanks.
lexer grammar NetcLexer;

// Tokens that no rule matches; the pass over the tokens makes them, so that one
// token is enough to choose an alternative of the parser:
//   ACTION    an ID that begins a statement or an expectation and is followed by
//             an operand on its line (`select workers[n]`, `drop congest`)
//   NEGATION  the `not` of `is not`
//   DEFAULT   the `else` of `else =>`
// It also makes an ID of a keyword that may be a name and stands before `:` or `=`.
//
// Keywords are identifiers with a kind of their own, and their kind's name in
// small letters: given to them after matching, which spares the lexer an automaton
// that was most of its start-up time. So are prefixes, which are addresses with a
// `/`, and link-layer addresses, which read like a part of IPv6 ones.
tokens {
  ACTION, NEGATION, DEFAULT,
  PIPELINE, MODULE, IMPORT, AS, KERNEL, CONST, PARAM, STATE, EVENT, STRUCT, ENUM,
  FLAGS, FN, SELECTOR, HEADER, VIEW, OPTION, LAYOUT, REQUIRE, NEXT, INNER, WITHIN,
  CHECKSUM, SIZE, EXTENT, DEPTH, ON, TEST, PER, CASE, CC, SWEEP, OVER, EVERY, OPTIONS,
  LET, VAR, IF, ELSE, MATCH, FOR, BREAK, CONTINUE, RETURN, EMIT, WHEN, SEND, EXPECT,
  GIVEN, AND, OR, NOT, IN, IS, HAS, OR_INSERT, TRUE, FALSE,
  IPV4_PREFIX, IPV6_PREFIX, MAC
}

// Numbers, quantities, addresses. The longest match decides.
fragment DIGIT: [0-9];
fragment DIGITS: DIGIT (DIGIT | '_')*;
fragment HEX: [0-9a-fA-F];
fragment LENGTH: '/' DIGIT+;  // of a prefix

INT: DIGITS | '0' [xX] [0-9a-fA-F_]+ | '0' [bB] [01_]+;
QUANTITY: DIGITS ('.' DIGIT+)? [a-zA-Z] [a-zA-Z0-9]*;
FREQUENCY: DIGITS ('.' DIGIT+)? '/' [a-zA-Z] [a-zA-Z0-9]*;
IPV4: DIGIT+ '.' DIGIT+ '.' DIGIT+ '.' DIGIT+ LENGTH?;
// Anything with two colons is meant as an address; the checker says what is wrong
// with one that is none. A single colon at the end is not part of it: `{ ::1: 5 }`.
IPV6
  : HEX* ':' (HEX* ':')+ HEX+ ('.' DIGIT+ '.' DIGIT+ '.' DIGIT+)? LENGTH?
  | (HEX+ (':' HEX+)*)? '::' LENGTH?
  ;
STRING: '"' CHAR* '"';
fragment CHAR: ~["\\\r\n] | '\\' ~[\r\n];

ID: [a-zA-Z_] [a-zA-Z0-9_]*;

UNTIL: '..<';
DOTDOT: '..';
ARROW: '->';
FAT_ARROW: '=>';
SHL_ASSIGN: '<<=';
SHR_ASSIGN: '>>=';
SHL: '<<';
EQ: '==';
NE: '!=';
LE: '<=';
GE: '>=';
ADD_ASSIGN: '+=';
SUB_ASSIGN: '-=';
MUL_ASSIGN: '*=';
OR_ASSIGN: '|=';
AND_ASSIGN: '&=';
XOR_ASSIGN: '^=';
ASSIGN: '=';
LT: '<';
GT: '>';
PLUS: '+';
MINUS: '-';
STAR: '*';
SLASH: '/';
PERCENT: '%';
AMP: '&';
PIPE: '|';
CARET: '^';
TILDE: '~';
LPAREN: '(';
RPAREN: ')';
LBRACE: '{';
RBRACE: '}';
LBRACKET: '[';
RBRACKET: ']';
COMMA: ',';
COLON: ':';
SEMI: ';';
DOT: '.';

// Kept for the formatter and for documentation; the parser doesn't see them.
DOC: '///' (~[/\r\n] ~[\r\n]*)? -> channel(HIDDEN);
COMMENT: '//' ~[\r\n]* -> channel(HIDDEN);
SPACE: [ \t\r\n]+ -> skip;

// What people write out of habit from other languages. Each is one token, so
// that it is reported once, with what to write here.
OPEN_STRING: '"' CHAR* '\\'?;
SINGLE_QUOTED: '\'' ~['\r\n]* '\'';
BLOCK_COMMENT: '/*' .*? ('*/' | EOF);
HASH_COMMENT: '#' ~[\r\n]*;
UNKNOWN: .;
