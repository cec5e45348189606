"""Loads an object and runs its programs by BPF_PROG_TEST_RUN, through libbpf."""

import ctypes
import os

libbpf = ctypes.CDLL("libbpf.so.1", use_errno=True)
for _name in ("bpf_object__open_file", "bpf_object__next_program"):
    getattr(libbpf, _name).restype = ctypes.c_void_p
libbpf.bpf_program__name.restype = ctypes.c_char_p


class Options(ctypes.Structure):  # struct bpf_test_run_opts, libbpf's bpf.h
    _fields_ = [("sz", ctypes.c_size_t), ("data_in", ctypes.c_char_p), ("data_out", ctypes.c_void_p),
                ("data_size_in", ctypes.c_uint32), ("data_size_out", ctypes.c_uint32),
                ("ctx_in", ctypes.c_void_p), ("ctx_out", ctypes.c_void_p),
                ("ctx_size_in", ctypes.c_uint32), ("ctx_size_out", ctypes.c_uint32),
                ("retval", ctypes.c_uint32), ("repeat", ctypes.c_int), ("duration", ctypes.c_uint32),
                ("flags", ctypes.c_uint32), ("cpu", ctypes.c_uint32), ("batch_size", ctypes.c_uint32)]


class Object:
    def __init__(self, path):
        self.object = ctypes.c_void_p(libbpf.bpf_object__open_file(os.fsencode(path), None))
        result = libbpf.bpf_object__load(self.object)
        if result != 0:
            raise SystemExit(f"{path}: refused: {os.strerror(-result)}")
        self.programs = {}
        program = libbpf.bpf_object__next_program(self.object, None)
        while program:
            handle = ctypes.c_void_p(program)
            self.programs[libbpf.bpf_program__name(handle).decode()] = libbpf.bpf_program__fd(handle)
            program = libbpf.bpf_object__next_program(self.object, handle)

    def run(self, program, packet):
        """What the program returns for the packet."""
        options = Options(sz=ctypes.sizeof(Options), data_in=packet, data_size_in=len(packet), repeat=1)
        result = libbpf.bpf_prog_test_run_opts(self.programs[program], ctypes.byref(options))
        if result != 0:
            raise SystemExit(f"{program}: test run of {len(packet)} bytes: {os.strerror(-result)}")
        return options.retval
