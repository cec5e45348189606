"""without_bpf.py COMMAND...: runs a command whose first bpf() call kills it.

A seccomp filter, which the kernel keeps over exec and hands to every child.
"""

import ctypes
import os
import platform
import struct
import sys

import features

ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_* (include/uapi/linux/audit.h)
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
KILL_PROCESS, ALLOW = 0x80000000, 0x7FFF0000
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K


def forbid_bpf():
    machine = platform.machine()
    # struct seccomp_data: nr at 0, arch at 4.
    program = b"".join(struct.pack("=HBBI", *row) for row in (
        (LOAD, 0, 0, 4),
        (JUMP_IF_EQUAL, 1, 0, ARCHITECTURE[machine]),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, 0),
        (JUMP_IF_EQUAL, 0, 1, features.BPF_SYSCALL[machine]),
        (RETURN, 0, 0, KILL_PROCESS),
        (RETURN, 0, 0, ALLOW),
    ))
    rows = ctypes.create_string_buffer(program, len(program))
    filter_program = struct.pack("@HP", len(program) // 8, ctypes.addressof(rows))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or \
            libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_program, 0, 0):
        sys.exit(f"no seccomp filter here: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    forbid_bpf()
    os.execvp(sys.argv[1], sys.argv[1:])
