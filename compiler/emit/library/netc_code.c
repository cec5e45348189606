/* Clang may keep the verdict beside another value, where the verifier loses what it knows
 * of it: no code is larger.
 */
#define NETC_CODE(verdict, most) asm volatile("%0 &= %1" : "+r"(verdict) : "i"(most))
