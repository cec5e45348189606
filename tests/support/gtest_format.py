"""A lit format that runs each case of a GoogleTest binary as a test of its own.

lit's own GoogleTest format runs cases in shards and drops the reason a case
gives to GTEST_SKIP; here a skipped case is shown with it.
"""

import os
import subprocess

import lit.Test
import lit.formats
import lit.util


class GoogleTestCases(lit.formats.base.TestFormat):
    def getTestsInDirectory(self, suite, path_in_suite, lit_config, local_config):
        directory = suite.getSourcePath(path_in_suite)
        for name in sorted(os.listdir(directory)):
            binary = os.path.join(directory, name)
            if not (os.path.isfile(binary) and os.access(binary, os.X_OK)):
                continue
            for case in _cases(binary) or ["it-lists-no-cases"]:
                yield lit.Test.Test(suite, path_in_suite + (name, case), local_config, binary)

    def execute(self, test, lit_config):
        case = test.path_in_suite[-1]
        argv = [test.file_path, f"--gtest_filter={case.replace('|', '/')}", "--gtest_color=no"]
        try:
            out, err, code = lit.util.executeCommand(
                argv, env=test.config.environment, timeout=lit_config.maxIndividualTestTime)
        except lit.util.ExecuteCommandTimeoutException as error:
            return lit.Test.TIMEOUT, f"{error.out}{error.err}"
        if code != 0:
            return lit.Test.FAIL, f"{' '.join(argv)}\n{out}{err}"
        if "[  SKIPPED ]" in out:
            return lit.Test.UNSUPPORTED, _skip_reason(out)
        if "[  PASSED  ] 1 test." not in out:
            return lit.Test.UNRESOLVED, f"{' '.join(argv)}\nran no case\n{out}{err}"
        return lit.Test.PASS, ""


def _cases(binary):
    """Names as --gtest_filter wants them, with `|` for `/`, which lit takes for a path."""
    listing = subprocess.run([binary, "--gtest_list_tests"], capture_output=True, text=True)
    cases, suite = [], ""
    for line in listing.stdout.splitlines():
        name = line.split("#")[0].strip()
        if not line.startswith(" "):
            suite = name
        elif "DISABLED_" not in suite + name:
            cases.append((suite + name).replace("/", "|"))
    return cases if listing.returncode == 0 else []


def _skip_reason(out):
    """The lines between `FILE:LINE: Skipped` and the next line of GoogleTest's own."""
    lines = iter(out.splitlines())
    for line in lines:
        if line.endswith(": Skipped"):
            reason = []
            for text in lines:
                if text.startswith("["):
                    break
                reason.append(text.strip())
            return "skipped: " + (" ".join(filter(None, reason)) or "no reason given")
    return "skipped: no reason given"
