typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u16 __sum16;
typedef __u32 __wsum;
typedef _Bool bool;

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

/* Hides from Clang what it knows of a value, lest it test what the value was derived
 * from instead, of which the verifier knows less.
 */
#define NETC_OPAQUE(value) asm volatile("" : "+r"(value))

/* No offset in a packet is larger. Said where a pointer is made of one, since what the
 * verifier found out before may be lost by then.
 */
#define NETC_BOUND(offset) asm volatile("%0 &= 0x7fff" : "+r"(offset))
