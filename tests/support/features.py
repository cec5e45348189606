"""What this machine can do, found out by doing it.

probe() maps each feature that a test may REQUIRE to None where the machine has
it, else to the reason why not: the reason a skipped test is shown with.
"""

import ctypes
import os
import platform
import re
import shutil
import struct
import subprocess

GUEST_KERNELS = ("6.1", "6.12")
BPF_SYSCALL = {"x86_64": 321, "aarch64": 280}
BPF_PROG_LOAD = 5
BPF_PROG_TYPE_XDP = 6


def guest_group(test):
    """Tests that are named for a kernel run in a guest, wherever they stand."""
    return "guest" if re.search(r"6\.\d+\.test$", test.path_in_suite[-1]) else None


def probe(root, build):
    found = {
        "root": _root(),
        "bpf": bpf(),
        "btf": _file("/sys/kernel/btf/vmlinux", "the running kernel has no BTF"),
        "netns": netns(),
        "fq": fq(),
        "clean-runs": None if os.environ.get("NETC_SLICE") else
                      "generated pipelines still find bugs (docs/proof.md, Open); NETC_SLICE=1 runs it",
        "libpcap": _library("libpcap.so.0.8"),
        "libxdp": _file("/usr/include/xdp/xsk.h", "libxdp-dev is not installed"),
        "scapy": _command(["/usr/bin/python3", "-c", "import scapy.all"]),
        "clang-19": _tool("clang-19"),
        "bpftool": _tool("bpftool"),
        "netc": _file(os.path.join(build, "bin", "netc"), "netc is not built"),
        "edge-firewall-c": _file(os.path.join(build, "bench", "edge_firewall_c", "edge_firewall"),
                                 "bench/edge_firewall_c is not built: that takes clang-19 and bpftool"),
    }
    for kernel in GUEST_KERNELS:
        run = os.path.join(root, "tools", "guest", "run")
        found[f"guest-{kernel}"] = _command([run, "--kernel", kernel, "--ready"])
    return found


def _root():
    return None if os.geteuid() == 0 else "not root"


def _file(path, why):
    return None if os.path.exists(path) else why


def _library(name):
    try:
        ctypes.CDLL(name)
    except OSError:
        return f"{name} is not installed"
    return None


def _tool(name):
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return None if shutil.which(name, path=path) else f"{name} is not installed"


def _command(argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else f"{argv[0]} exits with {done.returncode}"


def bpf():
    """Loads an XDP program of two instructions: r0 = XDP_PASS; exit."""
    number = BPF_SYSCALL.get(platform.machine())
    if number is None:
        return f"no BPF system call number is known for {platform.machine()}"
    program = ctypes.create_string_buffer(
        struct.pack("<BBhi", 0xB7, 0, 0, 2) + struct.pack("<BBhi", 0x95, 0, 0, 0), 16)
    licence = ctypes.create_string_buffer(b"Dual MIT/GPL")
    # union bpf_attr for BPF_PROG_LOAD up to prog_flags (include/uapi/linux/bpf.h).
    attributes = ctypes.create_string_buffer(struct.pack(
        "=IIQQIIQII", BPF_PROG_TYPE_XDP, 2, ctypes.addressof(program),
        ctypes.addressof(licence), 0, 0, 0, 0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(number, BPF_PROG_LOAD, attributes, len(attributes) - 1)
    if fd < 0:
        return f"the kernel refuses to load BPF: {os.strerror(ctypes.get_errno())}"
    os.close(fd)
    return None


def fq():
    """The queue that keeps packets until they may leave."""
    why = _command(["unshare", "-n", "tc", "qdisc", "add", "dev", "lo", "root", "fq"])
    return why and f"this kernel has no queue fq ({why})"


def netns():
    """Makes and removes a named namespace with a veth in it."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        return "iproute2 is not installed"
    name = f"netc-probe-{os.getpid()}"
    why = _command(["ip", "netns", "add", name])
    if why:
        return why
    try:
        return (_command(["ip", "-n", name, "link", "add", "probe0", "type", "veth", "peer", "name", "probe1"])
                or _command(["ip", "netns", "exec", name, "true"]))
    finally:
        _command(["ip", "netns", "del", name])
