import json
import os

import lit.formats

config.name = "inner"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".check"]
config.test_exec_root = os.path.join(lit_config.params["build"], "test-output")
with open(os.path.join(config.test_exec_root, "missing-features.json"), "w") as out:
    json.dump({"moonlight": "the moon is not in"}, out)
