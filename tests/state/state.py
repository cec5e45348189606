"""state.py SCENARIO NETC OBJECT: state of a pipeline that runs, on several processors.

Prints what was seen; an assertion fails where it is not what must be.
"""

import ctypes
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import netc_run
import netlab
import world as worlds

# enum bpf_cmd (include/uapi/linux/bpf.h)
PROG_TEST_RUN, PROG_GET_FD_BY_ID = 10, 13
SYS_BPF = 321
libc = ctypes.CDLL(None, use_errno=True)


class TestRun(ctypes.Structure):
    _fields_ = [("prog_fd", ctypes.c_uint32), ("retval", ctypes.c_uint32),
                ("size_in", ctypes.c_uint32), ("size_out", ctypes.c_uint32),
                ("data_in", ctypes.c_uint64), ("data_out", ctypes.c_uint64),
                ("repeat", ctypes.c_uint32), ("duration", ctypes.c_uint32), ("rest", ctypes.c_uint64 * 8)]


class ById(ctypes.Structure):
    _fields_ = [("id", ctypes.c_uint32), ("rest", ctypes.c_uint32 * 3)]


def bpf(command, attributes):
    result = libc.syscall(SYS_BPF, command, ctypes.byref(attributes), ctypes.sizeof(attributes))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def udp(source="10.0.0.1", dport=53):
    address = bytes(int(part) for part in source.split("."))
    ip = b"\x45\0" + (46).to_bytes(2, "big") + b"\0\0\0\0\x40\x11\0\0" + address + b"\x0a\0\0\2"
    return (b"\xff" * 6 + b"\x02\0\0\0\0\1" + b"\x08\0" + ip + b"\0\x07" +
            dport.to_bytes(2, "big") + (26).to_bytes(2, "big") + b"\0\0" + bytes(18))


def run_on(cpu, program, times):
    """Runs a program on one processor, from this thread."""
    os.sched_setaffinity(0, {cpu})
    frame = ctypes.create_string_buffer(udp(), 60)
    while times > 0:
        some = min(times, 50_000)
        bpf(PROG_TEST_RUN, TestRun(prog_fd=program, size_in=60, data_in=ctypes.addressof(frame), repeat=some))
        times -= some


class Pipeline:
    def __init__(self, lab, netc, path, *options):
        self.lab, self.netc = lab, netc
        self.run = netc_run.NetcRun(lab.inside(lab.right, [netc, "run", path, "--mode", "any", *options]),
                                    count_rules=False)

    def __enter__(self):
        self.run.__enter__()
        return self

    def __exit__(self, *error):
        self.run.__exit__(*error)

    def state(self, *words, fails=False):
        pid = str(self.run._process.pid)
        argv = [self.netc, "state", *words, *([pid] if words == ("list",) else ["--pipeline", pid])]
        done = subprocess.run(self.lab.inside(self.lab.right, argv), capture_output=True, text=True)
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    def entries(self, name):
        return [json.loads(line) for line in self.state("show", name, "--json").splitlines()]


def concurrent(netc, path):
    cpus = sorted(os.sched_getaffinity(0))
    each = 200_000
    with netlab.Lab("netc-state") as lab, Pipeline(lab, netc, path) as pipeline:
        runs = 0
        for report in pipeline.run.attached:
            # A test run of XDP can be preempted, which a packet's can't: one a processor.
            fd = bpf(PROG_GET_FD_BY_ID, ById(id=report["program_id"]))
            threads = [threading.Thread(target=run_on, args=(cpu, fd, each)) for cpu in cpus]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            runs += each * len(threads)
        reports = pipeline.run.counters()
        totals = reports["totals"]
        assert totals["total"] == runs, totals
        assert totals["mine"] == runs, totals
        assert totals["passed"] == 1000, totals
        assert totals["passed_bytes"] == 100_000 // 60, totals
        print("counters are exact, and no budget is overspent")
        assert reports["histograms"]["sizes"] == [{"from": 32, "to": 63, "count": runs}], reports
        by_port = pipeline.entries("by_port")
        assert by_port == [{"type": "entry", "key": 53, "value": runs}], by_port
        assert pipeline.entries("timed") == by_port
        buckets = [{"from": 0, "to": 9, "count": runs}]
        assert pipeline.entries("own_sizes") == [{"type": "entry", "key": 53, "buckets": buckets}]
        # Who loses a compare-and-exchange eight times says so, and is counted as lost.
        lost = totals["lost"]
        table, own = pipeline.entries("table"), pipeline.entries("own")
        values = {entry["key"]: entry["value"] for entry in table}
        assert values[1]["packets"] == runs and values[1]["bytes"] == runs * 60, table
        odd = values[1]["odd"] + own[0]["value"]["odd"]
        assert odd == 3 * (2 * runs - lost), (odd, runs, lost)
        assert own[0]["value"]["packets"] == runs, own
        flow = pipeline.entries("flows")[0]["value"]
        assert flow["packets"] == runs and flow["bytes"] == (-60 * runs) % 2**64, flow
        print("changes in one step are exact")


def write(folder, name, lines):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
    return path


def swap(netc, path):
    common = [f"10.1.{n // 250}.{n % 250}" for n in range(9_000)]
    with tempfile.TemporaryDirectory() as folder, netlab.Lab("netc-state") as lab, \
            Pipeline(lab, netc, path) as pipeline, lab.packet_socket(lab.left) as raw:
        files = [write(folder, f"{side}.csv", ["key", *common, *(f"10.{side}.{n // 250}.{n % 250}" for n in range(9_000))])
                 for side in (2, 3)]
        owners = [write(folder, f"{n}.json", [json.dumps([{"key": "10.0.0.1", "value": n}])]) for n in (2, 3)]
        stop = threading.Event()

        def send():
            n = 0
            while not stop.is_set():
                raw.send(udp(common[n % len(common)]))
                n += 7

        sender = threading.Thread(target=send)
        sender.start()
        try:
            for n in range(12):
                pipeline.state("swap", "listed", files[n % 2])
                pipeline.state("swap", "owners", owners[n % 2])
        finally:
            stop.set()
            sender.join()
        totals = pipeline.run.counters()["totals"]
        assert totals["missed"] == 0 and totals["found"] > 1000, totals
        print("no packet sees a set that is half filled")
        assert {entry["key"] for entry in pipeline.entries("owned")} == {1, 2, 3}
        held = {entry["key"] for entry in pipeline.entries("listed")}
        assert len(held) == 18_000 and "10.3.0.7/32" in held and "10.2.0.7/32" not in held
        print("what was there before is gone")
        pipeline.state("add", "listed", "10.9.0.0/16")
        assert len(pipeline.entries("listed")) == 18_001
        wrong = write(folder, "wrong.csv", ["key", "10.0.0.0/8", "10.0.0.300"])
        print(pipeline.state("swap", "listed", wrong, fails=True).replace(folder, "FOLDER").strip())
        many = write(folder, "many.csv", ["key", *(str(n) for n in range(101))])
        print(pipeline.state("swap", "ports", many, fails=True).replace(folder, "FOLDER").strip())
        print(pipeline.state("swap", "fixed", many, fails=True).strip())
        assert len(pipeline.entries("listed")) == 18_001
        print("a file that is wrong changes nothing")


def swap_structs(netc, path):
    with tempfile.TemporaryDirectory() as folder, netlab.Lab("netc-state") as lab, \
            Pipeline(lab, netc, path) as pipeline:
        for n in 2, 3:
            pipeline.state("swap", "owners", write(folder, "owners.csv", ["key,uid,port", f"10.0.0.{n},{n},80"]))
            print(pipeline.state("show", "owners").strip())
        print("\n".join(line.strip() for line in pipeline.state("list").splitlines()[2:]))


def files(netc, path):
    with tempfile.TemporaryDirectory() as folder, netlab.Lab("netc-state") as lab:
        rows = write(folder, "rows.csv", ["key,counts,at", '1,"[1, 2, 3]",5s', '2,"[4, 5, 6]",6s'])
        more = write(folder, "more.json", ['{ "3": { "counts": [7, 8, 9], "at": "7s" } }'])
        listed = write(folder, "listed.json", ['["10.0.0.0/8",', ' "192.0.2.7"]'])
        waiting = write(folder, "waiting.csv", ["value", "6", "7"])
        held = write(folder, "held.json", ["[1,", " 2]"])
        loads = [f"--load={name}={file}" for name, file in
                 (("rows", rows), ("rows", more), ("listed", listed), ("waiting", waiting), ("held", held))]
        with Pipeline(lab, netc, path, *loads) as pipeline:
            for name in ("rows", "listed", "waiting", "held"):
                print(f"{name}:", ", ".join(sorted(pipeline.state("show", name).splitlines())))
            print("waiting:", ", ".join(pipeline.state("pop", "waiting", "--count", "9").splitlines()))
            print("waiting:", pipeline.state("pop", "waiting") or "nothing")
            pipeline.state("add", "waiting", "3", "4")
            print("held:", pipeline.state("pop", "held", "--json").strip())
            print("sizes:", pipeline.state("add", "sizes", "1=2", fails=True).strip())
            with lab.packet_socket(lab.left) as raw:
                raw.send(udp("11.0.0.1"))
                raw.send(udp("11.0.0.1"))
            pipeline.run.counters()  # by then both have come
            time.sleep(0.5)  # and what the source put into `banned` has gone
            print("\n".join(line.rstrip() for line in pipeline.state("list").splitlines()[2:]))
            print(pipeline.state("show", "sizes").rstrip())
            print(pipeline.state("show", "sizes", "--json").strip())
            for n in range(8):
                pipeline.state("add", "banned", f"10.0.0.{n}")
                time.sleep(0.05)
            time.sleep(0.5)
            assert pipeline.state("show", "banned") == ""
            # What has expired was freed: as many as it holds find room again.
            pipeline.state("add", "banned", *(f"10.1.0.{n}" for n in range(8)))
            print("what has expired is freed")
        wrong = {"rows.csv": ["key,counts,at", '1,"[1, 2]",5s'], "listed.json": ['["10.0.0.0/8",', ' "10.0.0.1/8"]'],
                 "waiting.csv": ["value", "1", "x"], "held.json": ["[1, 65536]"], "banned.json": ["[", "", '"::1" ]'],
                 "sizes.csv": ["key,value"]}
        for name, lines in wrong.items():
            argv = [netc, "run", path, "--load", f"{name.split('.')[0]}={write(folder, name, lines)}"]
            done = subprocess.run(lab.inside(lab.right, argv), capture_output=True, text=True)
            assert done.returncode == 2, done
            print(done.stderr.replace(folder, "FOLDER").strip())


def ring(netc, path):
    def entry(n, weight=None):
        return f"(10.0.0.2, ({n}, 10.0.1.{n}))" + ("" if weight is None else f"={weight}")

    with netlab.Lab("netc-state") as lab, Pipeline(lab, netc, path) as pipeline, lab.packet_socket(lab.left) as raw:
        def picks(ports):
            before = {each["key"]: each["value"] for each in pipeline.entries("picked")}
            for port in ports:
                raw.send(udp(dport=port))
            time.sleep(0.3)
            after = {each["key"]: each["value"] for each in pipeline.entries("picked")}
            return {n: count - before.get(n, 0) for n, count in after.items() if count > before.get(n, 0)}

        ports = range(1, 4001)
        assert picks(ports) == {1: 4000}
        stop = threading.Event()

        def send():
            while not stop.is_set():
                for port in range(1, 60_000, 7):
                    raw.send(udp(dport=port))

        sender = threading.Thread(target=send)
        sender.start()
        try:
            for _ in range(3):
                changes = [threading.Thread(target=pipeline.state, args=("add", "backends", entry(n, 10)))
                           for n in range(2, 10)]
                for change in changes:
                    change.start()
                for change in changes:
                    change.join()
                for n in range(4, 10):
                    pipeline.state("remove", "backends", entry(n))
        finally:
            stop.set()
            sender.join()
        time.sleep(0.3)
        totals = pipeline.run.counters()["totals"]
        assert totals["absent"] == 0, totals
        # One may be overtaken between its two lookups, if the processor is taken from it.
        assert totals["strangers"] < 5, totals
        print("each packet found a member that was one")
        thirds = picks(ports)
        assert set(thirds) == {1, 2, 3} and all(abs(n - 4000 / 3) < 200 for n in thirds.values()), thirds
        print("who changed the ring at once with others lost nothing")
        pipeline.state("add", "backends", entry(2, 0), entry(3, 30))
        drained = picks(ports)
        assert set(drained) == {1, 3} and abs(drained[3] - 3000) < 200, drained
        assert pipeline.state("show", "backends").count("\n") == 3
        print("a drained member is there, and has no bucket; the others have theirs by weight")
        print(pipeline.state("remove", "backends", entry(5), fails=True).strip())
        for n in 1, 3:
            pipeline.state("remove", "backends", entry(n))
        assert picks(ports) == {} and pipeline.run.counters()["totals"]["absent"] == 4000
        print("without members there is none")
def until(netc, path):
    """One frame of 60 bytes: of a minute's event, of 8 and of 480 bits a second."""
    with netlab.Lab("netc-state") as lab, Pipeline(lab, netc, path) as pipeline:
        with lab.packet_socket(lab.left) as raw:
            raw.send(udp())
        pipeline.run.counters()  # by then it has come
        time.sleep(1.1)
        for name, least, most in (("events", 45, 60), ("bytes", 45, 60), ("whole", 0, 0)):
            shown = pipeline.state("show", name).strip()
            rest = re.fullmatch(r"(10\.0\.0\.1 = )?whole( again in (\d+)(ms|s))?", shown)
            assert rest, shown
            seconds = int(rest[3]) / {"ms": 1000, "s": 1}[rest[4]] if rest[3] else 0
            assert least <= seconds <= most, shown
            print(f"{name}: {shown.replace(rest[2], ' in less than a minute') if rest[2] else shown}")


def paced(netc, path):
    """All processors put packets on one line. The first occupies it until long after all have begun, so that it is never
    free: then its word is the first packet's time and what all have cost, if no two got the same time."""
    cpus = sorted(os.sched_getaffinity(0))
    each, cost = 100_000, 16 * 20_000  # 60 bytes at 24 Mbit/s take 20 us
    with netlab.Lab("netc-state") as lab, Pipeline(lab, netc, path) as pipeline:
        fd = bpf(PROG_GET_FD_BY_ID, ById(id=pipeline.run.attached[0]["program_id"]))
        first = ctypes.create_string_buffer(udp(dport=1), 60)
        bpf(PROG_TEST_RUN, TestRun(prog_fd=fd, size_in=60, data_in=ctypes.addressof(first), repeat=1))
        threads = [threading.Thread(target=run_on, args=(cpu, fd, each)) for cpu in cpus]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        totals = pipeline.run.counters()["totals"]
        line, began = pipeline.entries("line")[0]["value"], pipeline.entries("began")[0]["value"]
        assert totals["late"] < each // 100, totals  # who loses eight times
        runs = each * len(threads) - totals["late"]
        assert line - 16 * began == 16 * 1_200_000_000 + runs * cost, (line - 16 * began, runs, totals)
        print("each packet has its own time")
        lines = pipeline.state("show", "line"), pipeline.state("show", "by_port")
        assert re.fullmatch(r"free again in \d+m?s\n", lines[0]), lines
        assert lines[1] == "1 = free\n", lines
        listed = pipeline.state("list")
        assert "pacer  free again in " in " ".join(listed.split()).replace("pacer ", "pacer  "), listed
        assert "pacer<port>" in listed, listed
        print(pipeline.state("add", "by_port", "1=2", fails=True).strip())
        pipeline.state("remove", "by_port", "1")
        assert pipeline.state("show", "by_port") == ""


def segments(netc, path):
    """Of two packets the second departs when the first has passed: the time between tells what the first counted."""
    # offsets in struct __sk_buff (include/uapi/linux/bpf.h)
    size, tstamp, wire_len, gso_segs, gso_size = 192, 152, 160, 164, 176
    packet = ctypes.create_string_buffer(udp() + bytes(1014 - 60), 1014)

    def departs(program, given):
        context, after = (ctypes.create_string_buffer(size) for _ in range(2))
        for offset, value in given.items():
            context[offset:offset + 4] = value.to_bytes(4, "little")
        run = TestRun(prog_fd=program, size_in=1014, data_in=ctypes.addressof(packet), repeat=1)
        run.rest[0], run.rest[1], run.rest[2] = size | size << 32, ctypes.addressof(context), ctypes.addressof(after)
        bpf(PROG_TEST_RUN, run)
        return int.from_bytes(after[tstamp:tstamp + 8], "little")

    cases = {"out": {"one segment": {gso_segs: 1, wire_len: 4542, gso_size: 300},
                     "of 3 full ones": {gso_segs: 3, wire_len: 4542, gso_size: 300},
                     "the kernel says less": {gso_segs: 3}},
             "group": {"one segment": {gso_segs: 1, gso_size: 300}, "of 3 full ones": {gso_segs: 3, gso_size: 316},
                       "the last is short": {gso_segs: 3, gso_size: 400}}}
    with worlds.World("netc-state") as world:
        with Pipeline(world, netc, path, "--attr", f"group.cgroup={world.cgroup}") as pipeline:
            for report in pipeline.run.attached:
                fd = bpf(PROG_GET_FD_BY_ID, ById(id=report["program_id"]))
                for what, given in cases[report["program"]].items():
                    for _ in range(50):  # so that the line is occupied for some time
                        departs(fd, {gso_segs: 1})
                    between = -departs(fd, given) + departs(fd, {gso_segs: 1})
                    print(f"{report['program']}: {what}: {round(between / 1000)} bytes")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
