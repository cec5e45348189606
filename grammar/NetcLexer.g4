// Tokens of netc. A literal with a unit, an address or a prefix is one token, so
// that `10.0.0.0/8`, `fd00::/8`, `200/s` and `4KiB` can't be torn apart by blanks;
// that is also why a division is written with blanks.
lexer grammar NetcLexer;

// Tokens that no rule matches; the pass over the tokens makes them, so that two
// tokens are enough to choose an alternative of the parser:
//   ACTION    an ID that begins a statement or an expectation and is followed by
//             an operand (`select workers[n]`, `drop congest`); without it
//             `name (…) …` had to be read to its end to tell it from a call
//   NEGATION  the `not` of `is not`
tokens { ACTION, NEGATION }

PIPELINE: 'pipeline';
MODULE: 'module';
IMPORT: 'import';
AS: 'as';
KERNEL: 'kernel';
CONST: 'const';
PARAM: 'param';
STATE: 'state';
EVENT: 'event';
STRUCT: 'struct';
ENUM: 'enum';
FLAGS: 'flags';
FN: 'fn';
SELECTOR: 'selector';
HEADER: 'header';
VIEW: 'view';
OPTION: 'option';
LAYOUT: 'layout';
REQUIRE: 'require';
NEXT: 'next';
INNER: 'inner';
WITHIN: 'within';
CHECKSUM: 'checksum';
SIZE: 'size';
EXTENT: 'extent';
DEPTH: 'depth';
ON: 'on';
TEST: 'test';
PER: 'per';
CASE: 'case';
CC: 'cc';
SWEEP: 'sweep';
OVER: 'over';
EVERY: 'every';
OPTIONS: 'options';
LET: 'let';
VAR: 'var';
IF: 'if';
ELSE: 'else';
MATCH: 'match';
FOR: 'for';
BREAK: 'break';
CONTINUE: 'continue';
RETURN: 'return';
EMIT: 'emit';
WHEN: 'when';
SEND: 'send';
EXPECT: 'expect';
GIVEN: 'given';
AND: 'and';
OR: 'or';
NOT: 'not';
IN: 'in';
IS: 'is';
HAS: 'has';
OR_INSERT: 'or_insert';
TRUE: 'true';
FALSE: 'false';

// Numbers, quantities, addresses. The longest match decides.
fragment DIGIT: [0-9];
fragment DIGITS: DIGIT (DIGIT | '_')*;
fragment HEX: [0-9a-fA-F];
fragment H16: HEX HEX? HEX? HEX?;
fragment DOTTED: DIGIT+ '.' DIGIT+ '.' DIGIT+ '.' DIGIT+;
fragment LENGTH: '/' DIGIT+;

INT: DIGITS | '0' [xX] [0-9a-fA-F_]+ | '0' [bB] [01_]+;
QUANTITY: DIGITS ('.' DIGIT+)? [a-zA-Z] [a-zA-Z0-9]*;
FREQUENCY: DIGITS ('.' DIGIT+)? '/' [a-zA-Z] [a-zA-Z0-9]*;
IPV4: DOTTED;
IPV4_PREFIX: DOTTED LENGTH;
MAC: HEX HEX ':' HEX HEX ':' HEX HEX ':' HEX HEX ':' HEX HEX ':' HEX HEX;
fragment IPV6_TEXT
  : H16 ':' H16 ':' H16 ':' H16 ':' H16 ':' H16 ':' H16 ':' H16
  | H16 ':' H16 ':' H16 ':' H16 ':' H16 ':' H16 ':' DOTTED
  | (H16 (':' H16)*)? '::' (H16 (':' H16)* (':' DOTTED)? | DOTTED)?
  ;
IPV6: IPV6_TEXT;
IPV6_PREFIX: IPV6_TEXT LENGTH;
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
