"""A small world for a pipeline: two namespaces on a wire, a cgroup, and processes in them."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import traceback

import netlab

LEFT, RIGHT = ("10.44.0.1", "fd44::1"), ("10.44.0.2", "fd44::2")


def cgroup_root(undo):
    """Where cgroup v2 is mounted; mounts it for the test's time where it is not."""
    with open("/proc/self/mounts") as mounts:
        for line in mounts:
            fields = line.split()
            if fields[2] == "cgroup2":
                return fields[1]
    path = tempfile.mkdtemp(prefix="netc-fire-cgroup-")
    undo.callback(os.rmdir, path)
    subprocess.run(["mount", "-t", "cgroup2", "none", path], check=True)
    undo.callback(subprocess.run, ["umount", path], check=True)
    return path


class World(netlab.Lab):
    def __enter__(self):
        with contextlib.ExitStack() as undo:
            super().__enter__()
            undo.callback(super().__exit__)
            for name, (ipv4, ipv6) in ((self.left, LEFT), (self.right, RIGHT)):
                with netlab.inside(name), open("/proc/sys/net/ipv6/conf/wire/disable_ipv6", "w") as off:
                    off.write("0")
                netlab.ip("-n", name, "link", "set", "lo", "up")
                netlab.ip("-n", name, "addr", "add", f"{ipv4}/24", "dev", "wire")
                netlab.ip("-n", name, "addr", "add", f"{ipv6}/64", "dev", "wire", "nodad")
            self.cgroup = os.path.join(cgroup_root(undo), f"netc-fire-{os.getpid()}")
            os.mkdir(self.cgroup)
            undo.callback(os.rmdir, self.cgroup)
            self.directory = tempfile.mkdtemp(prefix="netc-fire-")
            undo.callback(shutil.rmtree, self.directory)
            self._undo = undo.pop_all()
        return self

    def __exit__(self, *_):
        self._undo.close()

    def run(self, work, *, where=None, cgroup=True):
        """Runs `work()` in a process of the cgroup and a namespace (the left one)."""
        process = self.start(work, where=where, cgroup=cgroup)
        if wait(process) != 0:
            raise RuntimeError(f"{getattr(work, '__name__', work)} failed")

    def start(self, work, *, where=None, cgroup=True):
        process = os.fork()
        if process:
            return process
        code = 1
        try:
            if cgroup:
                with open(os.path.join(self.cgroup, "cgroup.procs"), "w") as members:
                    members.write(str(os.getpid()))
            socket.setdefaulttimeout(10)
            with netlab.inside(where or self.left):
                work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)


def wait(process):
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
