"""A `netc run --json` in the background, and what it has said."""

import json
import signal
import subprocess
import threading
import time

INTERVAL = 0.05  # seconds between counters


class NotPermitted(Exception):
    """The kernel doesn't let this process load or attach BPF programs."""


class RunFailed(Exception):
    pass


class NetcRun:
    """Starts on entry and is attached when `with` begins; on exit all is detached.

    `argv` is the command up to `run`'s own arguments, e.g. ["netc", "run", FILE].
    """

    def __init__(self, argv, count_rules=True):
        self._argv = [*argv, "--json", *(["--count-rules"] if count_rules else []),
                      "--interval", f"{int(INTERVAL * 1000)}ms"]
        self._changed = threading.Condition()
        self.attached, self.events, self.warnings, self.audited = [], [], [], []
        self._error = None
        self._ended = False
        self._counters, self._counter_reports = None, 0

    def __enter__(self):
        self._process = subprocess.Popen(self._argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                         text=True, start_new_session=True)
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self._wait(lambda: self.attached or self._ended, 60, "attaching")
            if not self.attached:
                self._raise_failure()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """Ends it as Ctrl-C does; by force only if that takes too long."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def counters(self):
        """Counters that were read after this call: the second report from now on.

        The next one may have been read before, and been on its way.
        """
        with self._changed:
            wanted = self._counter_reports + 2
        self._wait(lambda: self._counter_reports >= wanted or self._ended, 10, "counters")
        if self._ended:
            self._raise_failure()
        return self._counters

    def _wait(self, condition, seconds, what):
        deadline = time.monotonic() + seconds
        with self._changed:
            while not condition():
                if not self._changed.wait(deadline - time.monotonic()):
                    raise RunFailed(f"netc run says nothing of {what} in {seconds} s")

    def _raise_failure(self):
        self._process.wait()
        text = self._process.stderr.read().strip()
        if self._error:
            text = "\n".join([self._error["message"], *self._error.get("details", [])])
        if self._process.returncode == 6:
            raise NotPermitted(text)
        raise RunFailed(f"netc run ends with {self._process.returncode}: {text}")

    def _read(self):
        for line in self._process.stdout:
            report = json.loads(line)
            with self._changed:
                self._take(report)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _take(self, report):
        kind = report["type"]
        if kind == "attached":
            self.attached.append(report)
        elif kind == "event":
            self.events.append(report)
        elif kind == "audit":
            self.audited.append(report)
        elif kind == "warning":
            self.warnings.append(report["message"])
        elif kind == "error":
            self._error = report
        elif kind == "counters":
            self._counters = report
            self._counter_reports += 1
