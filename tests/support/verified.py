"""verified.py [--count-rules] [--audit] [--most N] OBJECT...: loads objects and says what the verifier read.

One line a program: the object's name, the program's, the instructions that the verifier followed
(bpf_prog_info.verified_insns) and those of the program as loaded. Ends with 1 where the kernel
refuses an object, or where a program took more than N instructions to verify.
"""

import argparse
import ctypes
import os
import pathlib
import struct
import sys

INFO_BYTES = 256
XLATED_BYTES_AT = 20  # of struct bpf_prog_info, include/uapi/linux/bpf.h
VERIFIED_AT = 216
FLAGS = {"count_rules": "netc_count_rules", "audit": "netc_audit"}

bpf = ctypes.CDLL("libbpf.so.1", use_errno=True)
Print = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
for name in ("bpf_object__open_file", "bpf_object__find_map_by_name", "bpf_object__next_program",
             "bpf_map__initial_value", "bpf_object__btf"):
    getattr(bpf, name).restype = ctypes.c_void_p
bpf.bpf_program__name.restype = ctypes.c_char_p


def pointer(value):
    return ctypes.c_void_p(value)


def variable_offset(path, wanted):
    """Of a variable in .rodata, from the object's symbols."""
    data = path.read_bytes()
    sections_at, = struct.unpack_from("<Q", data, 40)
    size, count, names = struct.unpack_from("<HHH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, sections_at + i * size) for i in range(count)]
    for _, kind, _, _, at, length, link, _, _, entry in sections:
        if kind != 2:
            continue
        for symbol in range(at, at + length, entry):
            name, _, _, section, value, _ = struct.unpack_from("<IBBHQQ", data, symbol)
            begin = sections[link][4] + name
            if data[begin:data.index(b"\0", begin)].decode() == wanted:
                return value
    return None


def set_flag(object_, path, name):
    offset = variable_offset(path, name)
    if offset is None:
        sys.exit(f"{path.name}: no variable {name}")
    size = ctypes.c_size_t()
    rodata = bpf.bpf_object__find_map_by_name(pointer(object_), b".rodata")
    value = bpf.bpf_map__initial_value(pointer(rodata), ctypes.byref(size))
    (ctypes.c_uint8 * size.value).from_address(value)[offset] = 1


def programs(object_):
    program = bpf.bpf_object__next_program(pointer(object_), None)
    while program:
        info = (ctypes.c_uint8 * INFO_BYTES)()
        length = ctypes.c_uint32(INFO_BYTES)
        fd = bpf.bpf_program__fd(pointer(program))
        if fd >= 0 and bpf.bpf_obj_get_info_by_fd(fd, info, ctypes.byref(length)) == 0:
            raw = bytes(info)
            yield (bpf.bpf_program__name(pointer(program)).decode(),
                   struct.unpack_from("<I", raw, VERIFIED_AT)[0],
                   struct.unpack_from("<I", raw, XLATED_BYTES_AT)[0] // 8)
        program = bpf.bpf_object__next_program(pointer(object_), pointer(program))


def every_object(paths):
    """A folder stands for the objects in it."""
    for path in paths:
        yield from sorted(path.glob("*.o")) if path.is_dir() else [path]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count-rules", action="store_true")
    parser.add_argument("--audit", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="print libbpf's own messages")
    parser.add_argument("--most", type=int)
    parser.add_argument("objects", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    if not options.verbose:
        bpf.libbpf_set_print(None)
    good = True
    for path in every_object(options.objects):
        object_ = bpf.bpf_object__open_file(os.fsencode(path), None)
        for flag, name in FLAGS.items():
            if getattr(options, flag):
                set_flag(object_, path, name)
        result = bpf.bpf_object__load(pointer(object_))
        if result != 0:
            print(f"{path.name}: refused: {os.strerror(-result)}")
            good = False
        else:
            for name, verified, loaded in programs(object_):
                print(f"{path.name} {name}: {verified} verified, {loaded} loaded")
                good &= options.most is None or verified <= options.most
        bpf.bpf_object__close(pointer(object_))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
